"""Says whether a text is negative, neutral or positive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from assistant.events import Event, Resulted, TextDelta
from assistant.tools.tool import Services
from assistant.types import Labels, Route, Turn


class Sentiment:
    """Negative, neutral or positive, with the score of each."""

    name: ClassVar[str] = "sentiment"
    title: ClassVar[str] = "Sentiment"
    description: ClassVar[str] = "Is a text negative, neutral or positive?"
    examples: ClassVar[tuple[str, ...]] = (
        "What's the sentiment of: 'the plot dragged but I loved the ending'",
        "/sentiment The room was clean, the staff was not.",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ("sentiment",)
    ask: ClassVar[str] = "Which text should I read the sentiment of? Paste it, or attach a file."

    def __init__(self, services: Services) -> None:
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Score the payload; long texts are read whole."""
        scores = self._models.sentiment.predict([route.payload])[0]
        label = max(scores, key=lambda name: scores[name])
        yield TextDelta(f"The text reads as **{label}** ({scores[label]:.0%}).")
        yield Resulted(Labels(label, scores))
