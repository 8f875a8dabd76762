"""Checks what a generator wrote against the text it should rest on, sentence by sentence.

A sentence is supported when a source has it word for word, or when a sentence of a source means
the same (cosine similarity of embeddings), denies where it denies, does not turn round who does
what to whom, and that source holds its every number and name and most of its other words. What no
source supports is not shown as a fact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistant.summaries import content_words
from assistant.text import sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEANS_THE_SAME = 0.6  # cosine similarity of a claim and the source sentence behind it
KNOWN_WORDS = 2 / 3  # share of a claim's content words that its source must hold

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w-]*")
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE
)
_NAMES = re.compile(r"\b[A-Z][\w-]*(?:\s+[A-Z][\w-]*)*")
_CIRCUMSTANCE = re.compile(
    r"\b(?:in|at|on|near|of|for|with|during|since)\s+(?:the\s+)?$", re.IGNORECASE
)
_BY = re.compile(r"\b(?:is|are|was|were|been|being|be)\b[^.;]*\bby\s+(?:the\s+)?(?=[A-Z])")


class Encodes(Protocol):
    """The part of the encoder that checking needs."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one L2-normalised row per text."""


@dataclass(frozen=True, slots=True)
class Support:
    """The words behind a claim: ``sources[source][start:end]``."""

    source: int
    start: int
    end: int


def supporting(
    claims: Sequence[str], sources: Sequence[str], encoder: Encodes
) -> list[Support | None]:
    """Return for each claim the sentence of a source that supports it, or None."""
    places = [
        Support(number, start, end)
        for number, source in enumerate(sources)
        for start, end in sentences(source)
    ]
    if not claims or not places:
        return [None] * len(claims)
    lines = [sources[place.source][place.start : place.end] for place in places]
    likeness = encoder.encode(claims) @ encoder.encode(lines).T
    found: list[Support | None] = []
    for claim, row in zip(claims, likeness, strict=True):
        ranked = sorted(range(len(lines)), key=lambda index: -float(row[index]))
        found.append(
            _quoted(claim, sources)
            or next(
                (
                    places[index]
                    for index in ranked
                    if float(row[index]) >= MEANS_THE_SAME
                    and _denies(claim) == _denies(lines[index])
                    and not _turns_round(claim, lines[index])
                    and _holds(sources[places[index].source], claim)
                ),
                None,
            )
        )
    return found


def _quoted(claim: str, sources: Sequence[str]) -> Support | None:
    """Return where a source has the claim word for word, whatever the white space."""
    words = claim.split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    for number, source in enumerate(sources):
        if match := pattern.search(source):
            return Support(number, *match.span())
    return None


def _denies(sentence: str) -> bool:
    return _DENIAL.search(sentence) is not None


def _turns_round(claim: str, sentence: str) -> bool:
    """Say whether the claim gives two names of the sentence each other's parts.

    The names that act or are acted upon must come in the same order, or in the opposite one where
    one of the two is passive. Two names joined by "and" that change places are refused as well.
    """
    ours, theirs = _parts(claim), _parts(sentence)
    shared = [name for name in ours if name in theirs]
    if len(shared) < 2:
        return False
    turned = shared != [name for name in theirs if name in shared]
    return turned != (bool(_BY.search(claim)) != bool(_BY.search(sentence)))


def _parts(sentence: str) -> list[str]:
    """Return the names of a sentence in their order, without those that only say where or when."""
    found: dict[str, None] = {}
    for match in _NAMES.finditer(sentence):
        words = content_words(match[0])
        if words and not _CIRCUMSTANCE.search(sentence[: match.start()]):
            found[words[-1]] = None  # "Ida Moss" and "Moss" are one
    return list(found)


def _holds(source: str, claim: str) -> bool:
    """Say whether every number and name of the claim, and most of its words, are in the source."""
    numbers, lowered = set(_NUMBER.findall(source)), source.lower()
    words = set(content_words(claim))
    return (
        all(number in numbers for number in _NUMBER.findall(claim))
        and all(name.lower() in lowered for name in _NAME.findall(claim))
        and len(words & set(content_words(source))) >= KNOWN_WORDS * len(words)
    )
