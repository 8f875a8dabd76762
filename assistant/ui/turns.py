"""What the page does with conversations: say, stop, retry, undo, edit. Knows no Gradio.

The conversation of record is read from storage for every turn; nothing that a client sends is
taken for history.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.chat import Assistant
from assistant.errors import InputError
from assistant.events import Event, fold
from assistant.serialization import reply_from_json
from assistant.storage import Storage, StoredMessage
from assistant.types import Attachment, Document, Message, Options, Reply, Turn
from assistant.ui import render
from assistant.ui.render import MessageDict
from assistant.ui.results import LONGEST

LEAVING = 3.0  # seconds that opening another chat waits for a turn to end
FRAME = 0.06  # seconds between two pictures of a running answer


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who acts: the owner of the conversations, and the browser tab the turn runs for."""

    owner: str
    tab: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be answered, in which conversation (None begins one).

    ``position`` is the message from which on the conversation is replaced, None to append.
    """

    conversation_id: str | None
    text: str
    attachments: tuple[Attachment, ...] = ()
    tool: str | None = None
    options: Options = field(default_factory=Options)
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """All messages of a conversation at one moment; ``final`` once the turn is stored."""

    conversation_id: str
    messages: list[MessageDict]
    final: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Running:
    """A turn under way; ``left`` is set when nobody looks at its conversation any more."""

    stop: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


class Turns:
    """Runs turns of many visitors; safe from many threads."""

    def __init__(self, assistant: Assistant, storage: Storage) -> None:
        self._assistant = assistant
        self._storage = storage
        self._running: defaultdict[Visitor, set[Running]] = defaultdict(set)
        self._lock = threading.Lock()

    @property
    def titles(self) -> Mapping[str, str]:
        """Tool name → title."""
        return {name: tool.title for name, tool in self._assistant.tools.items()}

    def shown(self, owner: str, conversation_id: str) -> list[MessageDict]:
        """Return the stored conversation as messages to show."""
        stored = self._storage.messages(owner, conversation_id)
        messages = render.conversation(stored, self.titles, conversation_id)
        if len(stored) > 1 and stored[-1].reply is not None:
            reply = reply_from_json(stored[-1].reply)
            files = stored[-2].message.attachments
            messages[-1]["options"] = render.choices(reply, self.titles, files)
        return messages

    def judgements(self, owner: str, conversation_id: str) -> list[str | None]:
        """Return what the user thought of each answer: Like, Dislike, a reason, or None."""
        return [
            {"like": "Like", "dislike": "Dislike", None: None}[item.feedback]
            for item in self._storage.messages(owner, conversation_id)
            if item.message.role == "assistant"
        ]

    def say(self, visitor: Visitor, request: Request) -> Iterator[Picture]:
        """Answer; yield pictures of the conversation, the last one after the turn is stored.

        There is at most one picture in ``FRAME`` seconds. When the iterator is closed, or ``stop``
        or ``leave`` is called, the generator stops and what was said so far is stored.

        Raises:
            InputError: the conversation is not the visitor's.

        """
        owner = visitor.owner
        conversation_id = request.conversation_id or self._storage.start(owner)
        stored = self._storage.messages(owner, conversation_id)[: request.position]
        user = Message("user", request.text, attachments=request.attachments)
        history = tuple(item.message for item in stored)
        turn = Turn(request.text, history, request.attachments, request.tool, request.options)
        before = [
            *render.conversation(stored, self.titles, conversation_id),
            render.question(user),
        ]
        events: list[Event] = []
        finished = False
        with self._registered(visitor) as running:
            try:
                yield Picture(conversation_id, [*before, render.live(events, self.titles)])
                shown = time.monotonic()
                with closing(self._assistant.stream(turn, running.stop)) as stream:
                    for event in stream:
                        events.append(event)
                        if time.monotonic() - shown >= FRAME and not running.left.is_set():
                            live = render.live(events, self.titles)
                            yield Picture(conversation_id, [*before, live])
                            shown = time.monotonic()
                finished = not running.stop.is_set()
            finally:
                reply = replace(fold(events), stopped=not finished)
                self._keep(owner, conversation_id, request.position, user, reply)
        if not running.left.is_set():
            yield Picture(conversation_id, self.shown(owner, conversation_id), final=True)

    def stop(self, visitor: Visitor) -> list[Running]:
        """Stop what runs for the visitor's tab; each generator ends at its next token."""
        with self._lock:
            running = list(self._running.get(visitor, ()))
        for turn in running:
            turn.stop.set()
        return running

    def leave(self, visitor: Visitor) -> None:
        """Stop what runs for the tab, show no more of it, and wait until it is stored."""
        with self._lock:
            for turn in self._running.get(visitor, ()):
                turn.left.set()
        deadline = time.monotonic() + LEAVING
        for turn in self.stop(visitor):
            turn.ended.wait(max(deadline - time.monotonic(), 0))

    def again(
        self, owner: str, conversation_id: str, options: Options, tool: str | None = None
    ) -> Request:
        """Return the last turn as a request that replaces it, sent to ``tool`` if given.

        A tool given is also kept as a correction, from which the router learns.
        """
        asked, reply = self._last(owner, conversation_id)
        if tool is not None and reply is not None and reply.tool != tool:
            self._storage.correct(owner, asked.message.text, reply.tool, tool, reply.payload)
        message = asked.message
        return Request(
            conversation_id, message.text, message.attachments, tool, options, asked.position
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
        asked, _ = self._last(owner, conversation_id)
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

    def _last(self, owner: str, conversation_id: str) -> tuple[StoredMessage, Reply | None]:
        stored = self._storage.messages(owner, conversation_id)
        reply = None
        for item in reversed(stored):
            if item.message.role == "user":
                return item, reply
            reply = reply_from_json(item.reply) if item.reply is not None else None
        raise InputError("This chat is empty, so there is nothing to repeat. Write a message.")

    def _keep(
        self, owner: str, conversation_id: str, position: int | None, user: Message, reply: Reply
    ) -> None:
        if position is not None:
            self._storage.truncate(owner, conversation_id, position)
        self._storage.append(owner, conversation_id, user, reply)

    @contextmanager
    def _registered(self, visitor: Visitor) -> Iterator[Running]:
        running = Running()
        with self._lock:
            self._running[visitor].add(running)
        try:
            yield running
        finally:
            running.ended.set()
            with self._lock:
                self._running[visitor].discard(running)
                if not self._running[visitor]:
                    del self._running[visitor]
