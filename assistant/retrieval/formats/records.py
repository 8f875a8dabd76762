"""Tables and records: one line for each row, each value beside the name of its column."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from assistant.retrieval.formats.office import check_archive
from assistant.retrieval.formats.plain import decode
from assistant.retrieval.formats.unreadable import UnreadableError

_LARGEST_CELL = 1_000_000  # characters


def workbook(data: bytes) -> Iterator[str]:
    """Read the visible sheets of an Excel workbook, each under its name."""
    from openpyxl import load_workbook

    check_archive(data, "xl/workbook.xml")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheets = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        cells = ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))
        if text := _records(cells):
            sheets.append(f"## {_cell(sheet.title)}\n\n{text}")
    yield "\n\n".join(sheets)


def table(data: bytes) -> Iterator[str]:
    """Read CSV with any of the usual delimiters."""
    text = decode(data)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:8192], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    csv.field_size_limit(_LARGEST_CELL)
    try:
        yield _records(csv.reader(io.StringIO(text, newline=""), dialect))
    except csv.Error as error:
        raise UnreadableError(
            f"its rows break off ({error}). A quotation mark may be missing; mend it, and add "
            "the file again."
        ) from error


def records(data: bytes) -> Iterator[str]:
    """Read JSON: a list of records, or one."""
    text = decode(data)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"its JSON breaks off at line {error.lineno}, column {error.colno} "
            f"({error.msg.lower()}). Mend it there and add it again."
        ) from error
    rows = value if isinstance(value, list) else [value]
    yield "\n".join(_record(row) for row in rows)


def record_lines(data: bytes) -> Iterator[str]:
    """Read JSON lines."""
    rows = []
    for number, line in enumerate(decode(data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append(_record(json.loads(line)))
        except json.JSONDecodeError as error:
            raise UnreadableError(
                f"line {number} is not JSON ({error.msg.lower()}). Mend it and add the file again."
            ) from error
    yield "\n".join(rows)


def _record(value: Any) -> str:
    if not isinstance(value, dict):
        return _cell(value)
    return " · ".join(f"{key}: {_cell(item)}" for key, item in value.items() if item is not None)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time.min:
        value = value.date()  # a day, as Excel keeps it
    text = value if isinstance(value, str) else None
    if text is None:
        text = json.dumps(value, ensure_ascii=False, default=str).strip('"')
    return " ".join(text.split())


def _records(rows: Iterable[Sequence[str]]) -> str:
    """Write each row as ``column: value · column: value``.

    The first row with several values names the columns; single values above it are a title.
    """
    filled = ([_cell(cell) for cell in row] for row in rows if any(cell.strip() for cell in row))
    titles: list[str] = []
    header: list[str] = []
    for row in filled:
        values = [cell for cell in row if cell]
        if len(values) > 1:
            header = row
            break
        titles += values
    if not header:
        return _column(titles)
    lines = list(titles)
    body = False
    for row in filled:
        names = chain(header, (f"column {number}" for number in range(len(header) + 1, 1_000_000)))
        pairs = zip(names, row, strict=False)
        lines.append(
            " · ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
        )
        body = True
    return "\n".join(lines if body else [*titles, " · ".join(cell for cell in header if cell)])


def _column(values: list[str]) -> str:
    """Write a table of one column: its name, if there is more than the name, before each value."""
    if len(values) < 2:
        return "\n".join(values)
    return "\n".join(f"{values[0]}: {value}" for value in values[1:])
