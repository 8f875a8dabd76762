"""Checks what a generator wrote against the text it should rest on, sentence by sentence.

A sentence is supported when a source sentence means the same (cosine similarity of embeddings),
denies where it denies, and the sources hold its every number and name. What no source supports is
not shown as a fact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEANS_THE_SAME = 0.6  # cosine similarity of a claim and the source sentence behind it

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w-]*")
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE
)


class Encodes(Protocol):
    """The part of the encoder that checking needs."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one L2-normalised row per text."""


def supporting(claims: Sequence[str], sources: Sequence[str], encoder: Encodes) -> list[int | None]:
    """Return for each claim the index of the source that supports it, or None."""
    if not claims or not sources:
        return [None] * len(claims)
    likeness = encoder.encode(claims) @ encoder.encode(sources).T
    found: list[int | None] = []
    for claim, row in zip(claims, likeness, strict=True):
        best = int(row.argmax())
        sound = (
            float(row[best]) >= MEANS_THE_SAME
            and _denies(claim) == _denies(sources[best])
            and _same_facts(claim, sources)
        )
        found.append(best if sound else None)
    return found


def _denies(sentence: str) -> bool:
    return _DENIAL.search(sentence) is not None


def _same_facts(claim: str, sources: Sequence[str]) -> bool:
    """Say whether every number and name of the claim stands in the sources."""
    known = " ".join(sources)
    numbers = set(_NUMBER.findall(known))
    lowered = known.lower()
    return all(number in numbers for number in _NUMBER.findall(claim)) and all(
        name.lower() in lowered for name in _NAME.findall(claim)
    )
