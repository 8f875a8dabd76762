"""Comments of a file, row by row: a table, or a text with one comment a line.

Memory does not grow with the number of rows. A row that is damaged is named and, where any of it
can be read, judged all the same; none is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from assistant import tables
from assistant.errors import DocumentError
from assistant.moderation import columns as naming
from assistant.moderation.comments import Comment
from assistant.moderation.sources import Problem, Problems
from assistant.router.references import items
from assistant.tables import Row, Table
from assistant.tables.lines import opened, read_lines, sample, usual_encoding
from assistant.tables.rows import BROKEN, Raw, named, reason
from assistant.types import Attachment

SAMPLE = 200  # rows that tell the column of texts
MOST_FIELDS = 500  # columns that are kept beside the comment
TEXTS = (".txt", ".text", ".log")
SUFFIXES = (*sorted(tables.READERS), ".txt", ".gz")
"""What may be offered to choose from."""


def open_file(path: Path, name: str | None = None, column: str | None = None) -> FileSource:
    """Open a file of comments.

    Args:
        path: where it lies.
        name: what messages call it; the path's own name if None.
        column: the column of texts; found by name and length if None.

    Raises:
        DocumentError: there is no such file, it cannot be read, has no rows, or no such column.
    """
    name = name or path.name
    table = _lines(path, name) if tables.kind(path) in TEXTS else tables.stream(path, name)
    return FileSource(path, table, column)


class FileSource:
    """See Source. ``header`` is False where the file does not name its columns."""

    def __init__(self, path: Path, table: Table, column: str | None = None) -> None:
        self._path = path
        first = list(islice(table.rows(), SAMPLE))
        if _names_only(first):
            first = []
        if not first:
            raise DocumentError(f"{table.name} holds no rows. Give it one comment a row.")
        if column is not None and column not in table.columns:
            raise DocumentError(
                f"{table.name} has no column {column!r}; its columns are {_listed(table.columns)}. "
                "Name one of them."
            )
        rows = [row.cells for row in first if not row.lost]
        if not rows:
            raise DocumentError(f"{table.name} cannot be read: row 1 {first[0].trouble}.")
        text = column or naming.text_column(table.name, table.columns, rows)
        self._table = _without_false_header(table, text)
        text = self._table.columns[table.columns.index(text)]  # which may be numbered now
        self.name, self.header = table.name, self._table.header
        self.roles = naming.roles(self._table.columns, text)
        kept = [column for column in self._table.columns if column not in self.roles]
        self._fields = dict.fromkeys(kept[:MOST_FIELDS])
        self._left_out = len(kept) - len(self._fields)
        self.columns = tuple(
            column
            for column in self._table.columns
            if column in self.roles or column in self._fields
        )
        self._found = Problems()

    @property
    def text_column(self) -> str:
        """The column of texts."""
        return next(column for column, role in self.roles.items() if role == "text")

    @property
    def problems(self) -> list[Problem]:
        """The first problems of the latest reading."""
        return self._found.found

    @property
    def problem_count(self) -> int:
        """How many problems the latest reading met."""
        return self._found.count

    @cached_property
    def total(self) -> int | None:
        """How many rows there are; the file is read once for it."""
        return sum(1 for _ in self._table.rows())

    def fingerprint(self) -> str:
        """Return what changes when the file or the choice of its columns does."""
        digest = hashlib.sha256(repr((sorted(self.roles.items()), self.header)).encode())
        with self._path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    def comments(self) -> Iterator[Comment]:
        """Give the comment of every row."""
        self._found = problems = Problems()
        if self._left_out:
            problems.add(
                0,
                f"{self.name} has {len(self._table.columns):,} columns; {self._left_out:,} of them "
                f"are left out of the result, which keeps {MOST_FIELDS}.",
            )
        places = {column: place for place, column in enumerate(self._table.columns)}
        kept = {column: places[column] for column in self._fields}
        places_of = {role: places[column] for column, role in self.roles.items()}
        for row in self._table.rows():
            trouble = self._trouble(row, places_of["text"])
            sentence = f"Row {row.number:,} {trouble}." if trouble else ""
            if sentence:
                problems.add(row.number, sentence)
            if row.lost:
                yield Comment("".join(row.cells), problem=sentence)
                continue
            yield Comment(
                fields={column: row.cells[place] for column, place in kept.items()},
                problem=sentence if row.given <= places_of["text"] else "",
                **{role: row.cells[place] for role, place in places_of.items()},
            )

    def _trouble(self, row: Row, text: int) -> str:
        if row.given <= text and not row.lost:
            return f"has {row.given} of {len(self._table.columns)} cells, and no comment in them"
        return row.trouble


def attached(attachment: Attachment) -> tuple[str, ...]:
    """Return the texts of a file: the text column of a table, or one a line.

    Raises:
        DocumentError: the table holds no text column, or cannot be read.
    """
    path = attachment.path
    if path is not None and tables.kind(path) in tables.READERS and path.exists():
        source = open_file(path, attachment.name)
        return tuple(text for comment in source.comments() if (text := comment.text.strip()))
    return items(attachment.text)


def _names_only(rows: list[Row]) -> bool:
    """Say whether a file of one row has nothing but the names of its columns in it."""
    return len(rows) == 1 and all(naming.is_known(cell) for cell in rows[0].cells)


def _without_false_header(table: Table, text: str) -> Table:
    """Return the table with its first row as a comment, where it names no columns.

    That is so where no column is called as usual, and there is one only, or the name of the one
    of texts has several words.
    """
    known = any(naming.is_known(column) for column in table.columns)
    if not table.first or known or (len(table.columns) > 1 and " " not in text):
        return table
    return replace(table, columns=named([""] * len(table.columns)), header=False, first=0)


def _lines(path: Path, name: str) -> Table:
    """Return a text as a table of one column, with a row for each line that is not blank."""
    try:
        encoding = usual_encoding(sample(path))
    except BROKEN as error:
        raise DocumentError(f"{name} cannot be read: {reason(error)}.") from error

    def read() -> Iterator[Raw]:
        with opened(path) as stream:
            for line in read_lines(stream, encoding):
                if line.text.strip() or line.lost:
                    yield Raw((line.text.strip(),), line.trouble, line.lost)

    return Table(name, ("text",), False, read)


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:20])
    return shown if len(names) <= 20 else f"{shown} and {len(names) - 20:,} more"
