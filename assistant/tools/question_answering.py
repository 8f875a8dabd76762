"""Answers a question from a passage that came with it, by finding the words that answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from assistant.events import Event, Resulted, TextDelta
from assistant.tools.tool import Services
from assistant.types import Answer, Route, Turn

NO_ANSWER = 0.5  # the reader's calibrated score below which a passage is said to hold no answer


class QuestionAnswering:
    """Marks the answer to a question inside the passage it was asked about."""

    name: ClassVar[str] = "question_answering"
    title: ClassVar[str] = "Question answering"
    description: ClassVar[str] = "What does this passage answer to my question?"
    examples: ClassVar[tuple[str, ...]] = (
        "The bridge was opened in 1932 by the mayor.\n\nWho opened the bridge?",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ("reader",)
    ask: ClassVar[str] = (
        "Which passage should I look in? Paste it together with your question, or attach a file."
    )

    def __init__(self, services: Services) -> None:
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Read the payload for an answer to the route's question."""
        if not (route.question or "").strip():
            yield TextDelta("What would you like to know about that passage? Ask me a question.")
            return
        found = self._models.reader.read(route.question or "", [route.payload])[0]
        answered = bool(found.text) and found.score >= NO_ANSWER
        answer = Answer(
            answered=answered,
            answer=found.text if answered else "",
            score=found.score,
            start=found.start if answered else 0,
            end=found.end if answered else 0,
            context=route.payload,
        )
        if answered:
            yield TextDelta(f"**{found.text}**")
        else:
            yield TextDelta("The passage does not seem to answer that question.")
        yield Resulted(answer)
