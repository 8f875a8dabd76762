"""The tables of the review queue. Decisions are only ever added: an undo is a record, too."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from assistant.storage.tables import Base, new_id

Id = BigInteger().with_variant(Integer, "sqlite")


class JobRow(Base):
    """Comments that one policy and one model judged."""

    __tablename__ = "review_jobs"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(String(200), index=True)
    title: Mapped[str]
    policy: Mapped[str]
    model: Mapped[str]
    created: Mapped[float] = mapped_column(default=time.time)


class ItemRow(Base):
    """A judged comment. The first columns are what filters read; long ones come last.

    ``score`` is that of the category which decided, or else the highest. ``action``, ``allowed``
    and ``blocked`` sum up the standing decisions; ``review_decisions`` is what counts.
    """

    __tablename__ = "review_items"
    __table_args__ = (
        Index("ix_review_items_position", "job_id", "id"),
        Index("ix_review_items_queue", "job_id", "action", "score"),
        Index("ix_review_items_verdict", "job_id", "verdict", "action"),
        Index("ix_review_items_score", "job_id", "score"),
        Index("ix_review_items_lease", "leased_by"),
        Index("ix_review_items_source", "job_id", "source_id"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    job_id: Mapped[str] = mapped_column(String(32), ForeignKey("review_jobs.id"))
    verdict: Mapped[str] = mapped_column(String(16))
    score: Mapped[float]
    action: Mapped[str | None] = mapped_column(String(16))
    allowed: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(200))
    leased_until: Mapped[float] = mapped_column(default=0.0)
    scores: Mapped[dict[str, Any]]
    date: Mapped[str]
    author: Mapped[str]
    rule: Mapped[str]
    reason: Mapped[str]
    source_id: Mapped[str]
    reply_to: Mapped[str]
    text: Mapped[str]
    spans: Mapped[list[Any]] = mapped_column(JSON)
    fields: Mapped[dict[str, Any]]


class DecisionRow(Base):
    """What a moderator did to a comment. ``undoes`` is the record that an undo takes back.

    What one click did to many comments has the same ``batch``. ``standing`` follows from the
    records: this one is its moderator's last word on the comment.
    """

    __tablename__ = "review_decisions"
    __table_args__ = (
        Index("ix_review_decisions_word", "item_id", "moderator"),
        Index("ix_review_decisions_moderator", "moderator", "standing", "id"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    item_id: Mapped[int] = mapped_column(Id, ForeignKey("review_items.id"))
    moderator: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(16))
    standing: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    batch: Mapped[str] = mapped_column(String(32), index=True, default=new_id)
    undoes: Mapped[int | None] = mapped_column(Id, ForeignKey("review_decisions.id"), unique=True)
    created: Mapped[float] = mapped_column(default=time.time)
