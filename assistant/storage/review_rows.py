"""Between the rows of the review queue and its values, both ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from assistant.moderation.comments import Comment, Judged
from assistant.moderation.reviews import Action, PastDecision, ReviewDecision, ReviewItem
from assistant.storage.review_tables import DecisionRow, ItemRow, JobRow
from assistant.storage.rows import utc
from assistant.types import Span, VerdictName


def item_values(job: str, judged: Judged) -> dict[str, Any]:
    """Return the columns of a judged comment."""
    comment, decision = judged.comment, judged.decision
    scores = {name: round(float(score), 4) for name, score in judged.scores.items()}
    return {
        "job_id": job,
        "verdict": decision.verdict,
        "score": scores.get(decision.rule, max(scores.values(), default=0.0)),
        "scores": scores,
        "date": comment.date,
        "author": comment.author,
        "rule": decision.rule,
        "reason": decision.reason,
        "source_id": comment.id,
        "reply_to": comment.reply_to,
        "text": comment.text,
        "spans": [
            [span.start, span.end, span.label, round(float(span.score), 4)]
            for span in (*judged.spans, *decision.spans)
        ],
        "fields": dict(comment.fields),
    }


def review_items(session: Session, rows: Sequence[ItemRow]) -> tuple[ReviewItem, ...]:
    """Return the items of these rows with their decisions."""
    jobs = {
        row.id: row
        for row in session.scalars(
            select(JobRow).where(JobRow.id.in_({row.job_id for row in rows}))
        )
    }
    said: dict[int, list[ReviewDecision]] = {row.id: [] for row in rows}
    query = select(DecisionRow).where(DecisionRow.item_id.in_(said)).order_by(DecisionRow.id)
    for decision in session.scalars(query):
        said[decision.item_id].append(
            ReviewDecision(
                decision.moderator,
                cast(Action, decision.action),
                decision.note,
                utc(decision.created),
                decision.standing,
            )
        )
    return tuple(_item(row, jobs[row.job_id], said[row.id]) for row in rows)


def _item(row: ItemRow, job: JobRow, decisions: Sequence[ReviewDecision]) -> ReviewItem:
    return ReviewItem(
        id=row.id,
        job=row.job_id,
        comment=Comment(row.text, row.source_id, row.author, row.date, row.reply_to, row.fields),
        scores=row.scores,
        spans=tuple(Span(*span) for span in row.spans),
        verdict=cast(VerdictName, row.verdict),
        rule=row.rule,
        reason=row.reason,
        policy=job.policy,
        model=job.model,
        decisions=tuple(decisions),
        action=cast(Any, row.action),
        disputed=row.allowed > 0 and row.blocked > 0,
    )


def parent(
    session: Session, where: Sequence[ColumnElement[bool]], comment: Comment
) -> Comment | None:
    """Return what a comment replies to, if it is among the items that meet the conditions."""
    query = select(ItemRow).where(*where, ItemRow.source_id == comment.reply_to).limit(1)
    row = session.scalar(query)
    if row is None:
        return None
    return Comment(row.text, row.source_id, row.author, row.date, row.reply_to)


def past_decisions(item: ReviewItem) -> Iterator[PastDecision]:
    """Yield the decisions on an item with what they were about."""
    for said in item.decisions:
        yield PastDecision(
            item=item.id,
            job=item.job,
            text=item.comment.text,
            author=item.comment.author,
            scores=item.scores,
            verdict=item.verdict,
            rule=item.rule,
            policy=item.policy,
            model=item.model,
            moderator=said.moderator,
            action=said.action,
            note=said.note,
            created=said.created,
            standing=said.standing,
        )
