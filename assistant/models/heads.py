"""What an adapter's heads are: the one description that training, files and run time share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["choice", "labels", "tags", "marks", "bounds"]
"""choice: one label of several for the text · labels: each label on its own for the text ·
tags: one label of several a token · marks: yes or no a token · bounds: start and end token."""


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer over the text's mean vector or over each token's vector."""

    name: str
    kind: Kind
    labels: tuple[str, ...]

    @property
    def per_token(self) -> bool:
        """Whether the head reads every token rather than their mean."""
        return self.kind in {"tags", "marks", "bounds"}


ENTITY_TAGS = ("O", *(f"{edge}-{name}" for name in ("PER", "ORG", "LOC", "MISC") for edge in "BI"))
CATEGORIES = (
    "toxicity",
    "severe_toxicity",
    "identity_attack",
    "insult",
    "profanity",
    "threat",
    "sexually_explicit",
    "spam",
)
EXPERIMENTAL = frozenset({"sexually_explicit"})  # labelled by a word list alone
HEADS: dict[str, tuple[Head, ...]] = {
    "sentiment": (Head("sentiment", "choice", ("negative", "neutral", "positive")),),
    "entities": (Head("entities", "tags", ENTITY_TAGS),),
    "reader": (Head("bounds", "bounds", ("start", "end")),),
    "moderation": (
        Head("categories", "labels", CATEGORIES),
        Head("toxic", "marks", ("toxic",)),
    ),
}
WITH_FEATURES = frozenset({"entities", "reader"})
FEATURES = 18  # rows of the feature table: 9 letter cases, twice (word is in the question or not)
