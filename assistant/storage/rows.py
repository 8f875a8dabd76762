"""Between the database's rows and the values of the program, both ways."""

from __future__ import annotations

from datetime import datetime, timezone

from assistant.serialization import reply_to_json
from assistant.storage.tables import ConversationRow, MessageRow
from assistant.storage.values import ConversationInfo, StoredMessage
from assistant.types import Attachment, Message, Reply, Role

TITLE_LENGTH = 60  # characters

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}


def user_row(conversation_id: str, position: int, user: Message) -> MessageRow:
    """Return the row of what the user said."""
    return MessageRow(
        conversation_id=conversation_id,
        position=position,
        role="user",
        text=user.text,
        tool=user.tool,
        payload=user.payload,
        question=user.question,
        attachments=[{"name": item.name, "text": item.text} for item in user.attachments],
    )


def reply_row(conversation_id: str, position: int, reply: Reply) -> MessageRow:
    """Return the row of what the assistant answered, an error sentence included."""
    return MessageRow(
        conversation_id=conversation_id,
        position=position,
        role="assistant",
        text=reply.text or reply.failed or "",
        tool=reply.tool or None,
        payload=reply.payload or None,
        question=reply.route.question,
        reply=reply_to_json(reply),
    )


def stored_message(row: MessageRow) -> StoredMessage:
    """Return the message that a row holds."""
    return StoredMessage(
        id=row.id,
        position=row.position,
        message=Message(
            role=_ROLES[row.role],
            text=row.text,
            tool=row.tool,
            payload=row.payload,
            question=row.question,
            attachments=tuple(Attachment(item["name"], item["text"]) for item in row.attachments),
        ),
        reply=row.reply,
        feedback=None if row.liked is None else "like" if row.liked else "dislike",
        reason=row.reason,
    )


def conversation_info(row: ConversationRow) -> ConversationInfo:
    """Return the conversation that a row holds, without its messages."""
    return ConversationInfo(row.id, row.title, utc(row.created), utc(row.updated))


def utc(seconds: float) -> datetime:
    """Return the time that lies ``seconds`` after 1970 began."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc)


def title_of(user: Message) -> str:
    """Name a conversation by its first message: its words, or else its files."""
    names = ", ".join(item.name for item in user.attachments)
    return one_line(user.text) or one_line(names) or "New chat"


def one_line(text: str) -> str:
    """Shorten a text to a title of one line."""
    line = " ".join(text[:1000].split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"
