"""A tokenizer and a model with a head from the Hugging Face hub, checked and run on batches.

Knows files, tokens and logits; what they mean is for ``hub``, ``entailment`` and ``blanks``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelError
from assistant.models.hub_files import get
from assistant.models.runtime import Tick
from assistant.models.tokens import whole

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    Array = np.ndarray[Any, np.dtype[np.float32]]

BATCH = 16  # rows
LONGEST = 512  # tokens of a row, for models that name no limit
HEADS = {
    "SequenceClassification": "classifying texts",
    "TokenClassification": "labelling words",
    "QuestionAnswering": "answering questions",
    "MaskedLM": "filling blanks",
    "Seq2SeqLM": "writing one text from another",
}


class HubModel:
    """A model loaded by name or from a folder; on a GPU if there is one.

    Attributes:
        name: as it was asked for.
        folder: where its files lie.
        labels: those of the head, in the order of its outputs.
        longest: tokens that one row may have.

    Raises:
        ModelError: it cannot be had (see ``hub_files``), is damaged, or has another head.
    """

    runtime = "transformers"

    def __init__(self, kind: str, name: str) -> None:
        import torch
        import transformers

        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        self.name = name
        self.folder = get(name)
        trusted = {"local_files_only": True, "trust_remote_code": False}
        loader = getattr(transformers, f"AutoModelFor{kind}")
        with _readable(name, self.folder):
            self.tokenizer: PreTrainedTokenizerFast = transformers.AutoTokenizer.from_pretrained(
                self.folder, **trusted
            )
            config = transformers.AutoConfig.from_pretrained(self.folder, **trusted)
        with _readable(name, self.folder, _headless(name, kind, config)):
            model, report = loader.from_pretrained(
                self.folder,
                config=config,
                use_safetensors=True,
                output_loading_info=True,
                **trusted,
            )
        if report["missing_keys"]:  # transformers would go on with random weights
            raise ModelError(_headless(name, kind, config))
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model: PreTrainedModel = model.eval().to(self.device)
        self.labels = tuple(str(config.id2label[i]) for i in range(config.num_labels))
        self.longest = min(
            self.tokenizer.model_max_length,
            getattr(config, "max_position_embeddings", None) or LONGEST,
        )

    def encode(self, *texts: Sequence[str], **options: Any) -> Any:
        """Return the token rows of texts or pairs; what is too long goes on in further rows."""
        columns = [[whole(text) for text in column] for column in texts]
        options = {"max_length": self.longest, "truncation": True, **options}
        return self.tokenizer(*columns, return_overflowing_tokens=True, **options)

    def run(self, encoded: Any, tick: Tick | None = None) -> Iterator[list[Array]]:
        """Yield the logits of each row, one array a head; ``tick`` gets the rows done."""
        import torch

        names = [name for name in self.tokenizer.model_input_names if name in encoded]
        count = len(encoded["input_ids"])
        for start in range(0, count, BATCH):
            rows = {name: encoded[name][start : start + BATCH] for name in names}
            inputs = self.tokenizer.pad(rows, return_tensors="pt").to(self.device)
            with torch.inference_mode():
                outputs = self.model(**inputs)
            heads = [
                array.float().cpu().numpy()
                for name, array in outputs.items()
                if name.endswith("logits")
            ]
            yield from (list(arrays) for arrays in zip(*heads, strict=True))
            if tick:
                tick(min(start + BATCH, count))

    def windows(
        self, texts: Sequence[str], tick: Tick | None = None
    ) -> Iterator[tuple[int, int, Array]]:
        """Yield (text, tokens, logits) of each window of each text, read whole, shortest first.

        ``tick`` is called now and then with the number of windows done.
        """
        encoded = self.encode(texts) if texts else {}
        owners = encoded.get("overflow_to_sample_mapping", [])
        rows = sorted(
            zip(owners, encoded.get("input_ids", []), strict=True), key=lambda row: len(row[1])
        )
        inputs = {"input_ids": [ids for _, ids in rows]}
        for (owner, ids), (logits, *_) in zip(rows, self.run(inputs, tick), strict=True):
            yield owner, len(ids), logits


def _headless(name: str, kind: str, config: Any) -> str:
    made_as = ", ".join(config.architectures or [config.model_type])
    return (
        f"The model {name} was made as {made_as} and has no trained head for {HEADS[kind]}. "
        "Choose a model made for this task with --models."
    )


@contextmanager
def _readable(name: str, folder: Path, headless: str = "") -> Iterator[None]:
    """Say in words what is wrong with the files of a model that does not load."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        detail = (str(error) or type(error).__name__).strip().splitlines()[0][:200]
        if headless and detail.startswith("Unrecognized configuration class"):
            raise ModelError(headless) from error
        raise ModelError(
            f"The model {name} cannot be loaded from {folder}: {detail} "
            "If a file is damaged or missing, delete that folder to have the model downloaded "
            "again; if the model is of a kind that transformers does not know, choose another."
        ) from error
