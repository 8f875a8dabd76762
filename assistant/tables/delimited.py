"""CSV and its kin, row by row. A quotation mark that nothing closes costs one row, not the rest."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from assistant.tables.lines import Line, opened, read_lines, sample, usual_encoding
from assistant.tables.rows import Raw

DELIMITERS = ",;\t|"
NONE = "\x1f"  # the delimiter of a file that has but one column
SAMPLE = 100  # records that decide on the delimiter
LONGEST_RECORD = 4_000_000  # characters of a row over several lines
MOST_READ_AGAIN = 64_000_000  # characters of rows whose quotation marks led astray
_LARGEST_CELL = 2**31 - 1  # the most that the csv module takes on every system


def read(path: Path) -> tuple[str, Iterator[Raw]]:
    """Return the delimiter of a file, and its rows; blank lines are no rows.

    Raises:
        ValueError: it is no text.
    """
    data = sample(path)
    encoding = usual_encoding(data)
    delimiter = find_delimiter(data.decode(encoding, "replace").removeprefix("\ufeff"))
    return delimiter, _rows(path, encoding, delimiter)


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[Raw]:
    with opened(path) as stream:
        yield from RowReader(read_lines(stream, encoding), delimiter)


def find_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first records most evenly into several cells."""
    csv.field_size_limit(_LARGEST_CELL)  # a cell may hold a whole document
    best, found = (0.0, 0), NONE
    for delimiter in DELIMITERS:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            widths = [len(row) for row in islice(lines, SAMPLE) if row]
        except csv.Error:  # a NUL, for Python 3.10
            continue
        if not widths or widths[0] < 2:
            continue
        rank = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
        if rank > best:
            best, found = rank, delimiter
    return found


class RowReader:
    """The rows of lines of delimited text.

    A row may go over several lines inside quotation marks. Where the mark is never closed, or only
    so that the row has another number of cells than the first one, the line is read by itself with
    its mark as a plain character, and the lines after it are read anew.
    """

    def __init__(self, lines: Iterator[Line], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._waiting: deque[Line] = deque()  # to be read anew
        self._taken: list[Line] = []  # by the row that is being read
        self._size = self._again = self._width = 0
        self._open = False

    def __iter__(self) -> Iterator[Raw]:
        while (first := self._next()) is not None:
            if not first.text.strip("\r\n") and not first.lost:
                continue
            row = Raw((first.text,), first.trouble, True) if first.lost else self._row(first)
            self._width = self._width or len(row.cells)
            yield row

    def _row(self, first: Line) -> Raw:
        if self._again > MOST_READ_AGAIN:
            return self._literal(first, "follows too many unclosed quotation marks")
        self._taken, self._size, self._open = [], 0, False
        self._waiting.appendleft(first)
        cells = self._cells()
        if cells is None:
            self._waiting.extendleft(reversed(self._taken[1:]))
            self._again += self._size
            return self._literal(first, "opens a quotation mark that nothing closes")
        trouble = "; it ".join(dict.fromkeys(line.trouble for line in self._taken if line.trouble))
        return Raw(cells, trouble)

    def _cells(self) -> list[str] | None:
        """Return the cells of the next row, or None if a quotation mark leads astray."""
        csv.field_size_limit(_LARGEST_CELL)
        try:
            cells = next(csv.reader(self._feed(), delimiter=self._delimiter))
        except csv.Error:
            return None
        several = len(self._taken) > 1
        astray = self._open or (several and self._width and len(cells) != self._width)
        return None if astray else cells

    def _feed(self) -> Iterator[str]:
        """Give the lines of one row, as the csv module asks for them."""
        while self._size <= LONGEST_RECORD and (line := self._next()) is not None:
            self._taken.append(line)
            self._size += len(line.text)
            yield line.text
        self._open = True

    def _next(self) -> Line | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)

    def _literal(self, line: Line, trouble: str) -> Raw:
        text = line.text.rstrip("\r\n")
        if '"' not in text:
            trouble = ""
        else:
            trouble += " and was read as it stands"
        parts = (line.trouble, trouble)
        return Raw(text.split(self._delimiter), "; it ".join(part for part in parts if part))
