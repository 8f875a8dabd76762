"""Counts of the review queue for charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from assistant.moderation.reviews import ReviewCounts
from assistant.storage.review_tables import DecisionRow, ItemRow

BINS = 20  # of a score's distribution
PAGE = 5_000  # rows fetched at once
DAY = "____-__-__%"  # how a date in ISO 8601 begins

Where = Sequence[ColumnElement[bool]]


def counts(session: Session, where: Where) -> ReviewCounts:
    """Count the items that meet every condition."""
    opinions = ItemRow.allowed + ItemRow.blocked
    total, shared, disputed = session.execute(
        select(
            func.count(ItemRow.id),
            func.count(case((opinions > 1, 1))),
            func.count(case((and_(ItemRow.allowed > 0, ItemRow.blocked > 0), 1))),
        ).where(*where)
    ).one()
    return ReviewCounts(
        total=total,
        verdicts=_verdicts(session, where),
        scores=_distributions(session, where),
        days=_days(session, where),
        moderators=_moderators(session, where),
        shared=shared,
        disputed=disputed,
    )


def _verdicts(session: Session, where: Where) -> dict[str, dict[str, int]]:
    rows = session.execute(
        select(ItemRow.verdict, ItemRow.action, func.count(ItemRow.id))
        .where(*where)
        .group_by(ItemRow.verdict, ItemRow.action)
    )
    return _nested((verdict, action or "open", count) for verdict, action, count in rows)


def _distributions(session: Session, where: Where) -> dict[str, tuple[int, ...]]:
    # One pass over the rows: the database would unpack each row's JSON once for every category.
    bins: dict[str, list[int]] = defaultdict(lambda: [0] * BINS)
    for scores in session.scalars(select(ItemRow.scores).where(*where)).yield_per(PAGE):
        for name, score in scores.items():
            bins[name][min(BINS - 1, int(score * BINS))] += 1
    return {name: tuple(counted) for name, counted in bins.items()}


def _days(session: Session, where: Where) -> dict[str, dict[str, int]]:
    day = func.substr(ItemRow.date, 1, 10).label("day")
    rows = session.execute(
        select(day, ItemRow.verdict, func.count(ItemRow.id))
        .where(*where, ItemRow.date.like(DAY))
        .group_by(day, ItemRow.verdict)
        .order_by(day)
    )
    return _nested(rows)


def _moderators(session: Session, where: Where) -> dict[str, dict[str, int]]:
    rows = session.execute(
        select(DecisionRow.moderator, DecisionRow.action, func.count(DecisionRow.id))
        .join(ItemRow, DecisionRow.item_id == ItemRow.id)
        .where(*where, DecisionRow.standing)
        .group_by(DecisionRow.moderator, DecisionRow.action)
        .order_by(DecisionRow.moderator)
    )
    return _nested(rows)


def _nested(rows: object) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = defaultdict(dict)
    for outer, inner, count in rows:  # type: ignore[attr-defined]
        table[outer][inner] = count
    return dict(table)
