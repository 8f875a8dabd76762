"""The values of moderation: a comment, what its scores are, and what was judged of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.types import Span, VerdictName


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as its source gives it; only ``text`` is always known.

    Attributes:
        id: what its source calls it; need not be unique there.
        author: the name or channel of who wrote it.
        date: when it was written, in ISO 8601, or as the source writes it.
        reply_to: the id of the comment that it answers.
        fields: the other columns of its row, which downloads keep.
        problem: why its source could not give the text, as a sentence; such a comment is not
            judged. Empty for all others.
    """

    text: str
    id: str = ""
    author: str = ""
    date: str = ""
    reply_to: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy makes of a comment.

    ``rule`` is the category or the rule that decided, empty where nothing did; ``reason`` says
    it as a sentence for people; ``spans`` are the words that a rule found.
    """

    verdict: VerdictName
    rule: str
    reason: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A comment with its scores (category → 0 to 1), harmful words, and the policy's decision."""

    comment: Comment
    scores: Mapping[str, float]
    spans: tuple[Span, ...]
    decision: Decision
