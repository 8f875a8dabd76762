"""Parquet files, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assistant.tables.rows import Raw, cell_text

BATCH = 1024  # rows


def columns(path: Path) -> tuple[str, ...]:
    """Return the columns' names.

    Raises:
        ValueError: it is no Parquet file.
    """
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        return tuple(file.schema_arrow.names)


def read(path: Path) -> Iterator[Raw]:
    """Give the rows."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=BATCH):
            cells = [[cell_text(value) for value in column.to_pylist()] for column in batch]
            for row in zip(*cells, strict=True):
                yield Raw(row)
