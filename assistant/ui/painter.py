"""The one writer of the chat: carries out a tab's actions in order and shows what comes of it."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import FileData

from assistant.errors import AssistantError, InputError
from assistant.storage import Storage
from assistant.types import Message
from assistant.ui import render
from assistant.ui.history import History
from assistant.ui.panel import options
from assistant.ui.render import MessageDict
from assistant.ui.tabs import Action, Tab, Update
from assistant.ui.toasts import confirm, inform, warn
from assistant.ui.turns import Picture, Request, Turns
from assistant.uploads import id_of

EMPTY = Picture("", [], final=True)  # a new chat

log = logging.getLogger("assistant")


@dataclass(frozen=True)
class Parts:
    """The components that show a chat; only the painter writes to them."""

    conversation: gr.Textbox  # the id of the chat shown
    bot: gr.Chatbot
    answering: gr.Textbox  # not empty while Stop is to stand in the place of Send
    returned: gr.Textbox  # as JSON, the message that the page is to put back into its box
    chats: gr.HTML

    @property
    def all(self) -> list[Any]:
        """Every part, as the outputs of a handler."""
        return [self.conversation, self.bot, self.answering, self.returned, self.chats]


def message(given: Mapping[str, Any]) -> str:
    """Return what a message box held as JSON for the page, each time another, so that it acts."""
    files = [
        FileData(path=id_of(path), orig_name=Path(path).name).model_dump()
        for path in given.get("files") or ()
    ]
    held = {"text": given.get("text") or "", "files": files}
    return json.dumps({"value": held, "number": secrets.token_hex(4)})


class Painter:
    """Its public methods after ``paint`` are what actions do. Each yields what to show next."""

    def __init__(self, parts: Parts, turns: Turns, storage: Storage, history: History) -> None:
        self._parts = parts
        self._turns = turns
        self._storage = storage
        self._history = history

    def paint(self, tab: Tab) -> Iterator[Update]:
        """Carry out what waits in the tab; never raise, since Gradio would drop what comes next.

        Each update repeats what the ones before it set and they did not. Gradio sends the page
        the differences, and the page works them into updates that it has not shown yet: what one
        update leaves out would be lost from the one before it.
        """
        shown: Update = {}
        with closing(tab.actions()) as actions:
            for action in actions:
                for update in self._safely(tab, action):
                    shown = {**shown, **update}
                    yield shown
        if not shown:  # of a generator that yields nothing Gradio makes a None for every part
            yield {self._parts.answering: gr.skip()}

    def say(self, tab: Tab, given: Mapping[str, Any], values: tuple[Any, ...]) -> Iterator[Update]:
        """Answer what the message box held."""
        text, files = given.get("text") or "", tuple(given.get("files") or ())
        wanted = Request(tab.chat or None, text, options=options(values), files=files)
        yield from self._answer(tab, wanted)

    def remind(self, tab: Tab) -> Iterator[Update]:
        """Say what to do instead of sending nothing."""
        inform("Write a question, paste a text, or attach a file first.")
        yield from ()

    def again(
        self, tab: Tab, values: tuple[Any, ...], tool: str | None = None, answer: str | None = None
    ) -> Iterator[Update]:
        """Answer a turn anew, by ``tool`` if given: the last turn, or that of ``answer``, an id."""
        self._check(tab)
        wanted = self._turns.again(tab.owner, tab.chat, options(values), tool, answer)
        yield from self._answer(tab, wanted)

    def edit(self, tab: Tab, position: int, text: str, values: tuple[Any, ...]) -> Iterator[Update]:
        """Answer a message of the user's in other words; what came after it is dropped."""
        self._check(tab)
        if not text.strip():
            raise InputError("The message would be empty. Undo takes back the last turn.")
        wanted = self._turns.edited(tab.owner, tab.chat, position, text, options(values))
        yield from self._answer(tab, wanted)

    def undo(self, tab: Tab) -> Iterator[Update]:
        """Take back the last turn and put its words into the box."""
        self._check(tab)
        text = self._turns.undo(tab.owner, tab.chat)
        yield {**self._stored(tab), self._parts.returned: message({"text": text})}

    def keep(self, tab: Tab) -> Iterator[Update]:
        """Add the files of the chat to the library."""
        kept = self._turns.keep_attachments(tab.owner, tab.chat)
        names = ", ".join(f"{document.name} ({document.passages} passages)" for document in kept)
        confirm(f"In the library now: {names}. Ask about it.")
        yield self._stored(tab)

    def open(self, tab: Tab, chosen: str, query: str = "") -> Iterator[Update]:
        """Show another chat, or a new one for an empty id; ``query`` narrows the list of chats."""
        tab.chat = chosen
        try:
            shown = self._stored(tab)
        except AssistantError as error:
            warn(error)
            tab.chat = ""
            shown = self._stored(tab)
        yield {**shown, self._parts.chats: self._history.shown(tab.owner, tab.chat, query)}

    def rename(self, tab: Tab, chosen: str, title: str, query: str) -> Iterator[Update]:
        """Give a chat another title."""
        try:
            self._storage.rename(tab.owner, chosen, title)
        except AssistantError as error:
            warn(error)
        yield {self._parts.chats: self._history.shown(tab.owner, tab.chat, query)}

    def delete(self, tab: Tab, chosen: str, query: str) -> Iterator[Update]:
        """Delete a chat; if it is the one shown, show a new one."""
        try:
            self._storage.delete(tab.owner, chosen)
        except AssistantError as error:
            warn(error)
        yield from self.open(tab, "" if tab.chat == chosen else tab.chat, query)

    def _safely(self, tab: Tab, action: Action) -> Iterator[Update]:
        try:
            yield from action.carry_out(tab)
        except AssistantError as error:
            yield self._trouble(tab, str(error), action.given)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("action failed, reference %s", reference)
            sentence = f"Something went wrong here; the log holds it under {reference}."
            yield self._trouble(tab, sentence, action.given)

    def _answer(self, tab: Tab, wanted: Request) -> Iterator[Update]:
        """Show a turn from its first word to its last, with Stop in place of Send."""
        tab.seen = None
        for picture in tab.follow(partial(self._turns.say, tab.owner, wanted)):
            tab.chat = picture.conversation_id
            tab.seen = picture.ids if picture.final else None
            if tab.leaving:
                continue
            waiting = [render.question(Message("user", given["text"])) for given in tab.given]
            update = self._shown(picture, waiting)
            if picture.final:
                update[self._parts.chats] = self._history.shown(tab.owner, tab.chat)
            yield update

    def _check(self, tab: Tab) -> None:
        """Refuse to change a chat that is not any more as the tab shows it.

        Raises:
            InputError: another tab has changed the chat.

        """
        if tab.seen is None or not tab.chat:
            return
        if self._turns.stored(tab.owner, tab.chat).ids != tab.seen:
            raise InputError(
                "This chat has changed in another tab, so nothing was done. It is shown as it is "
                "now; please try again."
            )

    def _stored(self, tab: Tab) -> Update:
        """Return the updates that show the tab's chat as it is stored."""
        if not tab.chat:
            tab.seen = None
            return self._shown(EMPTY)
        picture = self._turns.stored(tab.owner, tab.chat)
        tab.seen = picture.ids
        return self._shown(picture)

    def _shown(self, picture: Picture, below: Sequence[MessageDict] = ()) -> Update:
        """Return the updates that show a picture."""
        return {
            self._parts.conversation: picture.conversation_id,
            self._parts.bot: gr.update(
                value=[*picture.messages, *below], feedback_value=list(picture.judgements)
            ),
            self._parts.answering: "" if picture.final else "answering",
        }

    def _trouble(self, tab: Tab, sentence: str, given: Mapping[str, Any] | None) -> Update:
        """Return the updates that show an error below the chat, and give back what was said."""
        picture = EMPTY
        if tab.chat:
            with suppress(AssistantError):
                picture = self._turns.stored(tab.owner, tab.chat)
        tab.seen = picture.ids if picture is not EMPTY else None
        update = self._shown(picture, [render.trouble(sentence)])
        if given is not None:
            update[self._parts.returned] = message(given)
        return update
