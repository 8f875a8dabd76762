"""Guesses the words that belong in the blanks of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from assistant.events import Event, Resulted, TextDelta
from assistant.languages import english_only
from assistant.models.blanks import BLANK
from assistant.models.catalogue import missing
from assistant.tools.tool import Services
from assistant.types import Labels, Route, Turn

_BLANKS = re.compile(r"<mask>|\[(?:mask|blank)\]|\{\s*\}|_{2,}|\.{4,}|…{2,}", re.IGNORECASE)


class FillMask:
    """The likeliest words for each blank, with their probabilities."""

    name: ClassVar[str] = "fill_mask"
    title: ClassVar[str] = "Fill the blanks"
    description: ClassVar[str] = "Which word belongs in a blank?"
    examples: ClassVar[tuple[str, ...]] = (
        "Fill in the blank: The bread was still ___ when it came out of the oven.",
        "/fill_mask The capital of France is [MASK].",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ("fill_mask",)
    ask: ClassVar[str] = "Which sentence has a blank? Write it with ___ or [MASK] in its place."

    def __init__(self, services: Services) -> None:
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Fill every blank of the payload."""
        if not self._models.offers("fill_mask"):
            yield TextDelta(missing("fill_mask"))
            return
        text = _BLANKS.sub(BLANK, route.payload)
        if BLANK not in text:
            yield TextDelta(
                "There is no blank in that text. Write ___ or [MASK] where a word is missing."
            )
            return
        filled = self._models.fill_mask.fill(text)
        words = [max(scores, key=lambda word: scores[word]) for scores in filled]
        best = text
        for word in words:
            best = best.replace(BLANK, f"**{word}**", 1)
        left = text.count(BLANK) - len(words)
        more = f" {left} more blanks lie beyond what the model can read at once." if left else ""
        yield TextDelta(f"{best}{more}{english_only(route.payload)}")
        for word, scores in zip(words, filled, strict=True):
            yield Resulted(Labels(word, scores))
