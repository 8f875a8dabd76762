"""Comments on which moderation goes wrong easily: harmless ones that look bad, and disguised ones.

All are our own writing, in ``moderation_sets``. Every other one is for development: thresholds and
rules may be chosen by it. Only the rest, which nobody tunes on, makes the published figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from assistant.models.moderator import Moderation
from assistant.moderation.comments import Comment
from assistant.moderation.policy import Policy

FOLDER = Path(__file__).with_name("moderation_sets")
HARMLESS = ("criticism", "quoted", "reclaimed", "games", "medical", "names")
"""Polite negative criticism; abuse that is quoted or denounced; reclaimed and friendly rude words;
talk of games; words of medicine; names of people and places."""

Half = Literal["development", "test"]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Disguised:
    """An abusive comment as it is written and as it is meant; ``kind`` is the disguise."""

    kind: str
    written: str
    meant: str


@dataclass(frozen=True, slots=True)
class Held:
    """Which share of some comments a policy blocks, and which it does not allow."""

    blocked: float
    held: float


def harmless(kind: str, half: Half) -> list[str]:
    """Return the harmless sentences of one of ``HARMLESS``."""
    return _half((FOLDER / f"{kind}.txt").read_text("utf-8").splitlines(), half)


def disguised(half: Half) -> list[Disguised]:
    """Return the disguised comments."""
    lines = (FOLDER / "disguised.txt").read_text("utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if not line.startswith("#")]
    return _half([Disguised(*row) for row in rows], half)


def _half(items: Sequence[Item], half: Half) -> list[Item]:
    return list(items[half == "test" :: 2])


def held(policy: Policy, texts: Sequence[str], found: Sequence[Moderation]) -> Held:
    """Return what ``policy`` makes of comments with these scores."""
    verdicts = [
        policy.decide(Comment(text), scored.scores, scored.spans).verdict
        for text, scored in zip(texts, found, strict=True)
    ]
    count = len(verdicts)
    blocked = verdicts.count("block") / count
    return Held(blocked, 1 - verdicts.count("allow") / count)
