"""The values of the review queue: what a moderator is shown, chooses from, and has decided.

Knows no database: ``assistant.storage.reviews`` keeps and hands out these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from assistant.moderation.comments import Comment
from assistant.types import Span, VerdictName

Choice = Literal["allow", "block", "skip"]
"""What a moderator says of a comment; ``skip`` leaves it to the others."""
Action = Literal["allow", "block", "skip", "undo"]
State = Literal["open", "decided", "disputed"]
"""open: nobody allowed or blocked it · disputed: one moderator did this, another that."""
Sort = Literal["position", "score", "date", "author", "verdict"]


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """A record of what somebody did; never changed or deleted.

    ``standing`` says that it is its moderator's last word on the comment: neither undone nor
    followed by another decision.
    """

    moderator: str
    action: Action
    note: str
    created: datetime
    standing: bool


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A comment as it was judged, and all that was decided on it, oldest first.

    Attributes:
        rule: the category or rule behind the verdict, empty where nothing decided.
        policy: the label of the policy that judged it, such as ``forum@3``.
        model: what gave the scores: ``shipped``, a training run, or a model of the hub.
        action: the last standing ``allow`` or ``block``; None while the comment is open.
        disputed: standing decisions contradict each other.
    """

    id: int
    job: str
    comment: Comment
    scores: Mapping[str, float]
    spans: tuple[Span, ...]
    verdict: VerdictName
    rule: str
    reason: str
    policy: str
    model: str
    decisions: tuple[ReviewDecision, ...] = ()
    action: Literal["allow", "block"] | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class ReviewJob:
    """Comments that were judged together, and how far their review is."""

    id: str
    owner: str
    title: str
    policy: str
    model: str
    created: datetime
    items: int
    open: int
    disputed: int


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which comments are meant; what is not given does not matter.

    ``category`` and ``above`` belong together: that category's score is at least ``above``.
    ``search`` looks in text and author, in any case of letters.
    """

    verdict: VerdictName | None = None
    state: State | None = None
    category: str = ""
    above: float = 0.0
    author: str = ""
    search: str = ""


EVERYTHING = ReviewFilter()


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision with what it was about, as learning, the workbench and exports need it.

    ``item`` is the comment's id in the queue; ``standing`` as in ``ReviewDecision``.
    """

    item: int
    job: str
    text: str
    author: str
    scores: Mapping[str, float]
    verdict: VerdictName
    rule: str
    policy: str
    model: str
    moderator: str
    action: Action
    note: str
    created: datetime
    standing: bool = True


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back: how many decisions, and the comment if it was a single one."""

    count: int
    item: ReviewItem | None


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """Numbers for charts.

    Attributes:
        total: how many comments match.
        verdicts: verdict → action (``open`` where there is none) → comments.
        scores: category → comments by score, in bins of equal width from 0 to 1.
        days: day in ISO 8601 → verdict → comments, where their dates are in ISO 8601.
        moderators: moderator → standing action → decisions.
        shared: comments that two or more moderators allowed or blocked.
        disputed: those of them on which the moderators disagree.
    """

    total: int
    verdicts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    scores: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    days: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    moderators: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    shared: int = 0
    disputed: int = 0
