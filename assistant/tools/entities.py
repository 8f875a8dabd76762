"""Finds the people, organisations, places and other names in a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from assistant.events import Event, Resulted, TextDelta
from assistant.tools.tool import Services
from assistant.types import Route, Span, Spans, Turn

LABELS = {"PER": "people", "ORG": "organisations", "LOC": "places", "MISC": "other names"}


class Entities:
    """Named entities with their place in the text: PER, ORG, LOC, MISC."""

    name: ClassVar[str] = "entities"
    title: ClassVar[str] = "Entities"
    description: ClassVar[str] = "Which people, organisations and places does a text name?"
    examples: ClassVar[tuple[str, ...]] = (
        "Who and what is mentioned in: Hugging Face is based in New York.",
        "/entities Ada Lovelace wrote to Charles Babbage from London.",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ("entities",)
    ask: ClassVar[str] = "Which text should I look for names in? Paste it, or attach a file."

    def __init__(self, services: Services) -> None:
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Tag the payload and count what was found."""
        spans = tuple(self._models.entities.tag(route.payload))
        yield TextDelta(_sentence(spans))
        yield Resulted(Spans(route.payload, spans))


def _sentence(spans: tuple[Span, ...]) -> str:
    if not spans:
        return "I found no people, organisations, places or other names in that text."
    counts = {label: sum(span.label == label for span in spans) for label in LABELS}
    parts = [f"{LABELS[label]} ({count})" for label, count in counts.items() if count]
    return f"The text names {', '.join(parts)}."
