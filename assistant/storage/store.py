"""Storage: the conversations of record. Every method takes the owner, and another owner's
conversation behaves exactly like one that does not exist.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.orm import Session

from assistant.errors import InputError
from assistant.export import conversation_to_markdown
from assistant.settings import Settings
from assistant.storage.database import open_file, open_url, transaction
from assistant.storage.logins import LoginRecords
from assistant.storage.reviews import Reviews
from assistant.storage.rows import (
    conversation_info,
    one_line,
    reply_row,
    stored_message,
    title_of,
    user_row,
    utc,
)
from assistant.storage.tables import ConversationRow, CorrectionRow, MessageRow
from assistant.storage.values import ConversationInfo, Correction, StoredMessage
from assistant.types import Message, Reply

FILE_NAME = "switchboard.db"
EMPTY_LIFETIME = 86_400  # seconds that a conversation without messages is kept


class Storage:
    """Conversations, feedback and corrections in one database; safe to use from many threads.

    ``logins`` and ``reviews`` are in the same database. ``warning`` is a sentence for the user
    when a damaged database had to be replaced.
    """

    def __init__(self, engine: Engine, warning: str | None = None) -> None:
        self.warning = warning
        self._engine = engine
        self._writer = engine.execution_options(write=True)
        self.logins = LoginRecords(self._writer)
        self.reviews = Reviews(engine, self._writer)

    @classmethod
    def from_settings(cls, settings: Settings) -> Storage:
        """Open ``database_url``, or the file in the data directory; raises StorageError."""
        if settings.database_url:
            return cls(open_url(settings.database_url))
        return cls(*open_file(settings.data_dir / FILE_NAME))

    def start(self, owner: str) -> str:
        """Begin an empty conversation and return its id; it is listed from its first message on."""
        with self._write() as session:
            session.execute(
                delete(ConversationRow).where(
                    ConversationRow.owner == owner,
                    ConversationRow.title == "",
                    ConversationRow.created < time.time() - EMPTY_LIFETIME,
                    ~select(MessageRow.id)
                    .where(MessageRow.conversation_id == ConversationRow.id)
                    .exists(),
                )
            )
            row = ConversationRow(owner=owner)
            session.add(row)
            session.flush()
            return row.id

    def conversations(
        self, owner: str, query: str = "", limit: int = 200
    ) -> tuple[ConversationInfo, ...]:
        """Return the owner's conversations, last used first; ``query`` looks in title and text."""
        wanted = select(ConversationRow).where(
            ConversationRow.owner == owner, ConversationRow.title != ""
        )
        if query.strip():
            words = query.strip()
            inside = select(MessageRow.conversation_id).where(
                MessageRow.text.icontains(words, autoescape=True)
            )
            wanted = wanted.where(
                or_(
                    ConversationRow.title.icontains(words, autoescape=True),
                    ConversationRow.id.in_(inside),
                )
            )
        with self._read() as session:
            rows = session.scalars(
                wanted.order_by(ConversationRow.updated.desc(), ConversationRow.id).limit(limit)
            )
            return tuple(conversation_info(row) for row in rows)

    def conversation(self, owner: str, conversation_id: str) -> ConversationInfo:
        """Return one conversation's line in the list; raises InputError when it is not there."""
        with self._read() as session:
            return conversation_info(_owned(session, owner, conversation_id))

    def messages(self, owner: str, conversation_id: str) -> tuple[StoredMessage, ...]:
        """Return the conversation's messages in order; raises InputError when it is not there."""
        with self._read() as session:
            _owned(session, owner, conversation_id)
            rows = session.scalars(
                select(MessageRow)
                .where(MessageRow.conversation_id == conversation_id)
                .order_by(MessageRow.position)
            )
            return tuple(stored_message(row) for row in rows)

    def history(self, owner: str, conversation_id: str) -> tuple[Message, ...]:
        """Return what was said so far, as the next ``Turn`` needs it."""
        return tuple(stored.message for stored in self.messages(owner, conversation_id))

    def message(self, owner: str, conversation_id: str, message_id: str) -> StoredMessage:
        """Return one message; raises InputError when it or its conversation is not there."""
        with self._read() as session:
            _owned(session, owner, conversation_id)
            row = session.get(MessageRow, message_id)
            if row is None or row.conversation_id != conversation_id:
                raise _missing("message", message_id)
            return stored_message(row)

    def append(
        self, owner: str, conversation_id: str, user: Message, reply: Reply
    ) -> tuple[str, str]:
        """Store a turn, both sides or neither; return the two message ids.

        The first turn names the conversation. Raises InputError when it is not there.
        """
        with self._write() as session:
            conversation = _owned(session, owner, conversation_id, lock=True)
            last = session.scalar(
                select(func.max(MessageRow.position)).where(
                    MessageRow.conversation_id == conversation_id
                )
            )
            position = 0 if last is None else last + 1
            asked = user_row(conversation_id, position, user)
            answered = reply_row(conversation_id, position + 1, reply)
            session.add_all([asked, answered])
            conversation.title = conversation.title or title_of(user)
            conversation.updated = time.time()
            session.flush()
            return asked.id, answered.id

    def replace(self, owner: str, conversation_id: str, message_id: str, reply: Reply) -> str:
        """Put another answer in the place of one and return its id.

        Raises InputError when the answer or the conversation is not there.
        """
        with self._write() as session:
            conversation = _owned(session, owner, conversation_id, lock=True)
            row = session.get(MessageRow, message_id)
            if row is None or row.conversation_id != conversation_id or row.reply is None:
                raise _missing("answer", message_id)
            answered = reply_row(conversation_id, row.position, reply)
            session.delete(row)
            session.flush()  # frees the position
            session.add(answered)
            conversation.updated = time.time()
            session.flush()
            return answered.id

    def truncate(self, owner: str, conversation_id: str, position: int) -> None:
        """Drop the message at ``position`` and all after it (undo, retry, edit)."""
        with self._write() as session:
            conversation = _owned(session, owner, conversation_id, lock=True)
            session.execute(
                delete(MessageRow).where(
                    MessageRow.conversation_id == conversation_id, MessageRow.position >= position
                )
            )
            conversation.updated = time.time()

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Give the conversation another title; raises InputError when the title is blank."""
        line = one_line(title)
        if not line:
            raise InputError("A chat's title cannot be blank. Write a few words and save again.")
        with self._write() as session:
            _owned(session, owner, conversation_id, lock=True).title = line

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete the conversation with all its messages; SQLite overwrites where they lay."""
        with self._write() as session:
            session.delete(_owned(session, owner, conversation_id, lock=True))

    def export(self, owner: str, conversation_id: str) -> str:
        """Return the conversation as Markdown."""
        info = self.conversation(owner, conversation_id)
        messages = self.messages(owner, conversation_id)
        return conversation_to_markdown(
            info.title, [(stored.message, stored.reply) for stored in messages]
        )

    def feedback(self, owner: str, message_id: str, liked: bool | None, reason: str = "") -> None:
        """Keep a like, a dislike, or ``None`` to take it back, with the user's reason."""
        with self._write() as session:
            row = session.get(MessageRow, message_id)
            if row is None:
                raise _missing("message", message_id)
            _owned(session, owner, row.conversation_id)
            row.liked = liked
            row.reason = reason.strip() if liked is not None else ""

    def correct(
        self, owner: str, text: str, chosen_tool: str, right_tool: str, payload: str
    ) -> None:
        """Keep a route correction for the next training of the router."""
        with self._write() as session:
            session.add(
                CorrectionRow(
                    owner=owner,
                    text=text,
                    chosen_tool=chosen_tool,
                    right_tool=right_tool,
                    payload=payload,
                )
            )

    def corrections(self) -> tuple[Correction, ...]:
        """Return every correction of every owner, oldest first: for training, never for a page."""
        with self._read() as session:
            rows = session.scalars(select(CorrectionRow).order_by(CorrectionRow.id))
            return tuple(
                Correction(row.text, row.chosen_tool, row.right_tool, row.payload, utc(row.created))
                for row in rows
            )

    @property
    def file(self) -> Path | None:
        """The SQLite file; None where a server keeps the database."""
        url = self._engine.url
        return Path(url.database) if url.drivername == "sqlite" and url.database else None

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _read(self) -> AbstractContextManager[Session]:
        return transaction(self._engine)

    def _write(self) -> AbstractContextManager[Session]:
        return transaction(self._writer)


def _owned(
    session: Session, owner: str, conversation_id: str, *, lock: bool = False
) -> ConversationRow:
    """Return the conversation if it is the owner's; ``lock`` keeps other writers out of it."""
    wanted = select(ConversationRow).where(
        ConversationRow.id == conversation_id, ConversationRow.owner == owner
    )
    row = session.scalar(wanted.with_for_update() if lock else wanted)
    if row is None:
        raise _missing("chat", conversation_id)
    return row


def _missing(kind: str, name: str) -> InputError:
    return InputError(
        f"There is no {kind} {name[:40]!r} here. It may have been deleted, or belong to another "
        "visitor; choose one from the list of past chats, or begin a new one."
    )
