"""What a threshold does to comments that people have labelled, along every score.

A comment that is harmful, but not by the category looked at, is neither right nor wrong there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.moderation.examples import ANY

GRID = tuple(step / 100 for step in range(1, 100))
CHANCE = 0.95  # that an interval holds the true share


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold does: ``caught`` of the ``harmful`` and ``wrong`` of the ``harmless``."""

    threshold: float
    caught: int
    harmful: int
    wrong: int
    harmless: int

    @property
    def precision(self) -> float | None:
        """Of what reaches the threshold, the share that is harmful; None if nothing does."""
        total = self.caught + self.wrong
        return self.caught / total if total else None

    @property
    def recall(self) -> float | None:
        """Of the harmful ones, the share that reaches it; None if there are none."""
        return self.caught / self.harmful if self.harmful else None

    @property
    def false_positive_rate(self) -> float:
        """Of the harmless ones, the share that reaches it."""
        return self.wrong / self.harmless if self.harmless else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the false-positive rate lies with a chance of 95 %."""
        return interval(self.wrong, self.harmless)


def interval(found: int, total: int) -> tuple[float, float]:
    """Return between what a share lies, with a chance of 95 %, if ``found`` of ``total`` have it.

    The exact interval of Clopper and Pearson (1934), which few comments make wide.
    """
    if not total:
        return 0.0, 1.0
    from scipy.special import betaincinv

    tail = (1 - CHANCE) / 2
    low = float(betaincinv(found, total - found + 1, tail)) if found else 0.0
    high = float(betaincinv(found + 1, total - found, 1 - tail)) if found < total else 1.0
    return low, high


def labels_of(harms: Sequence[frozenset[str]], category: str) -> list[bool | None]:
    """Return for each comment whether it is harmful by this category; None: by another one."""
    known = {category, ANY}
    return [None if harm and not harm & known else bool(harm) for harm in harms]


def curves(
    labels: Sequence[bool | None],
    scores: Sequence[float],
    thresholds: Sequence[float] = GRID,
) -> tuple[Point, ...]:
    """Return what each threshold does; comments whose label is None are left out."""
    import numpy as np

    pairs = list(zip(labels, scores, strict=True))
    harmful = np.sort([score for label, score in pairs if label is True])
    harmless = np.sort([score for label, score in pairs if label is False])
    return tuple(
        Point(
            threshold,
            len(harmful) - int(np.searchsorted(harmful, threshold)),
            len(harmful),
            len(harmless) - int(np.searchsorted(harmless, threshold)),
            len(harmless),
        )
        for threshold in thresholds
    )
