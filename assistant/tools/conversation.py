"""Chats, writes and rewrites: everything that calls for words rather than facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from assistant.errors import GeneratorError
from assistant.events import Event, Progress, TextDelta
from assistant.prompts import render
from assistant.tools.tool import MEMORY, Services
from assistant.types import Message, Route, Turn

HISTORY = 8  # messages: a longer prompt makes the first token wait


class Conversation:
    """Answers with the generator, from the conversation so far."""

    name: ClassVar[str] = "conversation"
    title: ClassVar[str] = "Conversation"
    description: ClassVar[str] = "Chat, and write or reword something."
    examples: ClassVar[tuple[str, ...]] = ("Write a haiku about tokenizers", "hi")
    needs: ClassVar[Literal["text", "nothing"]] = "nothing"
    roles: ClassVar[tuple[str, ...]] = ()
    ask: ClassVar[str] = ""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._generators = services.generators

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Stream the generator's words; without a generator, say what works all the same."""
        if turn.unanswered:
            yield TextDelta(MEMORY)
        system = turn.options.system_prompt or self._settings.system_prompt or render("system")
        history = [Message(message.role, message.text) for message in turn.history[-HISTORY:]]
        text = turn.text.strip()
        for attachment in turn.attachments:
            text += f"\n\n{attachment.name}:\n{attachment.text}"
        messages = [Message("system", system), *history, Message("user", text)]
        try:
            name, sampling = turn.options.generator, turn.options.sampling
            for piece in self._generators.stream(name, messages, sampling):
                yield TextDelta(piece) if piece else Progress(0, 0, "reading the conversation")
        except GeneratorError as error:
            yield TextDelta(
                f"{error}\n\nThe other tools work without it: ask about your documents, or for a "
                "summary, the sentiment, the names or the tone of a text. `/help` lists them."
            )
