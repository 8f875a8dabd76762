"""Judged comments as a file: CSV, Excel or JSON lines, with the columns that their source had.

In CSV and Excel no cell can run as a formula (see assistant.export); JSON lines keep every text as
it was. A comment that could not be read stands there as well, without a verdict, with the reason.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from assistant.errors import InputError
from assistant.export import Cell, harmless
from assistant.moderation.comments import Comment, Judged
from assistant.moderation.sources import Source

Format = Literal["csv", "xlsx", "jsonl"]
Item: TypeAlias = Judged | Comment
"""What is written: a judgement, or a comment whose source could not give its text."""
Fields: TypeAlias = Mapping[str, Any]
"""Column → what stands in it."""

ATTRIBUTES = {name: name for name in ("text", "id", "author", "date", "reply_to")}
MARKED = "marked words"
SHEET_ROWS = 1_048_576  # the most that Excel takes, the header among them
CELL = 32_767  # UTF-16 units in a cell, at most


@dataclass(frozen=True)
class Layout:
    """The columns of a file of judgements: those of the source, then what was found.

    ``roles`` says which attribute of Comment a column gives; the others are in its fields.
    """

    columns: tuple[str, ...]
    categories: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=lambda: ATTRIBUTES)

    @cached_property
    def found(self) -> dict[str, str]:
        """What was found → its column; one that the source has already is numbered."""
        names = ("verdict", "rule", "reason", *self.categories, MARKED)
        return {name: _free(name, self.columns) for name in names}

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Every column in order."""
        return (*self.columns, *self.found.values())

    def row(self, item: Item) -> dict[str, Cell]:
        """Return column → cell."""
        comment = item.comment if isinstance(item, Judged) else item
        cells: dict[str, Cell] = {}
        for column in self.columns:
            role = self.roles.get(column)
            cells[column] = getattr(comment, role) if role else str(comment.fields.get(column, ""))
        found = self.found
        if isinstance(item, Comment):
            return {**cells, **dict.fromkeys(found.values(), ""), found["reason"]: item.problem}
        scores = {
            found[name]: round(item.scores[name], 4) if name in item.scores else ""
            for name in self.categories
        }
        return {
            **cells,
            found["verdict"]: item.decision.verdict,
            found["rule"]: item.decision.rule,
            found["reason"]: item.decision.reason,
            **scores,
            found[MARKED]: " | ".join(marked(item)),
        }


def marked(item: Judged) -> Iterator[str]:
    """Give the words that a rule found, or else those that the model marked."""
    for span in item.decision.spans or item.spans:
        yield item.comment.text[span.start : span.end]


def layout_of(source: Source, categories: Sequence[str]) -> Layout:
    """Return the layout of a source's comments."""
    return Layout(tuple(source.columns), tuple(categories), dict(source.roles))


def layout_for(items: Iterable[Item]) -> Layout:
    """Return the layout of comments whose source is not known: whatever any of them has."""
    attributes: dict[str, None] = {"text": None}
    fields: dict[str, None] = {}
    categories: dict[str, None] = {}
    for item in items:
        comment = item.comment if isinstance(item, Judged) else item
        attributes.update((name, None) for name in ATTRIBUTES if getattr(comment, name))
        fields.update(dict.fromkeys(comment.fields))
        if isinstance(item, Judged):
            categories.update(dict.fromkeys(item.scores))
    kept = tuple(name for name in ATTRIBUTES if name in attributes)
    roles = {_free(name, tuple(fields)): name for name in kept}
    return Layout((*roles, *fields), tuple(categories), roles)


def format_of(path: Path) -> Format:
    """Return the format that a file's name asks for.

    Raises:
        InputError: it is none that can be written.
    """
    suffix = path.suffix.lower().removeprefix(".")
    for known in get_args(Format):
        if suffix == known:
            return known  # type: ignore[no-any-return]
    raise InputError(
        f"I cannot write {path.name}. Name it .csv, .xlsx or .jsonl, after the format you want."
    )


def write(
    path: Path, judged: Sequence[Item], format: Format | None = None, layout: Layout | None = None
) -> None:
    """Write judgements into a file; the format and the layout are found if not given.

    Raises:
        InputError: the name asks for no format that can be written.
    """
    layout = layout or layout_for(judged)
    write_rows(path, layout.all_columns, map(layout.row, judged), format or format_of(path))


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Fields], format: Format) -> None:
    """Write rows of any columns into a file, one after the other."""
    if format == "xlsx":
        _write_workbook(path, columns, rows)
        return
    with path.open("wb") as file:
        file.write(head(columns, format))
        for row in rows:
            file.write(lines((row,), columns, format))


def head(columns: Sequence[str], format: Format) -> bytes:
    """Return what a CSV file begins with; JSON lines begin at once."""
    if format == "jsonl":
        return b""
    # The byte order mark tells spreadsheets that the file is UTF-8.
    return b"\xef\xbb\xbf" + lines((dict(zip(columns, columns, strict=True)),), columns, "csv")


def lines(rows: Iterable[Fields], columns: Sequence[str], format: Format) -> bytes:
    """Return rows as lines of CSV or of JSON."""
    if format == "jsonl":
        # In ASCII, so that whatever a comment holds is data to everything that reads the file.
        return b"".join(json.dumps(dict(row)).encode() + b"\n" for row in rows)
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([harmless(row.get(column, "")) for column in columns] for row in rows)
    return buffer.getvalue().encode()


def _write_workbook(path: Path, columns: Sequence[str], rows: Iterable[Fields]) -> None:
    """Write a workbook row by row; a further sheet begins where one is full."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        sheet: Any = None
        line = SHEET_ROWS
        for row in rows:
            if line == SHEET_ROWS:
                sheet, line = _sheet(book, columns, bold), 1
            for place, column in enumerate(columns):
                cell = harmless(row.get(column, ""))
                if isinstance(cell, str):
                    sheet.write_string(line, place, _shortened(cell))
                else:
                    sheet.write_number(line, place, cell)
            line += 1
        if sheet is None:
            _sheet(book, columns, bold)


def _sheet(book: Any, columns: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet()
    for place, column in enumerate(columns):
        sheet.write_string(0, place, _shortened(str(harmless(column))), bold)
    sheet.freeze_panes(1, 0)
    return sheet


def _shortened(text: str) -> str:
    """Return as much of a text as a cell of Excel holds."""
    if len(text) * 2 <= CELL or len(text.encode("utf-16-le")) // 2 <= CELL:
        return text
    kept = text.encode("utf-16-le")[: (CELL - 1) * 2].decode("utf-16-le", "ignore")
    return f"{kept}…"


def _free(name: str, taken: Sequence[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
