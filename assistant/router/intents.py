"""Which intent an instruction has: a linear classifier on what it means and how it is spelt.

The classifier is multinomial logistic regression (Bishop, Pattern Recognition and Machine
Learning, 2006, section 4.3.4) over the encoder's embedding of the instruction, which knows
paraphrases, beside its hashed character n-grams, which know the form of words and survive
misspelling. The examples it was trained on stay with it, so that a decision can name the nearest.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.errors import ModelError
from assistant.private_files import make_folder
from assistant.router.utterances import ABOUT_TEXT, MATERIAL, TALK, Utterance, fingerprint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

STRENGTH = 10.0  # inverse regularisation, chosen by cross-validation on the utterances
BUCKETS = 2**14
LENGTHS = (2, 3, 4, 5)
SEED = 0
TYPING_ERRORS = 0.06  # a letter, in the misspelt copy of each utterance
WORDS = 60  # an instruction's first words


class Encodes(Protocol):
    """The part of the encoder that routing needs."""

    @property
    def fingerprint(self) -> str:
        """Hash of the encoder's weights."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one L2-normalised row per text."""


@dataclass(frozen=True)
class Intents:
    """A trained intent classifier.

    ``weights`` is (dimensions + BUCKETS + 1, intents): the embedding's rows, the n-grams', the
    bias. ``examples`` is (utterances, dimensions), with the line and the intent of each row in
    ``lines`` and ``targets``.
    """

    names: tuple[str, ...]
    weights: Matrix
    examples: Matrix
    lines: tuple[str, ...]
    targets: tuple[str, ...]
    trained_on: str
    encoder: str

    def probabilities(self, texts: Sequence[str], embeddings: Matrix) -> Matrix:
        """Return (texts, intents), rows adding up to 1; ``embeddings`` are those of ``texts``."""
        import numpy as np

        dimensions = embeddings.shape[1]
        logits = embeddings @ self.weights[:dimensions] + self.weights[-1]
        for row, text in enumerate(texts):
            buckets, values = ngrams(text)
            logits[row] += values @ self.weights[dimensions:-1][buckets]
        logits -= logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits)
        return exponentials / exponentials.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]

    @cached_property
    def readers(self) -> tuple[str, ...]:
        """The intents that work on a text alone, as sentiment does."""
        return tuple(name for name in self.names if name not in {*TALK, ABOUT_TEXT, MATERIAL})

    @cached_property
    def _places(self) -> dict[str, NDArray[np.intp]]:
        """Intent → the rows of its examples."""
        import numpy as np

        targets = np.asarray(self.targets)
        return {name: (targets == name).nonzero()[0] for name in self.names}

    def nearest(self, embedding: Matrix, intent: str) -> str:
        """Return the example of ``intent`` nearest to ``embedding`` (dimensions,)."""
        places = self._places.get(intent)
        if places is None or not len(places):
            return ""
        best = int((self.examples[places] @ embedding).argmax())
        return self.lines[int(places[best])]

    def save(self, folder: Path) -> None:
        """Write the classifier to ``folder`` as safetensors and JSON."""
        import numpy as np
        from safetensors.numpy import save_file

        make_folder(folder)
        tensors: dict[str, Any] = {
            "weights": self.weights,
            "examples": self.examples.astype(np.float16),
        }
        save_file(tensors, str(folder / "router.safetensors"))
        about = {
            "names": self.names,
            "trained_on": self.trained_on,
            "encoder": self.encoder,
            "lines": self.lines,
            "targets": self.targets,
        }
        (folder / "router.json").write_text(json.dumps(about, ensure_ascii=False, indent=0))

    @classmethod
    def load(cls, folder: Path) -> Intents:
        """Read what ``save`` wrote.

        Raises:
            ModelError: the files are missing or damaged.

        """
        import numpy as np
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            tensors = load_file(str(folder / "router.safetensors"))
            about: Mapping[str, list[str] | str] = json.loads(
                (folder / "router.json").read_text("utf-8")
            )
            return cls(
                names=tuple(about["names"]),
                weights=tensors["weights"],
                examples=tensors["examples"].astype(np.float32),
                lines=tuple(about["lines"]),
                targets=tuple(about["targets"]),
                trained_on=str(about["trained_on"]),
                encoder=str(about["encoder"]),
            )
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ModelError(
                f"The router in {folder} cannot be read ({type(error).__name__}). "
                "Make a new one with: python -m assistant train router"
            ) from None


def ngrams(text: str) -> tuple[NDArray[np.intp], Matrix]:
    """Return the buckets of a text's character n-grams and their values, of length 1 together.

    N-grams of 2 to 5 characters stay within words, whose ends count as blanks (the ``char_wb``
    analyser of scikit-learn); a bucket's value grows with the logarithm of its count.
    """
    import numpy as np

    counts = np.zeros(BUCKETS, dtype=np.float32)
    for word in text.lower().split()[:WORDS]:
        padded = f" {word} "
        for length in LENGTHS:
            for start in range(max(1, len(padded) - length + 1)):
                counts[zlib.crc32(padded[start : start + length].encode()) % BUCKETS] += 1
    buckets = counts.nonzero()[0]
    values = np.log1p(counts[buckets])
    norm = max(float(np.linalg.norm(values)), 1e-9)
    return buckets, (values / norm).astype(np.float32)


def misspell(text: str, draw: random.Random) -> str:
    """Return the text as a hasty typist writes it: letters lost, doubled, swapped; lower case."""
    letters = list(text.lower())
    for _ in range(max(1, round(len(letters) * TYPING_ERRORS))):
        place = draw.randrange(len(letters)) if letters else 0
        if not letters or not letters[place].isalpha():
            continue
        match draw.randrange(3):
            case 0:
                del letters[place]
            case 1:
                letters.insert(place, letters[place])
            case _:
                other = min(place + 1, len(letters) - 1)
                letters[place], letters[other] = letters[other], letters[place]
    return "".join(letters)


def train(utterances: Sequence[Utterance], encoder: Encodes) -> Intents:
    """Fit the classifier to ``utterances``; the same input gives the same classifier."""
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    draw = random.Random(SEED)
    right = [example.instruction for example in utterances]
    texts = [*right, *(misspell(text, draw) for text in right)]
    embeddings = encoder.encode(texts)
    targets = [example.intent for example in utterances]
    spelling = np.zeros((len(texts), BUCKETS), dtype=np.float32)
    for row, text in enumerate(texts):
        buckets, values = ngrams(text)
        spelling[row, buckets] = values
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    model.fit(hstack([csr_matrix(embeddings), csr_matrix(spelling)]).tocsr(), targets * 2)
    weights = np.vstack([model.coef_.T, model.intercept_[None, :]]).astype(np.float32)
    return Intents(
        names=tuple(str(name) for name in model.classes_),
        weights=weights,
        examples=embeddings[: len(right)],
        lines=tuple(example.line for example in utterances),
        targets=tuple(targets),
        trained_on=fingerprint(utterances),
        encoder=encoder.fingerprint,
    )
