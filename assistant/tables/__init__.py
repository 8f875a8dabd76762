"""Reads tables of texts: CSV, TSV, Excel, JSON, JSON lines or Parquet; text also gzipped.

``stream`` gives the rows one by one in constant memory and names what is wrong with each; ``read``
gives a whole table or refuses it. Encoding and delimiter are found; every cell becomes text.
Knows nothing of what columns mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from assistant.errors import DocumentError
from assistant.tables.rows import BROKEN, Raw, Row, Table, is_header, named, reason

__all__ = ["READERS", "Records", "Row", "Table", "kind", "read", "stream"]

SAMPLE = 200  # rows that say whether the first one names the columns
SAMPLE_CHARACTERS = 4_000_000  # the most of them, but for the first two rows
MOST_COLUMNS = 20_000  # more than any spreadsheet has; what goes beyond them joins the last one
INSTEAD = {  # what cannot be read → what to save it as
    ".numbers": ".xlsx",
    ".ods": ".xlsx",
    ".xls": ".xlsx",
    ".xlsb": ".xlsx",
    ".xlsm": ".xlsx",
}


@dataclass(frozen=True, slots=True)
class Records:
    """A table in memory: its columns' names, and rows of as many cells.

    ``header`` is False when the file does not name its columns; they are then numbered.
    ``uneven`` is the number (from 1) of the first row with more cells than there are columns,
    or 0.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    header: bool = True
    uneven: int = 0

    def column(self, name: str) -> tuple[str, ...]:
        """Return the cells of one column."""
        place = self.columns.index(name)
        return tuple(row[place] for row in self.rows)


def kind(path: Path) -> str:
    """Return the suffix that says how a file is read: ``.csv`` for ``a.csv`` and ``a.csv.gz``."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return (
        suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else "".join(suffixes[-1:])
    )


def read(path: Path, name: str | None = None) -> Records:
    """Read a whole table; ``name`` is what messages call it. Rows of blank cells are left out.

    Raises:
        DocumentError: the file is missing, broken, empty, or no table that can be read.
    """
    table = stream(path, name)
    rows: list[tuple[str, ...]] = []
    uneven = 0
    for row in table.rows():
        if row.lost:
            raise _broken(table.name, path, f"row {row.number:,} {row.trouble}")
        if any(cell.strip() for cell in row.cells):
            rows.append(row.cells)
            uneven = uneven or (len(rows) if row.given > len(table.columns) else 0)
    if not rows:
        raise DocumentError(f"{table.name} holds no rows. Give it one text a row.")
    return Records(table.name, table.columns, tuple(rows), table.header, uneven)


def stream(path: Path, name: str | None = None) -> Table:
    """Open a table, to read its rows one by one; ``name`` is what messages call it.

    Raises:
        DocumentError: the file is missing, no table that can be read, or broken at once.
    """
    name = name or path.name
    opener = READERS.get(kind(path))
    if opener is None or (path.suffix.lower() == ".gz" and kind(path) in PACKED):
        instead = INSTEAD.get(kind(path)) or (kind(path) if opener else "")
        cure = f" Save or unpack it as {instead} first." if instead else ""
        raise DocumentError(
            f"{name} is no table that I can read.{cure} Give a {', '.join(sorted(READERS))} file."
        )
    try:
        return opener(path, name)
    except FileNotFoundError as error:
        raise DocumentError(f"{name} cannot be read: there is no such file.") from error
    except BROKEN as error:
        raise _broken(name, path, reason(error)) from error


def _broken(name: str, path: Path, why: str) -> DocumentError:
    return DocumentError(
        f"{name} cannot be read as {kind(path)[1:].upper()} ({why}). "
        "Mend it there, or save it again in another format."
    )


Opener = Callable[[Path, str], Table]


def _delimited(path: Path, name: str) -> Table:
    from assistant.tables import delimited

    delimiter, rows = delimited.read(path)
    return _unnamed(name, rows, lambda: delimited.read(path)[1], delimiter)


def _workbook(path: Path, name: str) -> Table:
    from assistant.tables import workbook

    return _unnamed(name, workbook.read(path), partial(workbook.read, path))


def _unnamed(
    name: str, first: Iterator[Raw], again: Callable[[], Iterator[Raw]], delimiter: str = " "
) -> Table:
    """Return the table of rows of which the first one may name the columns."""
    rows = _sample(first)
    cells = [raw.cells for raw in rows if not raw.lost and any(map(str.strip, raw.cells))]
    cells = [row[:MOST_COLUMNS] for row in cells]
    header = len(cells) > 1 and not rows[0].lost and is_header(cells)
    blanks: Sequence[str] = [""] * max(map(len, cells), default=1)
    columns = named(cells[0] if header else blanks)
    return Table(name, columns, header, again, int(header), delimiter)


def _sample(rows: Iterator[Raw]) -> list[Raw]:
    """Return the first rows; of a file that breaks off among them those before it does."""
    found: list[Raw] = []
    size = 0
    try:
        for raw in islice(rows, SAMPLE):
            found.append(raw)
            size += sum(map(len, raw.cells))
            if size > SAMPLE_CHARACTERS and len(found) > 1:
                break
    except BROKEN:
        if not found:
            raise
    return found


def _objects(path: Path, name: str) -> Table:
    from assistant.tables import objects

    columns, rows = objects.read(path)
    return Table(name, columns, True, rows)


def _parquet(path: Path, name: str) -> Table:
    from assistant.tables import parquet

    return Table(name, named(parquet.columns(path)), True, partial(parquet.read, path))


READERS: dict[str, Opener] = {
    ".csv": _delimited,
    ".json": _objects,
    ".jsonl": _objects,
    ".parquet": _parquet,
    ".tsv": _delimited,
    ".xlsx": _workbook,
}
PACKED = frozenset({".parquet", ".xlsx"})  # which are not gzipped once more
