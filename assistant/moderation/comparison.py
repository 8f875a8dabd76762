"""A moderation model before and after it learned, on the same comments, and whether it may serve.

Compared are held-out decisions, harmless sentences that name groups of people, and plain sentences
of which the model knew enough before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.models.moderator import Moderation, Moderator
from assistant.moderation.comments import Comment
from assistant.moderation.lessons import Lesson, nearest, review_limits
from assistant.moderation.policy import Policy
from assistant.moderation.rehearsal import HARMFUL, watched
from assistant.moderation.scoring import Scorer
from assistant.training.fairness import false_alarms
from assistant.types import VerdictName

MOST_DRIFT = 0.06  # mean change of a plain sentence's highest score
MOST_NEW_MISTAKES = 0.03  # share of plain sentences that only the new model gets wrong
SHOWN = 50  # changed comments in a report


@dataclass(frozen=True, slots=True)
class Figures:
    """How verdicts agree with decisions; a comment that is not allowed counts as found.

    Attributes:
        confusion: allow or block, as people decided → verdict → comments.
        precision: of those that are not allowed, the share that people blocked.
        recall: of those that people blocked, the share that is not allowed.
        f1: the harmonic mean of both.
        auc: the chance that a blocked comment scores higher than an allowed one.
    """

    confusion: Mapping[str, Mapping[str, int]]
    precision: float
    recall: float
    f1: float
    auc: float


@dataclass(frozen=True, slots=True)
class Change:
    """A held-out comment whose verdict is another one; scores are of its nearest category."""

    text: str
    action: str
    before: VerdictName
    after: VerdictName
    score_before: float
    score_after: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that must not be worse; ``sentence`` says what was found and what is the limit."""

    name: str
    passed: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed; ``fairness`` is group → share of harmless sentences that are not allowed.

    ``drift`` is the mean change of the plain sentences' highest scores, ``new_mistakes`` the share
    of them that only the new model gets wrong.
    """

    before: Figures
    after: Figures
    fairness_before: Mapping[str, float]
    fairness_after: Mapping[str, float]
    drift: float
    new_mistakes: float
    changed: tuple[Change, ...]
    gates: tuple[Gate, ...]


def compare(
    before: Moderator, after: Moderator, held_out: Sequence[Lesson], policy: Policy
) -> Comparison:
    """Compare two models under the limits of ``policy``."""
    texts = [lesson.text for lesson in held_out]
    old, new = Scorer(before).score(texts), Scorer(after).score(texts)
    figures = tuple(_figures(held_out, scored, policy) for scored in (old, new))
    alarms = tuple(false_alarms(model) for model in (before, after))
    plain = watched()
    was, now = before.score(plain), after.score(plain)
    drift = sum(
        abs(_highest(one, policy) - _highest(other, policy))
        for one, other in zip(was, now, strict=True)
    ) / len(plain)
    mistakes = sum(
        _wrong(text, other, policy) and not _wrong(text, one, policy)
        for text, one, other in zip(plain, was, now, strict=True)
    ) / len(plain)
    return Comparison(
        before=figures[0],
        after=figures[1],
        fairness_before=alarms[0],
        fairness_after=alarms[1],
        drift=drift,
        new_mistakes=mistakes,
        changed=_changed(held_out, old, new, policy),
        gates=(
            _better(figures[0], figures[1]),
            _fair(*alarms),
            Gate(
                "drift",
                drift <= MOST_DRIFT,
                f"Scores of plain sentences changed by {drift:.3f} on average; at most "
                f"{MOST_DRIFT} is allowed.",
            ),
            Gate(
                "new mistakes",
                mistakes <= MOST_NEW_MISTAKES,
                f"{mistakes:.1%} of the plain sentences are judged wrongly that were not before; "
                f"at most {MOST_NEW_MISTAKES:.0%} is allowed.",
            ),
        ),
    )


def _figures(lessons: Sequence[Lesson], scored: Sequence[Moderation], policy: Policy) -> Figures:
    from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

    confusion = {
        action: dict.fromkeys(("allow", "review", "block"), 0) for action in ("allow", "block")
    }
    verdicts = [_verdict(moderation, policy) for moderation in scored]
    for lesson, verdict in zip(lessons, verdicts, strict=True):
        confusion[lesson.action][verdict] += 1
    truth = [lesson.action == "block" for lesson in lessons]
    found = [verdict != "allow" for verdict in verdicts]
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, found, average="binary", zero_division=0.0
    )
    auc = roc_auc_score(truth, [_beyond(moderation, policy) for moderation in scored])
    return Figures(confusion, float(precision), float(recall), float(f1), float(auc))


def _verdict(moderation: Moderation, policy: Policy) -> VerdictName:
    return policy.decide(Comment(""), moderation.scores, moderation.spans).verdict


def _beyond(moderation: Moderation, policy: Policy) -> float:
    """Return how far the worst category is over its threshold; negative below it."""
    name = nearest(moderation.scores, policy)
    return moderation.scores[name] - review_limits(moderation.scores, policy)[name]


def _highest(moderation: Moderation, policy: Policy) -> float:
    return max(moderation.scores[name] for name in review_limits(moderation.scores, policy))


def _wrong(text: str, moderation: Moderation, policy: Policy) -> bool:
    return (_verdict(moderation, policy) != "allow") != (text in HARMFUL)


def _changed(
    lessons: Sequence[Lesson],
    old: Sequence[Moderation],
    new: Sequence[Moderation],
    policy: Policy,
) -> tuple[Change, ...]:
    changes = []
    for lesson, one, other in zip(lessons, old, new, strict=True):
        before, after = _verdict(one, policy), _verdict(other, policy)
        if before != after:
            name = nearest(one.scores if before != "allow" else other.scores, policy)
            scores = one.scores[name], other.scores[name]
            changes.append(Change(lesson.text, lesson.action, before, after, *scores))
    return tuple(changes[:SHOWN])


def _better(before: Figures, after: Figures) -> Gate:
    return Gate(
        "held-out decisions",
        after.f1 >= before.f1,
        f"F1 on the decisions held out is {after.f1:.3f}, and was {before.f1:.3f}; it must not be "
        "lower.",
    )


def _fair(before: Mapping[str, float], after: Mapping[str, float]) -> Gate:
    gaps = [max(alarms.values()) - min(alarms.values()) for alarms in (before, after)]
    return Gate(
        "fairness",
        gaps[1] <= gaps[0],
        f"Between the group whose harmless sentences are held up most and the one least, "
        f"{gaps[1]:.0%} lie, and {gaps[0]:.0%} before; it must not be more.",
    )
