"""Results and conversations as files for other programs: CSV and Markdown."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from assistant.serialization import citation_from_json, result_from_json
from assistant.types import Answer, Citation, Labels, Message, Result, Spans, Table, Text, Verdict

# Where a spreadsheet would begin a formula: at the start of a cell, or after a character at which
# a program with other settings splits cells. Blanks, invisible characters and quotation marks
# before it do not help.
_FORMULA = re.compile(
    r"(^|[;\t\r\n])(?=[\s\u200b-\u200f\u2060\ufeff\"'`\u2018-\u201f]*"
    r"[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r])"
)
# Controls, marks that reverse the reading direction, halves of characters, and what is none.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

Cell = str | int | float


def to_csv(table: Table) -> str:
    """Return the table as CSV in which no cell can run as a formula; numbers stay numbers.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([harmless(column) for column in table.columns])
    writer.writerows([harmless(cell) for cell in row] for row in table.rows)
    return buffer.getvalue()


def harmless(cell: Cell) -> Cell:
    """Return a cell as a spreadsheet can only show it: no formula, nothing unseen in it.

    A text that would be taken for a formula gets an apostrophe before it; controls and marks that
    reverse the reading direction are left out.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell):
        return cell
    return _FORMULA.sub(r"\1'", _UNSEEN.sub("", str(cell)))


def conversation_to_markdown(
    title: str, messages: Iterable[tuple[Message, Mapping[str, Any] | None]]
) -> str:
    """Return a conversation as a Markdown page; beside each message stands its reply's JSON."""
    parts = [f"# {title or 'New chat'}"]
    for message, reply in messages:
        parts.append(f"## {_speaker(message)}")
        parts.extend(f"Attached: {attachment.name}" for attachment in message.attachments)
        if message.text:
            parts.append(message.text)
        if reply is not None:
            parts.extend(
                result_to_markdown(result_from_json(result)) for result in reply["results"]
            )
            parts.append(
                "\n".join(
                    citation_to_markdown(citation_from_json(citation))
                    for citation in reply["citations"]
                )
            )
    return "\n\n".join(part for part in parts if part) + "\n"


def _speaker(message: Message) -> str:
    if message.role == "user":
        return "You"
    return f"Switchboard ({message.tool.replace('_', ' ')})" if message.tool else "Switchboard"


def citation_to_markdown(citation: Citation) -> str:
    """Return a citation as a list item: number, place and quote."""
    passage = citation.passage
    place = " › ".join(part for part in (passage.document, passage.heading) if part)
    page = f", page {passage.page}" if passage.page else ""
    return f"- [{citation.number}] {place}{page}: “{_line(citation.quote)}”"


def result_to_markdown(result: Result) -> str:
    """Return a result in a few lines of Markdown."""
    match result:
        case Labels():
            return f"**{result.label}** ({_scores(result.scores)})"
        case Spans():
            found = [
                f"- {span.label}: {_line(result.text[span.start : span.end])} ({span.score:.0%})"
                for span in result.spans
            ]
            return "\n".join(found) or "Nothing found."
        case Answer():
            return f"**{result.answer}** ({result.score:.0%})" if result.answered else "No answer."
        case Verdict():
            reason = f": {result.reason}" if result.reason else ""
            return f"**{result.verdict}**{reason} ({_scores(result.scores)})"
        case Text():
            return "\n\n".join(part for part in (result.text, result.caption) if part)
        case Table():
            return _table(result)


def _scores(scores: Mapping[str, float]) -> str:
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    return ", ".join(f"{label} {score:.0%}" for label, score in ranked)


def _table(table: Table) -> str:
    rows = [table.columns, ("---",) * len(table.columns), *table.rows]
    return "\n".join(
        "| " + " | ".join(_line(str(cell)).replace("|", "\\|") for cell in row) + " |"
        for row in rows
    )


def _line(text: str) -> str:
    return " ".join(text.split())
