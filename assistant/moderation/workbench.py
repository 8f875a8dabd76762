"""Chooses the scores from which comments are blocked, on comments that people have labelled.

A removal is wrong when the comment is harmless. How often that happens can be asked in two ways:
of the harmless comments, how many would be blocked (``harmless``, the false-positive rate); or of
the blocked comments, how many are harmless (``blocked``, 1 - precision), which depends on how many
harmful ones there are. A share is promised only if its whole 95 % interval keeps to it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from assistant.errors import InputError
from assistant.models.moderator import Progress
from assistant.moderation.comments import Judged
from assistant.moderation.curves import CHANCE, GRID, Point, curves, interval, labels_of
from assistant.moderation.examples import Examples
from assistant.moderation.judging import Judge
from assistant.moderation.policy import REVIEW_FLOOR, Evidence, Limits, Policy
from assistant.types import VerdictName

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

STEP = 10_000  # thresholds are whole numbers of 1 / STEP
Among = Literal["harmless", "blocked"]


@dataclass(frozen=True, slots=True)
class Target:
    """How many removals may be wrong: at most ``wrong`` in ``of`` comments of the kind named."""

    wrong: int = 1
    of: int = 200
    among: Among = "harmless"

    @property
    def share(self) -> float:
        """The largest share that may be wrong, between 0 and 1."""
        return self.wrong / self.of

    def __str__(self) -> str:
        kind = {
            "harmless": "harmless comments is blocked",
            "blocked": "blocked comments is harmless",
        }
        return f"at most {self.wrong:,} in {self.of:,} {kind[self.among]}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Thresholds that keep to a target together, and what they do on the labelled comments.

    ``thresholds`` gives category → score, ``points`` what each does alone, and ``together`` what
    they do all at once, where a comment counts that reaches any of them (its own threshold is the
    lowest).
    """

    target: Target
    rows: int
    thresholds: Mapping[str, float]
    points: Mapping[str, Point]
    together: Point


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many harmful and harmless comments get each verdict."""

    harmful: Mapping[VerdictName, int]
    harmless: Mapping[VerdictName, int]


class Bench:
    """Labelled comments as the model scores them: what policies and thresholds do to them.

    Args:
        examples: the labelled comments.
        judge: what scores them; its policy does not matter.
        model: what records call its model.
        progress: called with the number of comments done and their total.
    """

    def __init__(
        self, examples: Examples, judge: Judge, model: str, progress: Progress | None = None
    ) -> None:
        self.source, self.model, self.left_out = examples.source, model, examples.left_out
        self.harms = [example.harms for example in examples.examples]
        comments = [example.comment for example in examples.examples]
        self._judged = judge.judge(comments, progress)
        self._scores = {
            name: [one.scores[name] for one in self._judged] for name in judge.categories
        }

    def curve(self, category: str, thresholds: Sequence[float] = GRID) -> tuple[Point, ...]:
        """Return what each threshold of a category does."""
        return curves(labels_of(self.harms, category), self._scores[category], thresholds)

    def outcome(self, policy: Policy) -> Outcome:
        """Return what the whole policy does, with its lists and rules."""
        return outcome(policy, self._judged, self.harms)

    def choose(self, categories: Collection[str], target: Target) -> Choice:
        """Return thresholds for these categories; see ``choose``.

        Raises:
            InputError: there are none, one is not scored, or the target cannot be promised.
        """
        if unknown := [name for name in categories if name not in self._scores]:
            raise InputError(
                f"The moderation model does not score “{unknown[0]}”. It scores "
                f"{', '.join(self._scores)}."
            )
        if not categories:
            raise InputError("The policy blocks by no score. Name a category to choose for.")
        return choose(self.harms, {name: self._scores[name] for name in categories}, target)

    def with_evidence(self, policy: Policy, choice: Choice) -> Policy:
        """Return the policy with the chosen thresholds, and what they rest on."""
        return with_evidence(policy, choice, self.source, self.model)


def read_target(text: str, among: Among = "harmless") -> Target:
    """Read ``1/200`` or ``0.5%``.

    Raises:
        InputError: it is neither, or no share between 0 and 1.
    """
    ratio = re.fullmatch(r"\s*(\d{1,9})\s*(?:/|in)\s*(\d{1,9})\s*", text)
    percent = re.fullmatch(r"\s*(\d{1,2}(?:\.\d{1,4})?)\s*%\s*", text)
    wrong, of = 0, 0
    if ratio:
        wrong, of = int(ratio[1]), int(ratio[2])
    elif percent:
        wrong, of = round(float(percent[1]) * 10_000), 1_000_000
        wrong, of = wrong // math.gcd(wrong, of), of // math.gcd(wrong, of)
    if not 0 < wrong < of:
        raise InputError(f"“{text[:40]}” is no share of wrong removals. Write it as 1/200 or 0.5%.")
    return Target(wrong, of, among)


def rows_needed(target: Target) -> int:
    """Return how many comments there must be, none of them wrong, before it can be promised."""
    return math.ceil(math.log((1 - CHANCE) / 2) / math.log(1 - target.share))


def choose(
    harms: Sequence[frozenset[str]], scores: Mapping[str, Sequence[float]], target: Target
) -> Choice:
    """Return the thresholds that block as much as the target allows.

    They begin above every harmless comment. Then, as long as the target leaves room, one of them
    goes down to the next harmless comment: the one with which most harmful comments are caught.
    For one category and ``harmless``, how far it may go follows from the target and the number of
    comments alone, so that the promise holds whatever the scores are; else the way down is chosen
    on the same comments, which is a little too hopeful.

    Args:
        harms: what is harmful in each comment, as in ``examples.Example``.
        scores: category → the score of each comment.
        target: what the thresholds must keep to.

    Raises:
        InputError: the comments are too few, or scored too badly, to promise it.
    """
    import numpy as np

    table = np.array([scores[name] for name in scores])  # a row for each category
    harmful = np.array([bool(harm) for harm in harms])
    if harmful.all():  # or there are no comments at all
        raise InputError("There are no harmless comments, so nothing shows what a threshold costs.")
    steps = list(_way_down(table, harmful, _most_wrong(target, harmful)))
    kept = [step for step in steps if _keeps(target, step[1])]
    if not kept:
        raise InputError(_refusal(target, steps[0][1]))
    cuts, together = max(kept, key=lambda step: step[1].caught)
    thresholds = dict(zip(scores, map(float, cuts), strict=True))
    points = {
        name: curves(labels_of(harms, name), scores[name], [threshold])[0]
        for name, threshold in thresholds.items()
    }
    return Choice(target, len(harms), thresholds, points, together)


def _way_down(table: Array, harmful: Array, most: int) -> Iterator[tuple[Array, Point]]:
    """Yield thresholds and what they do together, from the strictest to ``most`` wrong ones."""
    import numpy as np

    highest = -np.sort(-table[:, ~harmful], axis=1)
    above = (np.floor(highest * STEP) + 1) / STEP  # of each category, the highest first
    above = np.clip(above, REVIEW_FLOOR, 1.0)
    cuts = above[:, 0]
    together = _together(table, cuts, harmful)
    yield cuts, together
    while together.wrong <= most:
        steps = []
        for row, cut in enumerate(cuts):
            below = int(np.searchsorted(-above[row], -cut, "right"))
            if below < above.shape[1]:
                lower = cuts.copy()
                lower[row] = above[row, below]
                steps.append((lower, _together(table, lower, harmful)))
        if not steps:
            return
        cuts, together = max(steps, key=lambda step: (step[1].caught, -step[1].wrong))
        yield cuts, together


def with_evidence(
    policy: Policy, choice: Choice, source: str, model: str, day: date | None = None
) -> Policy:
    """Return the policy with the chosen thresholds to block from, and what they rest on."""
    limits, evidence = dict(policy.limits), dict(policy.evidence)
    for name, threshold in choice.thresholds.items():
        point, review = choice.points[name], limits.get(name, Limits()).review
        if review is not None:
            review = min(review, threshold)
        limits[name] = Limits(review=review, block=threshold)
        evidence[name] = Evidence(
            threshold=threshold,
            target=f"{choice.target}, {len(choice.points)} categories together"
            if len(choice.points) > 1
            else str(choice.target),
            source=source[:500],
            rows=point.harmful + point.harmless,
            harmful=point.harmful,
            precision=point.precision,
            recall=point.recall,
            false_positive_rate=point.false_positive_rate,
            interval=point.interval,
            model=model[:200],
            measured=(day or date.today()).isoformat(),
        )
    return policy.model_copy(update={"limits": limits, "evidence": evidence})


def outcome(policy: Policy, judged: Sequence[Judged], harms: Sequence[frozenset[str]]) -> Outcome:
    """Return what the whole policy, with its lists and rules, makes of labelled comments."""
    counts: dict[bool, Counter[VerdictName]] = {True: Counter(), False: Counter()}
    for one, harm in zip(judged, harms, strict=True):
        decision = policy.decide(one.comment, one.scores, one.spans)
        counts[bool(harm)][decision.verdict] += 1
    return Outcome(harmful=dict(counts[True]), harmless=dict(counts[False]))


def _most_wrong(target: Target, harmful: Array) -> int:
    """Return how many wrong removals could keep to the target at the very best."""
    harmless, share = int((~harmful).sum()), target.share
    most = share * harmless
    if target.among == "blocked":
        most = share / (1 - share) * int(harmful.sum())
    return min(int(most), harmless - 1)


def _together(table: Array, cuts: Array, harmful: Array) -> Point:
    blocked = (table >= cuts[:, None]).any(axis=0)
    caught, wrong = int((blocked & harmful).sum()), int((blocked & ~harmful).sum())
    total = int(harmful.sum())
    return Point(float(cuts.min()), caught, total, wrong, len(harmful) - total)


def _keeps(target: Target, point: Point) -> bool:
    total = point.harmless if target.among == "harmless" else point.wrong + point.caught
    return interval(point.wrong, total)[1] <= target.share


def _refusal(target: Target, strictest: Point) -> str:
    """Say why the target cannot be promised; ``strictest`` allows no wrong removal on purpose."""
    needed = rows_needed(target)
    if target.among == "harmless":
        seen, kind = strictest.harmless, "harmless comments"
    else:
        seen, kind = strictest.harmful, "harmful comments"
    if seen >= needed:
        return (
            f"No threshold keeps to “{target}”, because harmless comments score too high: the "
            f"strictest ones block {strictest.caught:,} of the harmful and {strictest.wrong:,} of "
            "the harmless. Look at their labels, or ask for less."
        )
    return (
        f"There are too few {kind} ({seen:,}) to promise “{target}”: without one mistake among "
        f"them it may still be {interval(0, seen)[1]:.1%}. At least {needed:,} are needed. Label "
        "more, or ask for less."
    )
