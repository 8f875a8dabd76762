"""From decisions to lessons: what moderators agree on, and what it says about each category.

What does not teach is left out and counted: comments on which moderators contradict each other,
what a word list or another rule decided, moderators whom the others keep contradicting, and where
several moderate, what one of them alone says against a score that is all but certain.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.errors import InputError
from assistant.moderation.normalization import normalize
from assistant.moderation.policy import Policy
from assistant.moderation.reviews import PastDecision

FEWEST = 40  # lessons that can be learned from
FEWEST_OF_A_KIND = 10
HELD_OUT = 4  # one lesson in so many is not learned but measures
SHARED, CONTRADICTED = 10, 1 / 3  # comments, and share of them, from which nobody is trusted
SURE, UNSURE = 0.95, 0.05  # what a decision makes of a score: one may be wrong
CERTAIN = 0.9  # score from which, or below 1 less it, a second moderator must agree


@dataclass(frozen=True, slots=True)
class Lesson:
    """A comment on which all who decided said the same.

    ``rule`` is the category that had decided when it was judged, empty if none had.
    """

    text: str
    action: Literal["allow", "block"]
    rule: str
    moderators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What can be learned from; ``left_out`` is reason → comments, ``distrusted`` moderators."""

    learned: tuple[Lesson, ...]
    held_out: tuple[Lesson, ...]
    left_out: Mapping[str, int]
    distrusted: tuple[str, ...]


def gather(decisions: Iterable[PastDecision], categories: Collection[str]) -> Lessons:
    """Return the lessons of the decisions that stand, each comment once.

    Raises:
        InputError: there are too few; says how many there are and are needed.
    """
    by_text: dict[str, list[PastDecision]] = defaultdict(list)
    for decision in decisions:
        if decision.standing and decision.action in ("allow", "block") and decision.text.strip():
            by_text[_key(decision.text)].append(decision)
    distrusted = _distrusted(by_text.values())
    several = len({decision.moderator for said in by_text.values() for decision in said}) > 1
    lessons, left_out = [], Counter[str]()
    for said in by_text.values():
        trusted = [decision for decision in said if decision.moderator not in distrusted]
        if reason := _useless(trusted, categories, several):
            left_out[reason] += 1
        else:
            lessons.append(_lesson(trusted, categories))
    _check_enough(lessons, left_out, distrusted)
    learned, held_out = _split(lessons)
    return Lessons(learned, held_out, dict(left_out), distrusted)


def targets(lesson: Lesson, scores: Mapping[str, float], policy: Policy) -> dict[str, float]:
    """Return category → the score that the comment should get; ``scores`` are those it has now.

    A block says that the category which had decided is right; where none had, that the one nearest
    its threshold should have decided. It says so of toxicity as well, except by spam. An allow
    says that those which reach their threshold are wrong. Of all other categories a decision says
    nothing: they keep their scores.
    """
    wanted = dict(scores)
    if lesson.action == "allow":
        limits = review_limits(scores, policy)
        over = [name for name, limit in limits.items() if scores[name] >= limit]
        return wanted | dict.fromkeys(over, UNSURE)
    decided = lesson.rule or nearest(scores, policy)
    raised = {decided} if decided == "spam" else {decided, "toxicity"}
    return wanted | {name: max(SURE, scores[name]) for name in raised if name in scores}


def nearest(scores: Mapping[str, float], policy: Policy) -> str:
    """Return the category that is farthest over its review threshold, or least below it."""
    limits = review_limits(scores, policy)
    return max(limits, key=lambda name: scores[name] - limits[name])


def review_limits(scores: Mapping[str, float], policy: Policy) -> dict[str, float]:
    """Return category → the score from which it decides anything, of those that can."""
    limits = {}
    for name in scores:
        pair = policy.limits.get(name)
        least = [limit for limit in (pair.review, pair.block) if limit is not None] if pair else []
        if least:
            limits[name] = min(least)
    return limits


def _key(text: str) -> str:
    return " ".join(normalize(text).text.casefold().split())


def _distrusted(comments: Iterable[Sequence[PastDecision]]) -> tuple[str, ...]:
    """Return the moderators whom most others contradict on many of the comments they share.

    Of two who contradict each other nobody can say which one is wrong: neither is believed.
    """
    shared, contradicted = Counter[str](), Counter[str]()
    for said in comments:
        words = {decision.moderator: decision.action for decision in said}
        for moderator, action in words.items():
            others = Counter(other for name, other in words.items() if name != moderator)
            if others["allow"] != others["block"]:
                shared[moderator] += 1
                contradicted[moderator] += others[action] * 2 < others.total()
    return tuple(
        sorted(
            name
            for name, count in shared.items()
            if count >= SHARED and contradicted[name] > CONTRADICTED * count
        )
    )


def _useless(said: Sequence[PastDecision], categories: Collection[str], several: bool) -> str:
    """Return why a comment teaches nothing; empty if it does. ``several`` moderate."""
    if not said:
        return "by moderators whom others contradict"
    if len({decision.action for decision in said}) > 1:
        return "moderators disagree"
    ruled = [decision.rule for decision in said]
    if said[0].action == "block" and not any(rule in {"", *categories} for rule in ruled):
        return "decided by a list or rule"
    alone = len({decision.moderator for decision in said}) == 1
    if several and alone and contradicts(said[0].action, said[0].scores):
        return "against a sure score, without a second opinion"
    return ""


def contradicts(action: str, scores: Mapping[str, float]) -> bool:
    """Say whether a decision is against scores that are all but certain."""
    highest = max(scores.values(), default=0.5)
    return highest >= CERTAIN if action == "allow" else highest <= 1 - CERTAIN


def _lesson(said: Sequence[PastDecision], categories: Collection[str]) -> Lesson:
    rules = [decision.rule for decision in said if decision.rule in categories]
    return Lesson(
        said[0].text,
        "block" if said[0].action == "block" else "allow",
        rules[0] if rules else "",
        tuple(sorted({decision.moderator for decision in said})),
    )


def _check_enough(
    lessons: Sequence[Lesson], left_out: Counter[str], distrusted: Sequence[str]
) -> None:
    kinds = Counter(lesson.action for lesson in lessons)
    if len(lessons) >= FEWEST and min(kinds["allow"], kinds["block"]) >= FEWEST_OF_A_KIND:
        return
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in left_out.items())
    raise InputError(
        f"There are decisions on {len(lessons):,} different comments to learn from, "
        f"{kinds['allow']:,} allowed and {kinds['block']:,} blocked"
        + (f" (left out: {reasons})" if reasons else "")
        + f". {FEWEST} are needed, with {FEWEST_OF_A_KIND} of each kind, so that a handful cannot "
        "turn the model. Review more comments, then learn."
        + (" Settle first what the moderators contradict each other on." if distrusted else "")
    )


def _split(lessons: Sequence[Lesson]) -> tuple[tuple[Lesson, ...], tuple[Lesson, ...]]:
    """Return the lessons to learn and those to hold out: by their text, the same share of each
    kind.
    """
    learned: list[Lesson] = []
    held_out: list[Lesson] = []
    for kind in ("allow", "block"):
        same = [lesson for lesson in lessons if lesson.action == kind]
        same.sort(key=lambda lesson: zlib.crc32(lesson.text.encode("utf-8", "replace")))
        place = max(1, round(len(same) / HELD_OUT))
        held_out += same[:place]
        learned += same[place:]
    return tuple(learned), tuple(held_out)
