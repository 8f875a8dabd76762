"""A segment: many vectors in a file that is mapped, not read, of which a search reads a small part.

It is an inverted file of FAISS: vectors that are alike lie in one list, a byte a dimension, and a
search reads the lists whose centres are nearest to the query. A segment is a folder with that file
and ``info.json``, which tells about it. Never changed after it was built, but for what is wiped.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.retrieval.vectors import Ids, Vectors

VERSION = 1
_ID = 8  # bytes
_WIPED = -1  # all bytes 0xFF
_UNUSABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError)

Rows = npt.NDArray[np.int64]  # places in the order of the file
Bytes = npt.NDArray[np.uint8]


class SegmentError(Exception):
    """A segment cannot be used; the message ends a sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class Info:
    """What a segment's ``info.json`` says."""

    version: int
    rows: int
    dimensions: int
    encoder: str  # fingerprint of the encoder that made the vectors
    probes: int  # lists that a search reads
    checksum: int  # of what comes before the lists


class Segment:
    """An open segment; scores are right to about 0.002, as its vectors are rounded.

    Raises:
        SegmentError: the files are missing, damaged, of another encoder or of another version.

    """

    def __init__(self, folder: Path, encoder: str) -> None:
        self.folder = folder
        try:
            self.info = Info(**json.loads((folder / "info.json").read_text("utf-8")))
            self._check(encoder)
            self._index = _mapped(_file(folder))
            self._bytes: Bytes = np.memmap(_file(folder), np.uint8, "r+")
        except _UNUSABLE as error:
            raise SegmentError(f"is damaged ({error})") from error
        lists = range(self._index.nlist)
        sizes = [self._index.invlists.list_size(number) for number in lists]
        self._starts: Rows = np.concatenate([[0], np.cumsum(sizes)])  # first row of each list
        ids = self._read_ids()
        order = np.argsort(ids)
        gone = int(np.searchsorted(ids[order], 0))
        self._rows: Rows = order[gone:]  # of each of the ids
        self.ids: Ids = ids[self._rows]
        """The ids that are here, ascending."""
        self._wiped: Ids = np.array([_WIPED])

    def __len__(self) -> int:
        return len(self.ids)

    def _check(self, encoder: str) -> None:
        info = self.info
        if info.version != VERSION:
            raise SegmentError("was made by another version of Switchboard")
        if info.encoder != encoder:
            raise SegmentError("was made with another encoder")
        if checksum(self.folder, info.rows, info.dimensions) != info.checksum:
            raise SegmentError("is damaged (its beginning or its length is not as it was made)")

    @property
    def hollow(self) -> bool:
        """Whether most of what it held is wiped."""
        return 2 * len(self) < self.info.rows

    def wipe(self, ids: Ids) -> None:
        """Overwrite the vectors of these ids in the file; those that are not here are passed over.

        Other processes that have the segment open find them no more, either.
        """
        places = np.flatnonzero(np.isin(self.ids, ids))
        if not len(places):
            return
        # The id goes last: as long as it is there, a wiping that broke off is done again.
        rows = self._rows[places]
        self._bytes[_each(self._codes_at(rows), self.info.dimensions)] = 0
        self._flush()
        self._bytes[_each(self._ids_at(rows), _ID)] = 0xFF
        self._flush()
        self._wiped = np.union1d(self._wiped, self.ids[places])
        self.ids, self._rows = np.delete(self.ids, places), np.delete(self._rows, places)

    def holds(self, ids: Ids, vectors: Vectors) -> bool:
        """Say whether these are, rounded, the vectors of these ids, which must be here."""
        rows = self._rows[np.searchsorted(self.ids, ids)]
        codes = self._bytes[_each(self._codes_at(rows), self.info.dimensions)]
        expected = self._index.sq.compute_codes(np.ascontiguousarray(vectors))
        # Another processor may round a half the other way.
        return bool((np.abs(codes.astype(np.int16) - expected) <= 1).all())

    def search(self, query: Vectors, k: int, among: Ids | None = None) -> tuple[Ids, Vectors]:
        """Return the ids of about the ``k`` nearest vectors and their cosines, best first.

        ``among`` limits the search to those ids: the fewer they are, the more lists are read.
        """
        import faiss

        probes = self.info.probes
        wanted: Any = None
        if among is not None:
            here = among[np.isin(among, self.ids)]
            if not len(here):
                return np.empty(0, np.int64), np.empty(0, np.float32)
            probes = probes * self.info.rows // len(here)
            wanted = faiss.IDSelectorBatch(here)
        elif len(self) < self.info.rows:
            wanted = faiss.IDSelectorNot(faiss.IDSelectorBatch(self._wiped))
        # FAISS gives its constructors keywords only when it is imported
        how = faiss.SearchParametersIVF(  # type: ignore[call-arg]
            nprobe=min(probes, self._index.nlist), sel=wanted
        )
        scores, ids = self._index.search(query.reshape(1, -1), k, params=how)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    # The lists lie at the end of the file: of each, the codes of all its vectors, then their ids.
    def _codes_at(self, rows: Rows) -> Rows:
        lists = np.searchsorted(self._starts, rows, side="right") - 1
        first = self._starts[lists]
        width = self.info.dimensions
        at: Rows = self._head + first * (width + _ID) + (rows - first) * width
        return at

    def _ids_at(self, rows: Rows) -> Rows:
        lists = np.searchsorted(self._starts, rows, side="right") - 1
        width = self.info.dimensions
        at: Rows = self._head + self._starts[lists + 1] * width + rows * _ID
        return at

    def _read_ids(self) -> Ids:
        ends = self._head + self._starts[1:] * (self.info.dimensions + _ID)
        sizes = np.diff(self._starts) * _ID
        parts = [self._bytes[end - size : end] for end, size in zip(ends, sizes, strict=True)]
        return np.concatenate(parts).view("<i8").astype(np.int64)

    @property
    def _head(self) -> int:
        return len(self._bytes) - self.info.rows * (self.info.dimensions + _ID)

    def _flush(self) -> None:
        self._bytes.flush()  # type: ignore[attr-defined]


