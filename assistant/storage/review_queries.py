"""The conditions of the review queue in SQL: who sees what, and what a filter means."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from assistant.errors import InputError
from assistant.moderation.reviews import EVERYTHING, ReviewFilter, Sort
from assistant.storage.review_tables import DecisionRow, ItemRow, JobRow

OPERATOR = "operator"
"""Who works on the command line of the server's computer; no request can come as this owner."""
_CATEGORY = re.compile(r"[\w .:/+-]{1,80}")


def visible(owner: str) -> ColumnElement[bool]:
    """Return which jobs ``owner`` may see, decide on and learn from.

    Those who log in on a server moderate together: all of them see each other's jobs, the
    operator's, and what came through the APIs. A visitor without an account, and the holder of an
    API key, sees their own alone.
    """
    if owner == OPERATOR:
        return true()
    if owner.startswith("user:"):
        shared = (JobRow.owner.startswith(kind) for kind in ("user:", "api:"))
        return or_(*shared, JobRow.owner == OPERATOR)
    return JobRow.owner == owner


def matching(owner: str, job: str | None, wanted: ReviewFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on an item: ``owner`` may see it and it is one of those wanted."""
    jobs = select(JobRow.id).where(visible(owner))
    # One job is compared, not looked for among several, so that indexes give rows in order.
    one = jobs.where(JobRow.id == job).scalar_subquery()
    conditions = [ItemRow.job_id == one if job else ItemRow.job_id.in_(jobs)]
    if wanted.verdict:
        conditions.append(ItemRow.verdict == wanted.verdict)
    if wanted.state:
        conditions.append(_in_state(wanted.state))
    if wanted.category:
        conditions.append(category_score(wanted.category) >= wanted.above)
    if wanted.author:
        conditions.append(ItemRow.author == wanted.author)
    if words := wanted.search.strip():
        conditions.append(
            or_(
                ItemRow.text.icontains(words, autoescape=True),
                ItemRow.author.icontains(words, autoescape=True),
            )
        )
    return conditions


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "open":
        return ItemRow.action.is_(None)
    if state == "decided":
        return ItemRow.action.is_not(None)
    if state == "disputed":
        return and_(ItemRow.action.is_not(None), ItemRow.allowed > 0, ItemRow.blocked > 0)
    return false()


def category_score(category: str) -> ColumnElement[float]:
    """Return an item's score of a category; NULL where it has none.

    Raises:
        InputError: no category can be called so.
    """
    if not _CATEGORY.fullmatch(category):
        raise InputError(
            f"{category[:40]!r} is no category. Choose one of those that the comments have."
        )
    found: ColumnElement[float] = ItemRow.scores[category].as_float()
    return found


def ordered(sort: Sort, descending: bool) -> tuple[ColumnElement[Any], ...]:
    """Return the columns to sort by; comments that are alike stay in the order of the source."""
    columns: dict[Sort, Any] = {
        "position": ItemRow.id,
        "score": ItemRow.score,
        "date": ItemRow.date,
        "author": ItemRow.author,
        "verdict": ItemRow.verdict,
    }
    column = columns[sort]
    first = column.desc() if descending else column.asc()
    return (first,) if sort == "position" else (first, ItemRow.id.asc())


def touched() -> ColumnElement[bool]:
    """Return whether there is any record on an item."""
    return select(DecisionRow.id).where(DecisionRow.item_id == ItemRow.id).exists()


def said_by(moderator: str, action: str | None = None) -> ColumnElement[bool]:
    """Return whether a decision of the moderator stands on an item, a skip included.

    With ``action``, whether it is this one.
    """
    said = select(DecisionRow.id).where(
        DecisionRow.item_id == ItemRow.id, DecisionRow.moderator == moderator, DecisionRow.standing
    )
    return (said.where(DecisionRow.action == action) if action else said).exists()


def due(second_opinion: bool) -> ColumnElement[bool]:
    """Return whether an item waits for a decision: the first, or a second one to compare."""
    if second_opinion:
        return and_(ItemRow.action.is_not(None), ItemRow.allowed + ItemRow.blocked == 1)
    return ItemRow.action.is_(None)


def job_row(session: Session, owner: str, job: str) -> JobRow:
    """Return a job; raises InputError when it is not there for ``owner``."""
    row = session.scalar(select(JobRow).where(JobRow.id == job, visible(owner)))
    if row is None:
        raise _missing("review", job)
    return row


def item_row(session: Session, owner: str, item_id: int, *, lock: bool = False) -> ItemRow:
    """Return an item; raises InputError when it is not there for ``owner``."""
    wanted = select(ItemRow).where(*matching(owner, None, EVERYTHING), ItemRow.id == item_id)
    row = session.scalar(wanted.with_for_update() if lock else wanted)
    if row is None:
        raise _missing("comment", str(item_id))
    return row


def _missing(kind: str, name: str) -> InputError:
    return InputError(
        f"There is no {kind} {name[:40]!r} for you here. It may belong to another visitor; "
        "choose one from the list of reviews."
    )
