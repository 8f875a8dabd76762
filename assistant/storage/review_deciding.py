"""What a moderator does to the queue, inside a transaction that ``reviews`` opens."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.orm import Session

from assistant.errors import InputError
from assistant.storage.review_settling import settle
from assistant.storage.review_tables import DecisionRow, ItemRow
from assistant.storage.tables import new_id

LEASE = 300  # seconds for which a comment is one moderator's
LONGEST_NOTE = 2_000  # characters
CHOICES = ("allow", "block", "skip")

Where = Sequence[ColumnElement[bool]]


def check(action: str) -> None:
    """Refuse what is no decision.

    Raises:
        InputError: names those that are.
    """
    if action not in CHOICES:
        raise InputError(f"{action[:40]!r} is no decision: choose {', '.join(CHOICES)}.")


def lease(session: Session, moderator: str, offered: Where) -> ItemRow | None:
    """Return the worst comment on offer, the one already held first; None if all are taken."""
    now = time.time()
    held = select(ItemRow.id).where(ItemRow.leased_by == moderator, ItemRow.leased_until > now)
    for taken in (ItemRow.id.in_(held), _free(moderator)):
        query = select(ItemRow).where(*offered, taken)
        row = session.scalar(
            query.order_by(ItemRow.score.desc(), ItemRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is not None:
            hold(row, moderator)
            return row
    return None


def hold(row: ItemRow, moderator: str) -> None:
    """Give a comment to the moderator for ``LEASE`` seconds, unless another one holds it."""
    now = time.time()
    if row.leased_by == moderator or row.leased_until <= now:
        row.leased_by, row.leased_until = moderator, now + LEASE


def decide(session: Session, row: ItemRow, moderator: str, action: str, note: str) -> None:
    """Record a decision on ``row``, which is locked, unless it says what stands already.

    Raises:
        InputError: another moderator holds it.
    """
    if row.leased_by != moderator and row.leased_until > time.time():
        raise InputError(
            "Another moderator is looking at this comment just now. Take the next one, or come "
            f"back to it in {LEASE // 60} minutes."
        )
    words = note.strip()[:LONGEST_NOTE]
    before = session.scalar(
        select(DecisionRow).where(
            DecisionRow.item_id == row.id,
            DecisionRow.moderator == moderator,
            DecisionRow.standing,
        )
    )
    if before is None or (before.action, before.note) != (action, words):
        said = DecisionRow(
            item_id=row.id, moderator=moderator, action=action, note=words, standing=True
        )
        session.add(said)
        session.flush()
    settle(session, [row.id], moderator)
    session.refresh(row)


def decide_page(
    session: Session, where: Where, moderator: str, said: tuple[str, str, str], limit: int
) -> Sequence[int]:
    """Record one decision on each of the first comments that nobody else holds; return their ids.

    ``said`` is the action, the note and the batch.
    """
    action, note, batch = said
    page = select(ItemRow.id).where(*where, _free(moderator)).order_by(ItemRow.id).limit(limit)
    found = session.scalars(page.with_for_update()).all()
    if found:
        words = note.strip()[:LONGEST_NOTE]
        shared = {
            "moderator": moderator,
            "action": action,
            "note": words,
            "batch": batch,
            "standing": True,
        }
        session.execute(insert(DecisionRow), [{"item_id": item, **shared} for item in found])
        settle(session, found, moderator)
    return found


def last_batch(session: Session, where: Where, moderator: str) -> str:
    """Return the batch of the moderator's last decision that stands.

    Raises:
        InputError: there is none.
    """
    query = select(DecisionRow.batch).join(ItemRow, DecisionRow.item_id == ItemRow.id)
    query = query.where(*where, DecisionRow.moderator == moderator, DecisionRow.standing)
    batch = session.scalar(query.order_by(DecisionRow.id.desc()).limit(1))
    if batch is None:
        raise InputError("There is no decision of yours to take back here.")
    return batch


def take_back(session: Session, where: Where, moderator: str, batch: str, limit: int) -> list[int]:
    """Undo the first decisions of a batch that stand, and return what they were on."""
    query = select(DecisionRow).join(ItemRow, DecisionRow.item_id == ItemRow.id)
    query = query.where(
        *where,
        DecisionRow.moderator == moderator,
        DecisionRow.batch == batch,
        DecisionRow.standing,
    )
    found = session.scalars(query.limit(limit).with_for_update()).all()
    if found:
        shared = {"moderator": moderator, "action": "undo", "batch": new_id(), "standing": False}
        session.execute(
            insert(DecisionRow),
            [{"item_id": row.item_id, "undoes": row.id, **shared} for row in found],
        )
        settle(session, [row.item_id for row in found], moderator)
    return [row.item_id for row in found]


def _free(moderator: str) -> ColumnElement[bool]:
    return or_(ItemRow.leased_until <= time.time(), ItemRow.leased_by == moderator)
