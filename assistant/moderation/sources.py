"""Where comments come from: a paste, or a file with one comment a row."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import DocumentError
from assistant.router.references import items
from assistant.types import Attachment

TABLES = (".csv", ".tsv", ".xlsx", ".jsonl", ".json")
COLUMNS = (
    "comment",
    "comments",
    "comment_text",
    "text",
    "textoriginal",
    "textdisplay",
    "content",
    "body",
    "message",
    "review",
    "post",
    "tweet",
)
_SEVERAL = re.compile(
    r"\b(?:these|those|comments|reviews|messages|posts|tweets|all|each|every|any|which|ones|list|"
    r"them|batch|bad ones|lines)\b",
    re.IGNORECASE,
)
_BULLETS = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,3}[.):])\s+", re.MULTILINE)


def pasted(text: str, instruction: str) -> tuple[str, ...]:
    """Return the comments of a paste: one a line if the user speaks of several or lists them."""
    lines = [line for line in text.splitlines() if line.strip()]
    bullets = len(_BULLETS.findall(text))
    if len(lines) > 1 and (_SEVERAL.search(instruction) or bullets >= len(lines) - 1):
        return items(text)
    return (text.strip(),)


def attached(attachment: Attachment) -> tuple[str, ...]:
    """Return the comments of a file: the text column of a table, or one a line.

    Raises:
        DocumentError: the table holds no text column, or cannot be read.

    """
    path = attachment.path
    if path is not None and path.suffix.lower() in TABLES and path.exists():
        header, rows = _table(path, attachment.name)
        column = _column(header, rows, attachment.name)
        return tuple(
            row[column].strip() for row in rows if len(row) > column and row[column].strip()
        )
    return items(attachment.text)


def _column(header: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> int:
    """Return the column of comments: by its name, else the one with the longest texts."""
    names = [cell.strip().lower().replace(" ", "_") for cell in header]
    for wanted in COLUMNS:
        if wanted in names:
            return names.index(wanted)
    sample = rows[:200]
    lengths = [
        sum(len(row[index]) for row in sample if len(row) > index) for index in range(len(header))
    ]
    if not lengths or not max(lengths):
        raise DocumentError(
            f"{name} has no column of texts. Give the comments a column called “comment”."
        )
    return lengths.index(max(lengths))


def _table(path: Path, name: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows; a first row that looks like a comment is no header."""
    rows = list(_rows(path, name))
    if not rows:
        raise DocumentError(f"{name} holds no rows. Give it one comment a row.")
    header = rows[0]
    if len(header) == 1 and header[0].strip().lower().replace(" ", "_") not in COLUMNS:
        return ["comment"], rows
    return header, rows[1:]


def _rows(path: Path, name: str) -> Iterator[list[str]]:
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        from openpyxl import load_workbook

        sheet = load_workbook(path, read_only=True, data_only=True).active
        for row in sheet.iter_rows(values_only=True) if sheet is not None else ():
            yield ["" if cell is None else str(cell) for cell in row]
        return
    from assistant.retrieval.formats import decode

    text = decode(path.read_bytes())
    if suffix in {".jsonl", ".json"}:
        yield from _json_rows(text, name)
        return
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    yield from csv.reader(io.StringIO(text), dialect, doublequote=True)


def _json_rows(text: str, name: str) -> Iterator[list[str]]:
    try:
        values = (
            json.loads(text)
            if text.lstrip().startswith("[")
            else [json.loads(line) for line in text.splitlines() if line.strip()]
        )
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{name} is no valid JSON (line {error.lineno}: {error.msg.lower()}). "
            "Give it one JSON object a line."
        ) from None
    if all(isinstance(value, dict) for value in values):
        keys = list(dict.fromkeys(key for value in values for key in value))
        yield keys
        for value in values:
            yield [str(value.get(key, "")) for key in keys]
    else:
        yield ["comment"]
        for value in values:
            yield [str(value)]
