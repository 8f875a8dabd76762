"""The comments of a moderation as CSV, Excel or JSON lines, with what was decided on them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse

from assistant.errors import InputError
from assistant.moderation import output
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.moderation.desk import UNREADABLE
from assistant.moderation.output import ATTRIBUTES, Fields, Format, Layout
from assistant.moderation.reviews import ReviewFilter, ReviewItem, State
from assistant.owners import owner_of
from assistant.storage import Storage
from assistant.types import VerdictName
from assistant.ui.comments_view import name_of

LOOKED_AT = 1000  # comments that tell which columns there are
BATCH = 500  # rows sent together
DECISIONS = ("decision", "decided by", "notes")


def comment_routes(storage: Storage) -> APIRouter:
    """Return the route below ``/moderation``; a visitor gets what they may see on the page."""
    routes = APIRouter(prefix="/moderation/{job}")

    @routes.get("/comments.{form}")
    def comments(
        request: Request,
        job: str,
        form: Format,
        verdict: VerdictName | None = None,
        state: State | None = None,
        category: str = "",
        above: float = 0.0,
        search: str = "",
    ) -> Response:
        owner = owner_of(request)
        wanted = ReviewFilter(
            verdict=verdict, state=state, category=category, above=above, search=search
        )
        first = list(islice(storage.reviews.each(owner, job, wanted), LOOKED_AT))
        if not first:
            raise InputError("There is no such comment here. Look at the page again and retry.")
        columns, rows = _table(first, storage.reviews.each(owner, job, wanted))
        headers = {
            "Content-Disposition": f'attachment; filename="comments.{form}"',
            "Cache-Control": "no-store",
        }
        if form == "xlsx":
            return _workbook(columns, rows, headers)
        kind = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
        return StreamingResponse(_sent(columns, rows, form), media_type=kind, headers=headers)

    return routes


def _table(
    first: list[ReviewItem], items: Iterator[ReviewItem]
) -> tuple[tuple[str, ...], Iterator[Fields]]:
    """Return the columns and the rows of these comments; the ``first`` ones tell the columns."""
    fields = dict.fromkeys(name for item in first for name in item.comment.fields)
    categories = tuple(dict.fromkeys(name for item in first for name in item.scores))
    roles = {_free(name, fields): name for name in ATTRIBUTES}
    layout = Layout((*roles, *fields), categories, roles)
    names = {name: _free(name, dict.fromkeys(layout.all_columns)) for name in DECISIONS}
    rows = ({**layout.row(_judged(item)), **_decided(item, names)} for item in items)
    return (*layout.all_columns, *names.values()), rows


def _judged(item: ReviewItem) -> Judged | Comment:
    comment = item.comment
    if item.rule == UNREADABLE:
        return Comment(
            comment.text, comment.id, comment.author, comment.date, comment.reply_to,
            comment.fields, problem=item.reason,
        )  # fmt: skip
    decision = Decision(item.verdict, item.rule, item.reason)
    return Judged(comment, item.scores, item.spans, decision)


def _decided(item: ReviewItem, names: Fields) -> dict[str, str]:
    standing = [decision for decision in item.decisions if decision.standing]
    values: dict[Literal["decision", "decided by", "notes"], str] = {
        "decision": "disputed" if item.disputed else item.action or "",
        "decided by": " | ".join(name_of(decision.moderator) for decision in standing),
        "notes": " | ".join(decision.note for decision in standing if decision.note),
    }
    return {names[name]: value for name, value in values.items()}


def _sent(columns: tuple[str, ...], rows: Iterator[Fields], form: Format) -> Iterator[bytes]:
    yield output.head(columns, form)
    while batch := list(islice(rows, BATCH)):
        yield output.lines(batch, columns, form)


def _workbook(
    columns: tuple[str, ...], rows: Iterator[Fields], headers: dict[str, str]
) -> Response:
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as file:
        path = Path(file.name)
    output.write_rows(path, columns, rows, "xlsx")
    return FileResponse(path, headers=headers, background=BackgroundTask(path.unlink))


def _free(name: str, taken: Fields) -> str:
    """Return a name that no column of the source has."""
    return name if name not in taken else _free(f"{name} 2", taken)
