"""The folder of segments beside the store: which of them the store names, and what is done to all.

Segments are a cache of the store. The store names them in one transaction; what it does not name
is deleted, and what is named but unusable is named no longer.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.retrieval import embeddings
from assistant.retrieval.segments import Segment, SegmentError
from assistant.retrieval.store import Store
from assistant.retrieval.vectors import Ids

Names = tuple[tuple[str, int], ...]  # of each segment its name and the last of its numbers

_KEY = "segments"
_NAME = re.compile(r"[0-9a-f]{16}")
_PROOFS = 64  # vectors of a segment that are compared with the store when it is opened


class SegmentCache:
    """The segments of ``store``; the caller holds the lock that guards the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.folder: Path = store.path.with_suffix(".vectors")

    def names(self) -> Names:
        """Return the segments in the order of their passages' numbers."""
        try:
            named = json.loads(self._store.meta(_KEY) or "[]")
            names = tuple((str(name), int(last)) for name, last in named)
        except (ValueError, TypeError):
            return ()
        # A name is a path, which no other program that writes the store may choose.
        return names if all(_NAME.fullmatch(name) for name, _ in names) else ()

    def new(self) -> Path:
        """Return a folder for another segment, not yet made."""
        return self.folder / secrets.token_hex(8)

    def rename(self, before: Names, now: Names, encoder: str) -> None:
        """Name these segments instead of those ``before``.

        Raises:
            SegmentError: another process has changed them, or the encoder.

        """
        with self._store.transaction():
            if self.names() != before or self._store.meta("encoder") != encoder:
                raise SegmentError("was overtaken by another process")
            self._store.set_meta(_KEY, json.dumps(now))

    def forget(self) -> None:
        """Name no segment; the caller has a transaction open."""
        self._store.set_meta(_KEY, "[]")

    def sound(self, segment: Segment, between: tuple[int, int], numbers: Ids) -> Segment:
        """Return the segment if it fits the store, whose passages have these ``numbers``.

        It should hold those of them with between[0] < number ≤ between[1]. What it holds of
        removed passages is wiped.

        Raises:
            SegmentError: it does not fit.

        """
        first, last = between
        segment.wipe(np.setdiff1d(segment.ids, numbers, assume_unique=True))
        if not np.array_equal(segment.ids, numbers[(numbers > first) & (numbers <= last)]):
            raise SegmentError("is damaged (it does not hold the passages that it should)")
        wanted = segment.ids[:: max(1, len(segment) // _PROOFS)]
        found, vectors = embeddings.pick(self._store.connection, segment.info.dimensions, wanted)
        if not segment.holds(found, vectors):
            raise SegmentError("is damaged (it does not hold the vectors that it should)")
        return segment

    def sweep(self, names: Names) -> None:
        """Delete the segments that are none of these.

        Should another process be building one of them, it gives up and begins again.
        """
        named = {name for name, _ in names}
        for folder in self._folders():
            if folder.name not in named:
                shutil.rmtree(folder, ignore_errors=True)

    def wipe_removed(self) -> None:
        """Wipe what the files hold of passages that the store does not have."""
        names = self.names()
        self.sweep(names)
        if not names:
            return
        numbers = embeddings.numbers(self._store.connection)
        for name, _ in names:
            try:
                segment = Segment(self.folder / name, self._store.meta("encoder") or "")
            except SegmentError:
                shutil.rmtree(self.folder / name, ignore_errors=True)
            else:
                segment.wipe(np.setdiff1d(segment.ids, numbers, assume_unique=True))

    def _folders(self) -> Sequence[Path]:
        return list(self.folder.iterdir()) if self.folder.is_dir() else []
