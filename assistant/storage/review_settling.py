"""What follows from the records on a comment: whose decisions stand, and what they add up to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from assistant.storage.review_tables import DecisionRow, ItemRow


def settle(session: Session, items: Sequence[int], moderator: str) -> None:
    """Bring these items up to date with their records, and end the moderator's leases of them.

    The items must be locked.
    """
    query = select(DecisionRow).where(DecisionRow.item_id.in_(items)).order_by(DecisionRow.id)
    records: dict[int, list[DecisionRow]] = {item: [] for item in items}
    for record in session.scalars(query):
        records[record.item_id].append(record)
    alike: dict[tuple[str | None, int, int], list[int]] = defaultdict(list)
    for item, found in records.items():
        alike[_sum(_last_words(found))].append(item)
    held = ItemRow.leased_by == moderator
    for (action, allowed, blocked), same in alike.items():
        session.execute(
            update(ItemRow)
            .where(ItemRow.id.in_(same))
            .values(
                action=action,
                allowed=allowed,
                blocked=blocked,
                leased_until=case((held, 0.0), else_=ItemRow.leased_until),
            )
            .execution_options(synchronize_session=False)
        )


def _last_words(records: Sequence[DecisionRow]) -> list[DecisionRow]:
    """Mark and return the records that stand, the oldest first."""
    said: dict[str, list[DecisionRow]] = defaultdict(list)
    for record in records:
        mine = said[record.moderator]
        if record.action == "undo":
            mine[:] = [other for other in mine if other.id != record.undoes]
        else:
            mine.append(record)
    last = [mine[-1] for mine in said.values() if mine]
    for record in records:
        stands = record in last
        if record.standing != stands:
            record.standing = stands
    return sorted(last, key=lambda record: record.id)


def _sum(words: Iterable[DecisionRow]) -> tuple[str | None, int, int]:
    """Return the last allow or block of these, and how many there are of either."""
    actions = [word.action for word in words if word.action != "skip"]
    counts = Counter(actions)
    return (actions[-1] if actions else None), counts["allow"], counts["block"]
