"""What the page does with conversations: say, stop, retry, undo, edit. Knows no Gradio.

The conversation of record is read from storage for every turn; nothing that a client sends is
taken for history.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from weakref import WeakValueDictionary

from assistant.chat import Assistant
from assistant.errors import InputError
from assistant.events import Event, fold
from assistant.serialization import reply_from_json
from assistant.storage import Storage, StoredMessage
from assistant.types import Attachment, Document, Message, Options, Reply, Turn
from assistant.ui import render
from assistant.ui.render import MessageDict
from assistant.ui.results import LONGEST

FRAME = 0.06  # seconds between two pictures of a running answer
LOOK = 0.1  # seconds between two looks whether another tab's answer in the same chat has ended


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be answered, in which conversation (None begins one).

    ``files`` are read when the turn begins, ``attachments`` have been read before. ``position`` is
    the message from which on the conversation is replaced, ``replaces`` the id of an answer that
    alone is replaced; without either the turn is appended. ``unanswered``: see ``Turn``.
    """

    conversation_id: str | None
    text: str
    attachments: tuple[Attachment, ...] = ()
    tool: str | None = None
    options: Options = field(default_factory=Options)
    position: int | None = None
    replaces: str | None = None
    files: tuple[str, ...] = ()
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """All messages of a conversation at one moment; ``final`` when it is as stored.

    ``judgements`` is what the user thought of each answer: Like, Dislike or None. A final picture
    has the ids of the messages.
    """

    conversation_id: str
    messages: list[MessageDict]
    final: bool = False
    judgements: tuple[str | None, ...] = ()
    ids: tuple[str, ...] = ()


