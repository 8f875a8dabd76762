"""The nearest passages by cosine, however many there are.

Up to ``Sizes.exact`` passages are searched exactly, in memory. Beyond, most lie in segments, each
for a range of numbers; only the newest are in memory, until they make a segment of their own. What
segments find is compared by the exact vectors, out of the store. A small segment at the end is
merged with what comes after it, so that what is done for a passage grows with the logarithm of
their number, and so does the number of segments.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import StorageError
from assistant.retrieval import embeddings
from assistant.retrieval.cache import Names, SegmentCache
from assistant.retrieval.grouping import StoppedError, build
from assistant.retrieval.schema import LARGE
from assistant.retrieval.segments import Segment, SegmentError
from assistant.retrieval.store import Store
from assistant.retrieval.vectors import Ids, VectorIndex, Vectors

log = logging.getLogger("assistant")

_FEW = 2_000  # a search limited to so many passages reads all their vectors


@dataclass(frozen=True, slots=True)
class Sizes:
    """When passages move from memory into segments, and when opening no longer reads the store."""

    exact: int = 50_000  # so many passages need no segments
    newest: int = 10_000  # where there are segments, so many may wait in memory for the next
    store: int = LARGE  # bytes: a larger store is checked in the background


SIZES = Sizes()


@dataclass(frozen=True, slots=True)
class Plan:
    """A segment to be built, of the passages ``numbers``, to come after the first ``kept``."""

    names: Names  # of all segments now
    kept: int
    numbers: Ids


class GrowingIndex:
    """The vectors of the passages of ``store``, all made by the encoder of this fingerprint.

    The caller holds ``lock``, except for ``grow`` and ``unsound``. ``warn`` is told what could
    not be used.
    """

    def __init__(
        self,
        store: Store,
        lock: threading.RLock,
        encoder: str,
        dimensions: int,
        warn: Callable[[str], None],
        sizes: Sizes,
    ) -> None:
        self._store = store
        self._lock = lock
        self._encoder = encoder
        self._dimensions = dimensions
        self._warn = warn
        self._sizes = sizes
        self._cache = SegmentCache(store)
        self._segments: list[Segment] = []
        self._last = 0  # the highest number that was taken in
        self._writable = True
        self._open()

    def __len__(self) -> int:
        return len(self._newest) + sum(map(len, self._segments))

    def search(
        self, query: Vectors, k: int, among: Iterable[int] | None = None
    ) -> tuple[Ids, Vectors]:
        """Return the ids of the ``k`` nearest vectors and their cosines, best first.

        ``among`` limits the search to those ids. Fewer than ``k`` come back if there are fewer.
        """
        wanted = None if among is None else np.unique(np.fromiter(among, dtype=np.int64))
        if wanted is not None and len(wanted) <= _FEW:
            return self._nearest(query, wanted, k)
        parts = [segment.search(query, 2 * k, wanted) for segment in self._segments]
        newest = self._newest.search(query, k, wanted)
        if not parts:
            return newest
        rough, _ = _best(parts, 2 * k)
        return _best([self._nearest(query, rough, k), newest], k)

    def get(self, ids: Sequence[int]) -> Vectors:
        """Return the vectors of these ids, exactly as the store has them; zeros if it has not."""
        found, vectors = embeddings.pick(self._store.connection, self._dimensions, ids)
        rows = {int(number): row for number, row in zip(found, vectors, strict=True)}
        nothing = np.zeros(self._dimensions, dtype=np.float32)
        return np.array([rows.get(number, nothing) for number in ids], dtype=np.float32).reshape(
            -1, self._dimensions
        )

    def change(self, gone: Iterable[int]) -> None:
        """Follow a change of the store: take in what is new, forget ``gone``, also on the disk."""
        self._drop(np.fromiter(gone, dtype=np.int64))
        for ids, vectors in embeddings.read(
            self._store.connection, self._dimensions, after=self._last
        ):
            self._newest.add(ids, vectors)
            self._last = int(ids[-1])

    def follow(self) -> None:
        """Follow whatever another process has done to the store."""
        if self._store.meta("encoder") != self._encoder:
            raise StorageError(
                "Another program has embedded the library anew, with another encoder. "
                "Start this program again to go on with that one."
            )
        if self._cache.names() != self._names:
            self._open()
            return
        self.change(())
        # Every new passage is known by now, so a difference is what was removed.
        if len(self) != embeddings.count(self._store.connection):
            held = np.concatenate([*(segment.ids for segment in self._segments), self._newest.ids])
            self._drop(np.setdiff1d(held, embeddings.numbers(self._store.connection)))

    @property
    def crowded(self) -> bool:
        """Whether ``grow`` has something to do."""
        if not self._writable:
            return False
        most = self._sizes.newest if self._segments else self._sizes.exact
        return len(self._newest) > most or any(segment.hollow for segment in self._segments)

    def grow(self, stopped: Callable[[], bool]) -> None:
        """Move the passages that are in memory into a segment; takes the lock for moments.

        Does nothing if there are few, and gives up if another process does the same.
        """
        with self._lock:
            if not self.crowded:
                return
            plan = self._plan()
            if not len(plan.numbers):
                self._rename(plan.names, plan.names[: plan.kept])
                self._open()
                return
        folder = self._cache.new()
        try:
            with closing(self._reader()) as connection:
                build(folder, connection, plan.numbers, self._dimensions, self._encoder, stopped)
            self._use(plan, folder, stopped)
        except (StoppedError, SegmentError) as error:
            log.info("library: a segment %s", error if str(error) else "was not finished")
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, sqlite3.Error, StorageError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            self._writable = False
            self._warn(
                f"The search index could not be written: {error}. Searching takes longer until "
                "it can be. Make room on the disk, and start the program again."
            )
        else:
            log.info("library: a segment of %d passages was built", len(plan.numbers))

    def unsound(self) -> bool:
        """Say whether a segment differs from the store anywhere, by reading all of both."""
        with self._lock:
            segments = tuple(self._segments)
        with closing(self._reader()) as connection:
            for segment in filter(len, segments):
                first, last = int(segment.ids[0]), int(segment.ids[-1])
                for ids, vectors in embeddings.read(connection, self._dimensions, first - 1, last):
                    here = np.isin(ids, segment.ids)
                    if not segment.holds(ids[here], vectors[here]):
                        return True
        return False

    def abandon(self) -> None:
        """Name no segment any more, so that they are made anew."""
        self._rename(self._cache.names(), ())
        self._open()

    def _nearest(self, query: Vectors, ids: Ids, k: int) -> tuple[Ids, Vectors]:
        """Return the nearest of these ids, and their cosines, by their exact vectors."""
        found, vectors = embeddings.pick(self._store.connection, self._dimensions, ids)
        return _best([(found, vectors @ query)], k)

    def _reader(self) -> sqlite3.Connection:
        uri = f"{self._store.path.resolve().as_uri()}?mode=ro"
        return sqlite3.connect(uri, uri=True, timeout=30, check_same_thread=False)

    def _plan(self) -> Plan:
        hollow = [place for place, segment in enumerate(self._segments) if segment.hollow]
        kept = hollow[0] if hollow else len(self._segments)
        size = len(self._newest) + sum(map(len, self._segments[kept:]))
        while kept and len(self._segments[kept - 1]) < 2 * size:
            kept -= 1
            size += len(self._segments[kept])
        ids = [segment.ids for segment in self._segments[kept:]]
        return Plan(self._names, kept, np.sort(np.concatenate([*ids, self._newest.ids])))

    def _use(self, plan: Plan, folder: Path, stopped: Callable[[], bool]) -> None:
        """Name the segment that was built, if it can be read, instead of those that it replaces."""
        Segment(folder, self._encoder)
        with self._lock:
            if stopped():  # and the store may be closed
                raise StoppedError
            now = (*plan.names[: plan.kept], (folder.name, int(plan.numbers[-1])))
            self._cache.rename(plan.names, now, self._encoder)
            self._open()

    def _open(self) -> None:
        """Open the segments that the store names, and read what is newer than they."""
        opened = {segment.folder.name: segment for segment in self._segments}
        names = self._cache.names()
        self._segments = []
        if embeddings.count(self._store.connection) > self._sizes.exact:
            numbers = embeddings.numbers(self._store.connection)
            first = 0
            for name, last in names:
                try:
                    segment = opened.get(name) or Segment(self._cache.folder / name, self._encoder)
                    self._segments.append(self._cache.sound(segment, (first, last), numbers))
                except SegmentError as error:
                    self._warn(
                        f"A part of the search index, {self._cache.folder / name}, {error}. It is "
                        "made anew from the store; until then searching takes longer."
                    )
                    break
                first = last
        self._names = names[: len(self._segments)]
        if names != self._names:
            self._rename(names, self._names)
        self._cache.sweep(self._names)
        self._newest = VectorIndex(self._dimensions)
        self._last = self._names[-1][1] if self._names else 0
        self.change(())

    def _rename(self, before: Names, now: Names) -> None:
        with suppress(SegmentError):  # overtaken: the next search follows what the other did
            self._cache.rename(before, now, self._encoder)

    def _drop(self, ids: Ids) -> None:
        self._newest.remove(ids)
        for segment in self._segments:
            segment.wipe(ids)


def _best(parts: Sequence[tuple[Ids, Vectors]], k: int) -> tuple[Ids, Vectors]:
    """Join ids and scores; return the ``k`` ids of the highest scores, and those, best first."""
    ids, scores = (np.concatenate(each) for each in zip(*parts, strict=True))
    chosen = np.argsort(-scores, kind="stable")[:k]
    return ids[chosen], scores[chosen]
