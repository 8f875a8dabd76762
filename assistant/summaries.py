"""Extractive summaries: the sentences of a text that say most of it, in their own order.

A sentence counts for how central it is among the others, by the cosine similarity of embeddings
(continuous LexRank without the random walk: Erkan and Radev, JAIR 22, 2004, section 3), a little
more the earlier it stands; what repeats a chosen sentence counts less (maximal marginal
relevance: Carbonell and Goldstein, SIGIR 1998). Nothing is ever invented.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistant.text import sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

MOST = 400  # sentences that are read; of longer texts, every n-th after the first half of them
SHORTEST = 4  # words; what is shorter is a heading or a fragment
LEAD = 0.12  # what the first sentence gains over the last
REPETITION = 0.5  # what a sentence loses for likeness to one already chosen
SHARE = 0.25  # of a text's sentences, if the user did not say how many
USUAL = 4  # sentences at most, if the user did not say how many


class Encodes(Protocol):
    """The part of the encoder that summaries need."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one L2-normalised row per text."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The chosen sentences as (start, end) in the text, in its order, out of ``total``."""

    spans: tuple[tuple[int, int], ...]
    total: int
    words: int  # of the summary
    text_words: int


def summarize(text: str, encoder: Encodes, count: int | None = None) -> Summary:
    """Choose ``count`` sentences of ``text``, or as many as suit its length."""
    import numpy as np

    every = sentences(text)
    spans = _worth_reading(text, every)
    wanted = count or max(1, min(USUAL, math.ceil(SHARE * len(spans))))
    if len(spans) <= wanted:
        chosen = spans
    else:
        vectors = encoder.encode([text[start:end] for start, end in spans])
        likeness = vectors @ vectors.T
        centrality = likeness.mean(axis=1)
        position = np.linspace(LEAD, 0, len(spans))
        order = _choose(centrality + position, likeness, wanted)
        chosen = [spans[index] for index in sorted(order)]
    words = sum(len(text[start:end].split()) for start, end in chosen)
    return Summary(tuple(chosen), len(every), words, len(text.split()))


def _worth_reading(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out fragments, unless there is nothing else, and thin out very long texts."""
    long = [(a, b) for a, b in spans if len(text[a:b].split()) >= SHORTEST] or spans
    if len(long) <= MOST:
        return long
    head = MOST // 2
    step = math.ceil((len(long) - head) / (MOST - head))
    return [*long[:head], *long[head::step]]


def _choose(worth: Matrix, likeness: Matrix, wanted: int) -> list[int]:
    """Return the indices of the best sentences that do not repeat one another."""
    chosen: list[int] = []
    left = worth.copy()
    for _ in range(wanted):
        best = int(left.argmax())
        chosen.append(best)
        left = worth - REPETITION * likeness[:, chosen].max(axis=1)
        left[chosen] = -math.inf
    return chosen
