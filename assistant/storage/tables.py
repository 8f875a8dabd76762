"""The database's tables. Times are seconds since 1970 in UTC, which every database keeps alike."""

from __future__ import annotations

import time
import uuid
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class CleanText(TypeDecorator[str]):
    """Text of any length, without what a database cannot hold: lone surrogates and NUL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace each character that has no UTF-8 form; a broken emoji must not lose a turn."""
        if value is None:
            return None
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def new_id() -> str:
    """Return a fresh random id: 32 hexadecimal digits."""
    return uuid.uuid4().hex


class Base(DeclarativeBase):
    """Parent of all tables."""

    type_annotation_map = {str: CleanText, dict[str, Any]: JSON, list[dict[str, str]]: JSON}  # noqa: RUF012


class FormatRow(Base):
    """One row: the version of this layout, so that an older program refuses a newer file."""

    __tablename__ = "format"
    version: Mapped[int] = mapped_column(primary_key=True)


class ConversationRow(Base):
    """A chat. Its title stays empty until the first message."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(String(200), index=True)
    title: Mapped[str] = mapped_column(default="")
    created: Mapped[float] = mapped_column(default=time.time)
    updated: Mapped[float] = mapped_column(default=time.time, index=True)


class MessageRow(Base):
    """One message of a chat; deleted with it."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "position"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    tool: Mapped[str | None]
    payload: Mapped[str | None]
    question: Mapped[str | None]
    attachments: Mapped[list[dict[str, str]]] = mapped_column(default=list)
    reply: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    liked: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")
    created: Mapped[float] = mapped_column(default=time.time)


class LoginRow(Base):
    """Somebody who is logged in; see ``assistant.storage.values.Login``."""

    __tablename__ = "logins"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    seal: Mapped[str] = mapped_column(String(200))
    end: Mapped[float]


class CorrectionRow(Base):
    """A corrected route. It keeps its owner, so that a user's data can be found and deleted."""

    __tablename__ = "corrections"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(200), index=True)
    text: Mapped[str]
    chosen_tool: Mapped[str]
    right_tool: Mapped[str]
    payload: Mapped[str]
    created: Mapped[float] = mapped_column(default=time.time)
