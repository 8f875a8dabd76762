"""Sorts texts under labels that the user names, with a model that was never trained on them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

from assistant.events import Event, Progress, Resulted, TextDelta
from assistant.labels import asks_for_several, find_labels, split_labels
from assistant.languages import english_only
from assistant.moderation.files import attached
from assistant.moderation.pasted import pasted
from assistant.tools.tool import Services
from assistant.types import Labels, Route, Table, Turn

BATCH = 32  # texts between two signs of progress
_EACH = re.compile(r"\b(?:each|every|rows?|lines?|these|all|them)\b", re.IGNORECASE)
_THE_LABELS = re.compile(
    r"\b(?:which|any|all|one) of (?:these|those|them)\b|\ball that apply\b|"
    r"\b(?:these|those|all|following) (?:labels|topics|categories|classes|options|groups|tags)\b",
    re.IGNORECASE,
)
FITS = 0.5  # probability from which one of several labels holds


class ZeroShot:
    """The score of each label, for one text or for each line of a list."""

    name: ClassVar[str] = "zero_shot"
    title: ClassVar[str] = "Your own labels"
    description: ClassVar[str] = "Which of my labels fits a text?"
    examples: ClassVar[tuple[str, ...]] = (
        "Classify as sports, politics or tech: The new phone folds twice.",
        "/zero_shot billing, shipping, praise: My parcel never came.",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ("zero_shot",)
    ask: ClassVar[str] = (
        "Which text shall I classify, and under which labels? For example: classify as sports, "
        "politics or tech: The new phone folds twice."
    )

    def __init__(self, services: Services) -> None:
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Score the labels of the instruction, or of the payload's beginning."""
        labels, text = find_labels(route.instruction), route.payload
        if not labels:
            labels, text = split_labels(text)
        if not labels:
            yield TextDelta(
                "Which labels shall I choose between? Write them before the text, for example: "
                "classify as sports, politics or tech: …"
            )
            return
        several = asks_for_several(route.instruction)
        texts = _texts(route, turn, text)
        if len(texts) > 1:
            yield from self._each(texts, labels, several)
            return
        scores = self._models.zero_shot.score([text], labels, several)[0]
        yield TextDelta(_sentence(scores, several) + english_only(text))
        yield Resulted(Labels(_best(scores), scores))

    def _each(self, texts: Sequence[str], labels: Sequence[str], several: bool) -> Iterator[Event]:
        """Score each line and count how many fit each label."""
        rows: list[tuple[str | int | float, ...]] = []
        counts: Counter[str] = Counter()
        for start in range(0, len(texts), BATCH):
            yield Progress(start, len(texts), "reading the lines")
            batch = texts[start : start + BATCH]
            found = self._models.zero_shot.score(batch, labels, several)
            for text, scores in zip(batch, found, strict=True):
                fitting = _fitting(scores) if several else [_best(scores)]
                counts.update(fitting)
                figures = (round(scores[label], 3) for label in labels)
                rows.append((len(rows) + 1, text, ", ".join(fitting) or "none", *figures))
        parts = ", ".join(f"**{counts[label]:,}** {label}" for label in labels)
        yield TextDelta(f"I sorted {len(rows):,} lines: {parts}.")
        columns = ("number", "text", "label", *labels)
        yield Resulted(Table(columns, tuple(rows), {label: counts[label] for label in labels}))


def _texts(route: Route, turn: Turn, text: str) -> Sequence[str]:
    """Return each row of a table or line of a list, if those are meant; else the whole text."""
    words = _THE_LABELS.sub(" ", route.instruction)
    if route.source == "attachment" and _EACH.search(words):
        return [text for file in turn.attachments for text in attached(file)]
    return pasted(text, words)


def _best(scores: Mapping[str, float]) -> str:
    return max(scores, key=lambda label: scores[label])


def _fitting(scores: Mapping[str, float]) -> list[str]:
    return sorted(
        (label for label, score in scores.items() if score >= FITS), key=lambda name: -scores[name]
    )


def _sentence(scores: Mapping[str, float], several: bool) -> str:
    if several:
        fitting = [f"**{label}** ({scores[label]:.0%})" for label in _fitting(scores)]
        return f"What fits: {', '.join(fitting)}." if fitting else "None of the labels fits well."
    best = _best(scores)
    if scores[best] < 1.5 / len(scores):
        return f"No label stands out; the nearest is **{best}** ({scores[best]:.0%})."
    return f"The text fits **{best}** best ({scores[best]:.0%})."
