"""The values of tables: a row as its file gives it, a row fitted to the columns, and the table."""

from __future__ import annotations

import csv
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

LONGEST_NAME = 60  # characters of a column's name
USUAL = 50  # one row in so many has a usual value
BROKEN = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    RecursionError,
    csv.Error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged file raises, in whichever format."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A row as the file gives it.

    ``trouble`` says, as the end of a sentence that begins with “Row 7”, what is wrong with it;
    ``lost`` is True where its cells could not be read at all.
    """

    cells: Sequence[str]
    trouble: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row with as many cells as its table has columns, numbered from 1 without the header.

    ``given`` is the number of cells that the file has in it; see Raw for the others.
    """

    number: int
    cells: tuple[str, ...]
    given: int
    trouble: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows are read from its file, from the beginning, whenever they are asked for.

    ``header`` is False when the file does not name its columns; they are then numbered.
    ``delimiter`` joins the cells that a row has more than there are columns.
    """

    name: str
    columns: tuple[str, ...]
    header: bool
    read: Callable[[], Iterator[Raw]]
    first: int = 0  # rows of the file before the first row of the table
    delimiter: str = " "

    def rows(self) -> Iterator[Row]:
        """Give the rows. A file that breaks off ends with a lost row, which says so."""
        numbers = count(1 - self.first)
        try:
            for number, raw in zip(numbers, self.read(), strict=False):
                if number > 0:
                    yield self._fitted(number, raw)
        except BROKEN as error:
            blank = ("",) * len(self.columns)
            trouble = f"cannot be read, nor can what follows: {reason(error)}"
            yield Row(max(1, next(numbers) - 1), blank, 0, trouble, lost=True)

    def _fitted(self, number: int, raw: Raw) -> Row:
        """Return the row with a cell for each column; nothing that it holds is left out."""
        width, given = len(self.columns), len(raw.cells)
        trouble = raw.trouble
        cells = tuple(raw.cells)
        if given > width:
            last = self.delimiter.join(cells[width - 1 :])
            cells = (*cells[: width - 1], last)
        elif given < width:
            cells += ("",) * (width - given)
        if given != width and not raw.lost:
            trouble = "; it ".join(part for part in (trouble, _uneven(given, width)) if part)
        return Row(number, cells, given, trouble, raw.lost)


def named(names: Sequence[str]) -> tuple[str, ...]:
    """Return names for columns, each once; blank ones are numbered."""
    found: dict[str, None] = {}
    for place, given in enumerate(names, start=1):
        name = given.strip() or f"column {place}"
        again = (f"{name} ({number})" for number in count(2))
        while name in found:
            name = next(again)
        found[name] = None
    return tuple(found)


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row names the columns: short cells, each once, and none a usual value.

    A name that turns up again here and there is a header repeated where files were joined.
    Numbers are no names, except those of an unnamed frame's columns, which count from 0.
    """
    first = [cell.strip() for cell in rows[0]]
    names = [cell for cell in first if cell]
    if len(set(names)) < len(names) or any(len(cell) > LONGEST_NAME for cell in names):
        return False
    numbers = [cell for cell in names if cell.replace(".", "", 1).lstrip("-").isdigit()]
    if numbers and numbers != [str(place) for place in range(len(names))]:
        return False
    for place, name in enumerate(first):
        again = sum(len(row) > place and row[place].strip() == name for row in rows[1:])
        if name and again * USUAL >= len(rows):
            return False
    return True


def cell_text(value: Any) -> str:
    """Return a value of a workbook, of JSON or of Parquet as the text of a cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)


def reason(error: BaseException) -> str:
    """Return what is wrong with a file as the end of a sentence, without a full stop."""
    if isinstance(error, RecursionError):
        return "it is nested deeper than any honest file"
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg.lower()}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).split("\n")[0].rstrip(".") or type(error).__name__


def _uneven(given: int, width: int) -> str:
    cells = "1 cell" if given == 1 else f"{given:,} cells"
    columns = "1 column" if width == 1 else f"{width:,} columns"
    cure = (
        "the last ones were joined" if given > width else "the missing ones were taken to be empty"
    )
    return f"has {cells} where there are {columns}; {cure}"
