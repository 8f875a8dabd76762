"""Where comments come from: a paste, or a file with one comment a row."""

from __future__ import annotations

import re

from assistant import tables
from assistant.errors import DocumentError
from assistant.router.references import items
from assistant.tables import Records
from assistant.types import Attachment

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
    if path is not None and tables.kind(path) in tables.READERS and path.exists():
        records = tables.read(path, attachment.name)
        cells = (*_first_row(records), *records.column(text_column(records)))
        return tuple(cell.strip() for cell in cells if cell.strip())
    return items(attachment.text)


def text_column(records: Records) -> str:
    """Return the column of texts: by its name, else the one with the longest.

    Raises:
        DocumentError: no column holds any text.
    """
    for wanted in COLUMNS:
        for column in records.columns:
            if column.lower().replace(" ", "_") == wanted:
                return column
    sample = records.rows[:200]
    lengths = [sum(len(row[place]) for row in sample) for place in range(len(records.columns))]
    if not max(lengths):
        raise DocumentError(
            f"{records.name} has no column of texts. Give the texts a column called “text”."
        )
    return records.columns[lengths.index(max(lengths))]


def _first_row(records: Records) -> tuple[str, ...]:
    """Return what a one-column table without a known heading begins with: a comment, too."""
    named = records.header and records.columns[0].lower().replace(" ", "_") not in COLUMNS
    return records.columns if named and len(records.columns) == 1 else ()