def write(folder: Path, index: Any, encoder: str, probes: int) -> None:
    """Write an inverted file of FAISS, of one byte a dimension, as a segment.

    Raises:
        OSError: there is no room, or no right to write.

    """
    import faiss

    folder.mkdir(parents=True)
    try:
        faiss.write_index(index, str(_file(folder)))
    except RuntimeError as error:
        raise OSError(str(error)) from error
    with _file(folder).open("rb+") as file:
        os.fsync(file.fileno())
    total = checksum(folder, index.ntotal, index.d)
    info = Info(VERSION, index.ntotal, index.d, encoder, probes, total)
    # The last thing to be written: it tells a segment from a half-made one.
    (folder / "info.json").write_text(json.dumps(asdict(info), indent=2), "utf-8")


def checksum(folder: Path, rows: int, dimensions: int) -> int:
    """Return the sum over what comes before the lists, and over the length of the file."""
    length = _file(folder).stat().st_size
    with _file(folder).open("rb") as file:
        head = file.read(max(0, length - rows * (dimensions + _ID)))
    return zlib.crc32(head, length & 0xFFFFFFFF)


def _file(folder: Path) -> Path:
    return folder / "lists.faiss"


def _mapped(path: Path) -> Any:
    import faiss

    if sys.platform == "win32":  # where FAISS can map no files: a byte a dimension and vector
        return faiss.read_index(str(path))
    index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
    # Else each search starts threads to read ahead, which takes longer than the search.
    lists: Any = faiss.downcast_InvertedLists(index.invlists)
    lists.prefetch_nthread = 0
    return index


def _each(starts: Rows, width: int) -> Rows:
    return starts[:, None] + np.arange(width)
