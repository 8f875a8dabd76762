"""Keeps the encoder and the store's vectors together: embeds, and holds the index in memory.

The encoder is loaded when it is first needed. Vectors that another encoder made are made anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from assistant.retrieval.chunking import Chunk
from assistant.retrieval.store import Store
from assistant.retrieval.vectors import VectorIndex, Vectors

ProgressCallback = Callable[[int, int, str], None]
_BATCH = 128  # passages embedded between two words of progress


class Encoder(Protocol):
    """What the library needs of an encoder."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> str:
        """A hash of the weights: vectors of different fingerprints cannot be compared."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of unit length for each text, (n, dimensions)."""


class SemanticIndex:
    """The vectors of all passages of ``store``; ``lock`` guards the store and the index.

    ``warn`` is told when the vectors of another encoder had to be replaced.
    """

    def __init__(
        self,
        store: Store,
        encoder: Encoder | Callable[[], Encoder],
        lock: threading.RLock,
        warn: Callable[[str], None],
    ) -> None:
        self._store = store
        self._given = encoder
        self._lock = lock
        self._warn = warn
        self._loading = threading.Lock()
        self._encoder: Encoder | None = None
        self._index: VectorIndex | None = None
        self._revision = 0

    def embed(self, chunks: Sequence[Chunk], note: str, progress: ProgressCallback) -> Vectors:
        """Embed passages with their headings, (n, dimensions); takes no lock while it works."""
        texts = [_embedded(chunk.heading, chunk.text) for chunk in chunks]
        return _encode(self._ready(), texts, note, progress)

    def query(self, text: str) -> Vectors:
        """Embed what is searched for, (dimensions,)."""
        vector: Vectors = self._ready().encode([text])[0]
        return vector

    def fresh(self) -> VectorIndex:
        """Return the index as the store is now, other processes' changes included.

        The caller holds the lock for as long as it uses the index.
        """
        revision = self._store.revision()
        if self._index is None or revision != self._revision:
            index = VectorIndex(self._ready().dimensions)
            index.add(*self._store.vectors(index.dimensions))
            self._index, self._revision = index, revision
        return self._index

    def change(self, gone: Sequence[int], come: Sequence[int]) -> None:
        """Follow a change of the store by the numbers of passages; the caller holds the lock."""
        if self._index is not None:
            self._index.remove(gone)
            if come:
                self._index.add(*self._store.vectors(self._index.dimensions, come))

    def forget(self) -> None:
        """Read the vectors again when they are next needed."""
        with self._lock:
            self._index = None

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._ready().dimensions

    def _ready(self) -> Encoder:
        with self._loading:
            if self._encoder is None:
                encoder = self._given() if callable(self._given) else self._given
                self._adopt(encoder)
                self._encoder = encoder
            return self._encoder

    def _adopt(self, encoder: Encoder) -> None:
        with self._lock:
            before = self._store.meta("encoder")
            if before == encoder.fingerprint:
                return
            passages = self._store.embeddable()
        if before is not None and passages:
            self._warn(
                f"The encoder has changed, so all {len(passages)} passages of the library are "
                "embedded anew from their stored texts. This happens once."
            )
        texts = [_embedded(heading, text) for _, heading, text in passages]
        vectors = _encode(encoder, texts, "", _say_nothing)
        with self._lock, self._store.transaction():
            self._store.set_vectors([number for number, _, _ in passages], vectors)
            self._store.set_meta("encoder", encoder.fingerprint)


def _encode(
    encoder: Encoder, texts: Sequence[str], note: str, progress: ProgressCallback
) -> Vectors:
    parts = [np.empty((0, encoder.dimensions), dtype=np.float32)]
    for start in range(0, len(texts), _BATCH):
        progress(start, len(texts), note)
        parts.append(encoder.encode(texts[start : start + _BATCH]))
    progress(len(texts), len(texts), note)
    return np.concatenate(parts)


def _embedded(heading: str, text: str) -> str:
    return f"{heading}: {text}" if heading else text


def _say_nothing(done: int, total: int, note: str) -> None:
    pass
