"""Orders the passages that meaning and words have found, and leaves out near-duplicates.

Knows numbers and vectors only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CANDIDATES = 40  # looked at from each kind of search
_SAME = 0.96  # cosine from which two passages say the same


@dataclass(frozen=True, slots=True)
class Weights:
    """``meaning`` times the cosine plus ``words`` times the share of the best BM25 is the score."""

    meaning: float
    words: float


BOTH = Weights(1.0, 0.3)
MEANING = Weights(1.0, 0.0)
WORDS = Weights(0.0, 1.0)


def rank(
    query: npt.NDArray[np.float32],
    candidates: Sequence[int],
    vectors: npt.NDArray[np.float32],
    words: Mapping[int, float],
    k: int,
    weights: Weights = BOTH,
) -> list[int]:
    """Return the best ``k`` candidates, best first.

    ``query`` (d,) and ``vectors`` (n, d) have unit length; ``words`` holds the BM25 scores of
    those candidates that share words with the query. A passage that nearly repeats a better one
    is left out.
    """
    best = max(words.values(), default=1.0) or 1.0
    shared = np.array([words.get(number, 0.0) / best for number in candidates], dtype=np.float32)
    scores = weights.meaning * (vectors @ query) + weights.words * shared
    chosen: list[int] = []  # rows of vectors
    for row in np.argsort(-scores, kind="stable"):
        if len(chosen) == k:
            break
        if not chosen or float((vectors[chosen] @ vectors[row]).max()) < _SAME:
            chosen.append(int(row))
    return [candidates[row] for row in chosen]