class Turns:
    """Runs turns of many visitors; safe from many threads."""

    def __init__(self, assistant: Assistant, storage: Storage) -> None:
        self._assistant = assistant
        self._storage = storage
        self._chats: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._lock = threading.Lock()

    @property
    def titles(self) -> Mapping[str, str]:
        """Tool name → title."""
        return {name: tool.title for name, tool in self._assistant.tools.items()}

    def stored(self, owner: str, conversation_id: str) -> Picture:
        """Return the conversation as it is stored.

        Raises:
            InputError: the conversation is not the owner's.

        """
        stored = self._storage.messages(owner, conversation_id)
        messages = self._drawn(stored, conversation_id)
        if len(stored) > 1 and stored[-1].reply is not None:
            reply = reply_from_json(stored[-1].reply)
            files = stored[-2].message.attachments
            messages[-1]["options"] = render.choices(reply, self.titles, files)
        ids = tuple(item.id for item in stored)
        return Picture(conversation_id, messages, True, _judgements(stored), ids)

    def say(self, owner: str, request: Request, stop: threading.Event) -> Iterator[Picture]:
        """Answer; yield pictures of the conversation, the last one after the turn is stored.

        There is at most one picture in ``FRAME`` seconds. When the iterator is closed, or ``stop``
        is set, the generator stops and what was said so far is stored. While another turn is
        answered in the same conversation, this one waits.

        Raises:
            InputError: the conversation or the answer to replace is not there any more.
            DocumentError: a file cannot be read.

        """
        conversation_id = request.conversation_id or self._storage.start(owner)
        around = self._around(owner, conversation_id, request)
        yield self._frames(conversation_id, request, request.attachments, around)([])
        files = tuple(self._assistant.attach(Path(path), Path(path).name) for path in request.files)
        files = files or request.attachments
        with self._alone(conversation_id, stop):
            around = self._around(owner, conversation_id, request)
            frame = self._frames(conversation_id, request, files, around)
            history = tuple(item.message for item in around[0])
            turn = Turn(
                request.text, history, files, request.tool, request.options, request.unanswered
            )
            events: list[Event] = []
            finished = False
            try:
                shown = 0.0
                with closing(self._assistant.stream(turn, stop)) as stream:
                    for event in stream:
                        events.append(event)
                        if time.monotonic() - shown >= FRAME:
                            yield frame(events)
                            shown = time.monotonic()
                finished = not stop.is_set()
            finally:
                reply = replace(fold(events), stopped=not finished)
                self._keep(owner, conversation_id, request, files, reply)
        yield self.stored(owner, conversation_id)

    def again(
        self,
        owner: str,
        conversation_id: str,
        options: Options,
        tool: str | None = None,
        answer: str | None = None,
    ) -> Request:
        """Return the turn of an answer as a request that replaces the answer.

        ``answer`` is its id, None for the last one. A ``tool`` given is also kept as a correction,
        from which the router learns.
        """
        asked, answered = self._turn(owner, conversation_id, answer)
        unanswered = False
        if tool is not None and answered.reply is not None:
            reply = reply_from_json(answered.reply)
            unanswered = reply.tool == "documents" and bool(reply.passages)  # only the nearest
            if reply.tool != tool:
                self._storage.correct(owner, asked.message.text, reply.tool, tool, reply.payload)
        message = asked.message
        return Request(
            conversation_id,
            message.text,
            message.attachments,
            tool,
            options,
            replaces=answered.id,
            unanswered=unanswered,
        )

    def edited(
        self, owner: str, conversation_id: str, position: int, text: str, options: Options
    ) -> Request:
        """Return the request that replaces the user's message at ``position`` and all after it.

        Raises:
            InputError: there is no such message of the user's, or it cannot be edited.

        """
        stored = self._storage.messages(owner, conversation_id)
        if not 0 <= position < len(stored) or stored[position].message.role != "user":
            raise InputError("Only a message of your own can be edited. Open the chat again.")
        message = stored[position].message
        if len(message.text) > LONGEST:
            raise InputError(
                f"This message has {len(message.text):,} characters, too many to edit here "
                f"(at most {LONGEST:,}). Send the new version as a new message."
            )
        return Request(
            conversation_id, text, message.attachments, None, options, stored[position].position
        )

    def undo(self, owner: str, conversation_id: str) -> str:
        """Take back the last turn and return what the user had said."""
        asked, _ = self._turn(owner, conversation_id)
        self._storage.truncate(owner, conversation_id, asked.position)
        return asked.message.text

    def judge(
        self, owner: str, conversation_id: str, position: int, liked: bool | None, reason: str = ""
    ) -> None:
        """Keep what the user thinks of the message at ``position``."""
        stored = self._storage.messages(owner, conversation_id)
        if not 0 <= position < len(stored):
            raise InputError("This answer is no longer in the chat. Open the chat again.")
        self._storage.feedback(owner, stored[position].id, liked, reason)

    def keep_attachments(self, owner: str, conversation_id: str) -> list[Document]:
        """Add the files of the last message that has any to the library."""
        for item in reversed(self._storage.messages(owner, conversation_id)):
            if item.message.attachments:
                return [self._add(file) for file in item.message.attachments]
        raise InputError("No file came with this chat. Attach one with the paper clip first.")

    def _add(self, file: Attachment) -> Document:
        library = self._assistant.library
        if file.path is not None and Path(file.path).exists():
            return library.add(file.path, name=file.name)
        return library.add_text(file.name, file.text)

    def _turn(
        self, owner: str, conversation_id: str, answer: str | None = None
    ) -> tuple[StoredMessage, StoredMessage]:
        """Return the question and the answer of the last turn, or of the turn with this answer."""
        stored = self._storage.messages(owner, conversation_id)
        if not stored:
            raise InputError("This chat is empty, so there is nothing to repeat. Write a message.")
        for asked, answered in zip(stored[-2::-2], stored[::-2], strict=False):
            if answer in (None, answered.id):
                return asked, answered
        raise InputError("This answer is no longer in the chat. Open the chat again.")

    def _around(
        self, owner: str, conversation_id: str, request: Request
    ) -> tuple[Sequence[StoredMessage], Sequence[StoredMessage]]:
        """Return the messages that stay before and after the turn."""
        stored = self._storage.messages(owner, conversation_id)
        if request.replaces is None:
            return stored[: request.position], ()
        ids = [item.id for item in stored]
        if request.replaces not in ids:
            raise InputError("This answer is no longer in the chat. Open the chat again.")
        place = ids.index(request.replaces)
        return stored[: place - 1], stored[place + 1 :]

    def _frames(
        self,
        conversation_id: str,
        request: Request,
        files: tuple[Attachment, ...],
        around: tuple[Sequence[StoredMessage], Sequence[StoredMessage]],
    ) -> Callable[[Sequence[Event]], Picture]:
        """Return what makes a picture of the running turn from its events so far."""
        before, after = (self._drawn(stored, conversation_id) for stored in around)
        judgements = (*_judgements(around[0]), None, *_judgements(around[1]))
        asked = render.question(Message("user", request.text, attachments=files))

        def frame(events: Sequence[Event]) -> Picture:
            live = render.live(events, self.titles)
            messages = [*before, asked, live, *after]
            return Picture(conversation_id, messages, judgements=judgements)

        return frame

    def _drawn(self, stored: Sequence[StoredMessage], conversation_id: str) -> list[MessageDict]:
        return render.conversation(stored, self.titles, conversation_id)

    def _keep(
        self,
        owner: str,
        conversation_id: str,
        request: Request,
        files: tuple[Attachment, ...],
        reply: Reply,
    ) -> None:
        if request.replaces is not None:
            self._storage.replace(owner, conversation_id, request.replaces, reply)
            return
        if request.position is not None:
            self._storage.truncate(owner, conversation_id, request.position)
        user = Message("user", request.text, attachments=files)
        self._storage.append(owner, conversation_id, user, reply)

    @contextmanager
    def _alone(self, conversation_id: str, stop: threading.Event) -> Iterator[None]:
        """Wait until no other tab is answered in the chat; a turn that is to stop does not wait."""
        with self._lock:
            lock = self._chats.setdefault(conversation_id, threading.Lock())
        while not (held := lock.acquire(timeout=LOOK)) and not stop.is_set():
            pass
        try:
            yield
        finally:
            if held:
                lock.release()


def _judgements(stored: Sequence[StoredMessage]) -> tuple[str | None, ...]:
    words = {"like": "Like", "dislike": "Dislike", None: None}
    return tuple(words[item.feedback] for item in stored if item.message.role == "assistant")
