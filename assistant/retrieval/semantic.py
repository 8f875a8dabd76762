"""Keeps the encoder and the store's vectors together: embeds, and holds the index of them.

The encoder is loaded when it is first needed. Vectors that another encoder made are made anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from assistant.retrieval import embeddings
from assistant.retrieval.cache import SegmentCache
from assistant.retrieval.chunking import Chunk
from assistant.retrieval.errand import Errand
from assistant.retrieval.growing import GrowingIndex, Sizes
from assistant.retrieval.store import Store
from assistant.retrieval.vectors import Vectors

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

    ``warn`` is told when the vectors of another encoder, or parts of the index, had to be made
    anew.
    """

    def __init__(
        self,
        store: Store,
        encoder: Encoder | Callable[[], Encoder],
        lock: threading.RLock,
        warn: Callable[[str], None],
        sizes: Sizes,
    ) -> None:
        self._store = store
        self._given = encoder
        self._lock = lock
        self._warn = warn
        self._sizes = sizes
        self._growing = Errand("grow", self._grow)
        self._loading = threading.Lock()
        self._encoder: Encoder | None = None
        self._index: GrowingIndex | None = None
        self._revision = 0

    def embed(self, chunks: Sequence[Chunk], note: str, progress: ProgressCallback) -> Vectors:
        """Embed passages with their headings, (n, dimensions); takes no lock while it works."""
        texts = [_embedded(chunk.heading, chunk.text) for chunk in chunks]
        return _encode(self._ready(), texts, note, progress)

    def query(self, text: str) -> Vectors:
        """Embed what is searched for, (dimensions,)."""
        vector: Vectors = self._ready().encode([text])[0]
        return vector

    def fresh(self) -> GrowingIndex:
        """Return the index as the store is now, other processes' changes included.

        The caller holds the lock for as long as it uses the index.
        """
        revision = self._store.revision()
        if self._index is None:
            encoder = self._ready()
            self._index = GrowingIndex(
                self._store,
                self._lock,
                encoder.fingerprint,
                encoder.dimensions,
                self._warn,
                self._sizes,
            )
        elif revision != self._revision:
            self._index.follow()
        else:
            return self._index
        self._revision = revision
        self._make_room(self._index)
        return self._index

    def change(self, gone: Sequence[int]) -> None:
        """Follow a change of the store, which lost these passages; the caller holds the lock."""
        if self._index is not None:
            self._index.change(gone)
            self._make_room(self._index)

    def wipe(self) -> None:
        """Let no file hold vectors of passages that the store does not; the caller has the lock."""
        if self._index is None:
            SegmentCache(self._store).wipe_removed()

    def differs(self, mend: bool) -> bool:
        """Say whether the index differs from the store; if it is to ``mend``, it is made anew."""
        self._ready()
        with self._lock:
            index = self.fresh()
        wrong = index.unsound()
        if wrong and mend:
            with self._lock:
                index.abandon()
                self._make_room(index)
        return wrong

    def forget(self) -> None:
        """Read the vectors again when they are next needed."""
        with self._lock:
            self._index = None

    def close(self) -> None:
        """End what goes on in the background; nobody holds the lock."""
        self._growing.stop()

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._ready().dimensions

    def _make_room(self, index: GrowingIndex) -> None:
        if index.crowded:
            self._growing.ask()

    def _grow(self, stopped: Callable[[], bool]) -> None:
        index = self._index
        if index is not None:
            index.grow(lambda: stopped() or index is not self._index)

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
            numbers = [number for number, _, _ in passages]
            embeddings.replace(self._store.connection, numbers, vectors)
            self._store.set_meta("encoder", encoder.fingerprint)
            SegmentCache(self._store).forget()


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
