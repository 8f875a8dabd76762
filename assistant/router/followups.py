"""Turns that lean on what came before: "same for: …", "the second one", a text without a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.errors import InputError
from assistant.router import references
from assistant.router.payload import splits
from assistant.router.readings import Readings
from assistant.router.split import clean, without_introduction
from assistant.router.utterances import ABOUT_TEXT
from assistant.types import Message, Route, Source, Turn

SOME = 0.3  # share of words that are material in what "what about …" is followed by
MOSTLY = 0.7  # share of words that are material in a text that asks for nothing
REPEAT = 0.9  # the score of "the same again", which is a rule and no estimate
HISTORY = 6  # earlier messages that a turn may refer back to
WORTH_QUOTING = 8  # words from which an answer of the assistant is worth working on


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier turn was about."""

    tool: str
    material: str
    turn: Turn | None = None  # the user's, unless it was about an answer


class FollowUps:
    """Reads the conversation before a turn; ``route`` routes earlier turns that lack a tool."""

    def __init__(
        self,
        route: Callable[[Turn], Route],
        readings: Readings,
        titles: Mapping[str, str],
    ) -> None:
        self._route = route
        self._readings = readings
        self._titles = titles

    def again(self, turn: Turn) -> Route | None:
        """Route "same for: …", "and this one: …" and "the second one" like the turn before."""
        if not turn.history:
            return None
        for split in splits(turn.text):
            if split.payload and references.asks_the_same(split.instruction):
                past = self.past(turn)
                if past and past.tool in self._readings.readers:
                    return self._repeat(past, split.payload, "turn", split.instruction)
        repeated = references.repeated(turn.text)
        if repeated and self._readings.material(repeated) >= SOME:
            past = self.past(turn)
            if past and past.tool in self._readings.readers:
                return self._repeat(past, clean(repeated), "turn", turn.text)
        pointer = references.without_item(turn.text)
        if pointer is not None and references.asks_the_same(pointer):
            past = self.past(turn)
            item = references.listed_item(turn.text, past.material) if past else None
            if past and item and past.tool in self._readings.readers:
                return self._repeat(past, item, "history", turn.text)
        return None

    def pointed(self, turn: Turn) -> Route | None:
        """Route a turn that only points at an entry of the earlier list like the turn before."""
        past = self.past(turn) if references.without_item(turn.text) is not None else None
        item = references.listed_item(turn.text, past.material) if past else None
        if not (past and item and past.tool in self._readings.readers):
            return None
        return self._repeat(past, item, "history", turn.text)

    def one_more(self, turn: Turn) -> Route | None:
        """Route a text that comes without a request, right after another, like the turn before."""
        quoted = clean(turn.text) != turn.text.strip()
        if not turn.history or not (quoted or self._readings.material(turn.text) >= MOSTLY):
            return None
        past = self.past(turn)
        last = next(message for message in reversed(turn.history) if message.role == "user")
        if past is None or past.tool not in self._readings.readers or past.turn is None:
            return None
        if past.turn.text != last.text:
            return None
        return self._repeat(past, clean(without_introduction(turn.text)), "turn", "")

    def past(self, turn: Turn) -> Past | None:
        """Return what the conversation was last about: a text of the user's, or an answer."""
        history = turn.history[-HISTORY:]
        for index in range(len(history) - 1, -1, -1):
            message = history[index]
            if message.role != "user" or references.is_pleasantry(message.text):
                continue
            tool, material = self._about(message, history[:index])
            if material:
                return Past(
                    tool, material, Turn(message.text, history[:index], message.attachments)
                )
            answer = next((m.text for m in history[index + 1 :] if m.role == "assistant"), "")
            if len(answer.split()) >= WORTH_QUOTING and tool in {"documents", "conversation"}:
                return Past(tool, answer)
        return None

    def _about(self, message: Message, before: tuple[Message, ...]) -> tuple[str, str]:
        """Return the tool of an earlier message and its material, if it had any."""
        tool, payload = message.tool, message.payload
        if tool is None or payload is None:
            earlier = Turn(message.text, before, message.attachments)
            try:
                route = self._route(earlier)
            except InputError:
                return "conversation", ""
            tool, payload = route.tool, route.payload
        if tool in (*self._readings.readers, ABOUT_TEXT):
            return tool, payload
        if message.attachments:
            return tool, "\n\n".join(attachment.text for attachment in message.attachments)
        offered = without_introduction(message.text)
        if self._readings.material(message.text) > 0.5 or offered != message.text:
            return tool, clean(offered)
        return tool, ""

    def _repeat(self, past: Past, payload: str, source: Source, instruction: str) -> Route:
        before = self._route(past.turn) if past.turn else None
        if before and before.tool != past.tool:
            before = None
        return Route(
            tool=past.tool,
            also=before.also if before else (),
            payload=payload,
            instruction=before.instruction if before else instruction,
            source=source,
            score=REPEAT,
            reason=f"you asked for the same as before, which was {self._titles[past.tool]}",
        )
