"""The vectors of the passages as the store's file keeps them: each an exact float32 blob.

Everything else that holds vectors is made from these. Knows numbers of passages, not their texts.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from assistant.errors import StorageError
from assistant.retrieval.vectors import Ids, Vectors

_BATCH = 4096  # vectors read at a time, 6 MB of 384 dimensions


def count(connection: sqlite3.Connection) -> int:
    """Count the passages."""
    return int(connection.execute("SELECT COUNT(*) FROM passages").fetchone()[0])


def numbers(connection: sqlite3.Connection) -> Ids:
    """Return the numbers of all passages, ascending."""
    # Not sorted by SQLite, which so reads a small index instead of the table with all texts.
    rows = connection.execute("SELECT id FROM passages")
    return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64))


def read(
    connection: sqlite3.Connection, dimensions: int, after: int = 0, through: int = 2**62
) -> Iterator[tuple[Ids, Vectors]]:
    """Yield numbers and vectors (n, dimensions) of the passages with after < number ≤ through.

    They come in ascending order, in batches.

    Raises:
        StorageError: a vector has not the length that it should have.

    """
    while True:
        rows = connection.execute(
            "SELECT id, vector FROM passages WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
            (after, through, _BATCH),
        ).fetchall()
        if not rows:
            return
        yield _joined(rows, dimensions)
        after = rows[-1][0]


def pick(
    connection: sqlite3.Connection, dimensions: int, wanted: Iterable[int]
) -> tuple[Ids, Vectors]:
    """Return the numbers, of those ``wanted``, that are passages, ascending, and their vectors.

    Raises:
        StorageError: as for ``read``.

    """
    rows = connection.execute(
        "SELECT id, vector FROM passages WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps([int(number) for number in wanted]),),
    ).fetchall()
    return _joined(rows, dimensions)


def replace(connection: sqlite3.Connection, wanted: Sequence[int], vectors: Vectors) -> None:
    """Write these passages' vectors anew."""
    connection.executemany(
        "UPDATE passages SET vector = ? WHERE id = ?",
        [(v.astype(np.float32).tobytes(), n) for n, v in zip(wanted, vectors, strict=True)],
    )


def _joined(rows: Sequence[tuple[int, bytes]], dimensions: int) -> tuple[Ids, Vectors]:
    if any(len(blob) != 4 * dimensions for _, blob in rows):
        raise StorageError(
            "Vectors in the document store are damaged. "
            "“python -m assistant documents verify” makes them anew."
        )
    vectors = np.frombuffer(b"".join(blob for _, blob in rows), np.float32)
    found = np.fromiter((number for number, _ in rows), dtype=np.int64)
    return found, vectors.reshape(-1, dimensions)
