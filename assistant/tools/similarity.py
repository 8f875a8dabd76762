"""Compares two or many texts: how alike each pair is, as a heat map, and the nearest pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from assistant.events import Event, Progress, Resulted, TextDelta
from assistant.languages import english_only
from assistant.router.references import items
from assistant.tools.tool import Services
from assistant.types import Route, Table, Turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 1_000  # texts that are compared
HEAT = 25  # texts up to which every pair is shown
PAIRS = 5  # named in words
LISTED = 100  # pairs in the table, where it cannot show all
BATCH = 64  # texts between two signs of progress
EXCERPT = 60  # characters

_COMMAND = re.compile(r"^/[\w-]+:?\s*")
_QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^“”]+)”|«([^«»]+)»|‘([^‘’\n]+)’|(?<!\w)'([^'\n]+)'(?!\w)")
_BETWEEN = re.compile(
    r"(?:\b(?:compare|between|of|are|is|for|similarity|text [1a])\b:?|^)\s*(.{2,}?)"
    r"(?:\s+(?:vs\.?|versus|compared (?:to|with)|and|with|to|or)\s+|\s*[|;]\s*)(.{2,}?)"
    r"(?:\s+(?:alike|similar|the same|close|related)\b.*)?[?.!]*\s*$",
    re.IGNORECASE | re.DOTALL,
)


class Similarity:
    """The cosine similarity of every pair of texts."""

    name: ClassVar[str] = "similarity"
    title: ClassVar[str] = "Similarity"
    description: ClassVar[str] = "How alike are two or many texts?"
    examples: ClassVar[tuple[str, ...]] = (
        "How similar are “The train is late” and “The train has a delay”?",
        "/similarity (several texts, one a line)",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ()
    ask: ClassVar[str] = (
        "Which texts shall I compare? Put each on a line of its own or in quotes, or attach files."
    )

    def __init__(self, services: Services) -> None:
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Embed the texts, compare all pairs and show the nearest."""
        given = texts_to_compare(route, turn)
        if len(given) < 2:
            yield TextDelta(
                "I need at least two texts to compare. Put each on a line of its own or in "
                "quotes, for example: compare “the train is late” and “the train has a delay”."
            )
            return
        texts = given[:MOST]
        rows: list[NDArray[np.float32]] = []
        for start in range(0, len(texts), BATCH):
            yield Progress(start, len(texts), "reading the texts")
            rows.append(self._models.encoder.encode_whole(texts[start : start + BATCH]))
        vectors = np.concatenate(rows)
        likeness = vectors @ vectors.T
        pairs = _nearest(likeness, LISTED)
        if len(texts) == 2:
            yield TextDelta(_two(float(likeness[0, 1])) + english_only(texts[0]))
        else:
            left = f" of your {len(given):,}; I compare at most {MOST:,}" if given > texts else ""
            yield TextDelta(f"I compared {len(texts):,} texts{left}. The most alike:\n")
            for first, second, score in pairs[:PAIRS]:
                a, b = _line(texts[first]), _line(texts[second])
                yield TextDelta(f"\n- **{score:.2f}** {first + 1} “{a}” and {second + 1} “{b}”")
        yield Resulted(_matrix(texts, likeness) if len(texts) <= HEAT else _listed(texts, pairs))


def texts_to_compare(route: Route, turn: Turn) -> tuple[str, ...]:
    """Return the texts that a turn means: files, quotes, paragraphs, lines, or "A and B"."""
    if len(turn.attachments) > 1:
        return tuple(file.text for file in turn.attachments)
    if route.source == "turn":
        words = _COMMAND.sub("", turn.text.strip())
        quoted = tuple(next(filter(None, found)) for found in _QUOTED.findall(words))
        if len(quoted) > 1:
            return quoted
    else:
        words = route.payload
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", route.payload) if part.strip()]
    if len(paragraphs) > 1 and any("\n" in part for part in paragraphs):
        return tuple(paragraphs)
    lines = items(route.payload)
    if len(lines) > 2 and lines[0].endswith(":"):
        lines = lines[1:]  # "compare these:"
    if len(lines) > 1:
        return lines
    found = _BETWEEN.search(words)
    return (found[1].strip(), found[2].strip()) if found else ()


def _nearest(likeness: NDArray[np.float32], count: int) -> list[tuple[int, int, float]]:
    """Return the pairs with the highest scores, best first."""
    firsts, seconds = np.triu_indices(len(likeness), 1)
    scores = likeness[firsts, seconds]
    best = np.argsort(-scores, kind="stable")[:count]
    return [(int(firsts[i]), int(seconds[i]), float(scores[i])) for i in best]


def _two(score: float) -> str:
    for least, words in ((0.8, "nearly the same"), (0.6, "much the same"), (0.35, "related")):
        if score >= least:
            return f"The two texts are **{words}**: their cosine similarity is {score:.2f}."
    return f"The two texts have **little in common**: their cosine similarity is {score:.2f}."


def _matrix(texts: Sequence[str], likeness: NDArray[np.float32]) -> Table:
    columns = ("text", *(str(number) for number in range(1, len(texts) + 1)))
    rows: list[tuple[str | int | float, ...]] = [
        (f"{number}. {_line(text)}", *(round(float(score), 3) for score in line))
        for number, (text, line) in enumerate(zip(texts, likeness, strict=True), 1)
    ]
    return Table(columns, tuple(rows), heat=True)


def _listed(texts: Sequence[str], pairs: Sequence[tuple[int, int, float]]) -> Table:
    rows = [
        (round(score, 3), f"{first + 1}. {texts[first]}", f"{second + 1}. {texts[second]}")
        for first, second, score in pairs
    ]
    return Table(("similarity", "text", "other text"), tuple(rows), heat=True)


def _line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1]}…"
