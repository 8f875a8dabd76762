"""How good a classifier is: from true labels and label → score to figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.training.labelled import Example

BINS = 10  # of equal width between 0 and 1
EXCERPT = 240  # characters of a mistaken text

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Of one label; ``support`` counts its texts, the others are shares."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose score lies in (low, high]: their number, mean score and share right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Results on one set of texts.

    ``confusion[i][j]`` counts texts of the i-th label that were given the j-th.
    ``calibration_error`` is the expected calibration error: the mean distance between score and
    share right over the bins, weighted by their counts (Guo et al., arXiv:1706.04599).
    """

    labels: tuple[str, ...]
    accuracy: float
    macro_f1: float
    classes: Mapping[str, ClassFigures]
    confusion: tuple[tuple[int, ...], ...]
    calibration_error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A text (its beginning) that was given another label than its own, and how surely."""

    text: str
    label: str
    given: str
    score: float


def best(scores: Scores) -> str:
    """Return the label with the highest score."""
    return max(scores, key=scores.__getitem__)


def measure(labels: Sequence[str], truth: Sequence[str], scores: Sequence[Scores]) -> Figures:
    """Return the figures of one score table a text."""
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    given = [best(score) for score in scores]
    columns = precision_recall_fscore_support(truth, given, labels=list(labels), zero_division=0.0)
    classes = {
        label: ClassFigures(float(precision), float(recall), float(f1), int(support))
        for label, precision, recall, f1, support in zip(labels, *columns, strict=True)
    }
    right = [wanted == got for wanted, got in zip(truth, given, strict=True)]
    bins = _bins([score[label] for score, label in zip(scores, given, strict=True)], right)
    return Figures(
        tuple(labels),
        sum(right) / len(right),
        sum(figures.f1 for figures in classes.values()) / len(classes),
        classes,
        tuple(tuple(map(int, row)) for row in confusion_matrix(truth, given, labels=list(labels))),
        sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / len(right),
        bins,
    )


def _bins(confidences: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """Return the bins that hold any answer."""
    found: dict[int, list[tuple[float, bool]]] = {}
    for confidence, hit in zip(confidences, right, strict=True):
        place = min(BINS - 1, max(0, -int(-confidence * BINS // 1) - 1))  # ceiling, minus one
        found.setdefault(place, []).append((confidence, hit))
    return tuple(
        Bin(
            place / BINS,
            (place + 1) / BINS,
            len(answers),
            sum(confidence for confidence, _ in answers) / len(answers),
            sum(hit for _, hit in answers) / len(answers),
        )
        for place, answers in sorted(found.items())
    )


def mistakes(
    examples: Sequence[Example], scores: Sequence[Scores], count: int = 10
) -> tuple[Mistake, ...]:
    """Return the wrong answers that the classifier was surest of."""
    wrong = [
        Mistake(_excerpt(example.text), example.label, given, score[given])
        for example, score in zip(examples, scores, strict=True)
        if (given := best(score)) != example.label
    ]
    return tuple(sorted(wrong, key=lambda mistake: -mistake.score)[:count])


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"
