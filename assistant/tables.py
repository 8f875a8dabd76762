"""Reads a table of texts: CSV, TSV, Excel, JSON, JSON lines or Parquet, also gzipped.

Encoding and delimiter are found; every cell becomes text. Knows nothing of what columns mean.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from assistant.errors import DocumentError
from assistant.retrieval.formats import decode

DELIMITERS = ",;\t|"
NONE = "\x1f"  # the delimiter of a file that has but one column
SAMPLE = 100  # records that decide on the delimiter
LONGEST_NAME = 60  # characters of a column's name
USUAL = 50  # one row in so many has a usual value


@dataclass(frozen=True, slots=True)
class Records:
    """A table: its columns' names, and rows of as many cells.

    ``header`` is False when the file does not name its columns; they are then numbered.
    ``uneven`` is the number (from 1) of the first row with more cells than there are columns,
    whose last cells are lost, or 0.
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
    """Read a table; ``name`` is what messages call it.

    Raises:
        DocumentError: the file is missing, broken, empty, or no table that can be read.
    """
    name = name or path.name
    reader = READERS.get(kind(path))
    if reader is None:
        raise DocumentError(
            f"{name} is no table that I can read. Give a {', '.join(sorted(READERS))} file."
        )
    try:
        data = path.read_bytes()
        if path.suffix.lower() == ".gz":
            data = gzip.decompress(data)
        columns, lines = reader(data)
    except OSError as error:
        raise DocumentError(f"{name} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, EOFError, csv.Error, zipfile.BadZipFile, zlib.error) as error:
        raise DocumentError(
            f"{name} cannot be read as {kind(path)[1:].upper()} ({_reason(error)}). "
            "Mend it there, or save it again in another format."
        ) from error
    return _records(name, columns, lines)


def _records(name: str, columns: Sequence[str] | None, lines: Iterable[Sequence[str]]) -> Records:
    rows = [row for row in lines if any(cell.strip() for cell in row)]
    if columns is None and len(rows) > 1 and _is_header(rows):
        columns, rows = rows[0], rows[1:]
    if not rows:
        raise DocumentError(f"{name} holds no rows. Give it one text a row.")
    width = len(columns) if columns else max(map(len, rows))
    names = columns or [""] * width
    return Records(
        name,
        tuple(given.strip() or f"column {place}" for place, given in enumerate(names, start=1)),
        tuple((*row[:width], *[""] * (width - len(row))) for row in rows),
        header=columns is not None,
        uneven=next((number for number, row in enumerate(rows, 1) if len(row) > width), 0),
    )


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row names the columns: short cells, each once, and none a usual value.

    A name that turns up again here and there is a header repeated where files were joined.
    """
    first = [cell.strip() for cell in rows[0]]
    named = [cell for cell in first if cell]
    if len(set(named)) < len(named) or any(len(cell) > LONGEST_NAME for cell in named):
        return False
    for place, name in enumerate(first):
        again = sum(len(row) > place and row[place].strip() == name for row in rows[1:])
        if name and again * USUAL >= len(rows):
            return False
    return True


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg.lower()}"
    return str(error).split("\n")[0].rstrip(".") or type(error).__name__


Lines = Iterable[Sequence[str]]
Read = tuple[Sequence[str] | None, Lines]
"""Columns, or None when the first row may name them, and the rows."""


def _delimited(data: bytes) -> Read:
    csv.field_size_limit(sys.maxsize)  # a cell may hold a whole document
    text = decode(data)
    if "\0" in text:
        raise ValueError("it holds bytes that no text holds")
    return None, list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the first records most evenly into several cells."""
    best, found = (0.0, 0), NONE
    for delimiter in DELIMITERS:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = [len(row) for row in islice(lines, SAMPLE) if row]
        if not widths or widths[0] < 2:
            continue
        rank = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
        if rank > best:
            best, found = rank, delimiter
    return found


def _workbook(data: bytes) -> Read:
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).active
    rows = sheet.iter_rows(values_only=True) if sheet is not None else ()
    return None, [[_cell(value) for value in row] for row in rows]


def _json_lines(data: bytes) -> Read:
    text = decode(data)
    if text.lstrip().startswith("["):
        return _objects(json.loads(text))
    values = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                values.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number}: {error.msg.lower()}") from None
    return _objects(values)


def _objects(values: Any) -> Read:
    if not isinstance(values, list):
        raise ValueError("a list of objects, or one object a line, was expected")
    if not all(isinstance(value, dict) for value in values):
        return ("text",), [[_cell(value)] for value in values]
    columns = list(dict.fromkeys(key for value in values for key in value))
    return columns, [[_cell(value.get(column)) for column in columns] for value in values]


def _parquet(data: bytes) -> Read:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(data))
    cells = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    return table.column_names, zip(*cells, strict=True)


def _cell(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)


READERS: dict[str, Callable[[bytes], Read]] = {
    ".csv": _delimited,
    ".json": _json_lines,
    ".jsonl": _json_lines,
    ".parquet": _parquet,
    ".tsv": _delimited,
    ".xlsx": _workbook,
}
