"""Scores comments for each kind of harm and marks the words behind it.

Knows scores, not verdicts: what is blocked is policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.models.adapter import Adapter, open_adapter
from assistant.models.encoder import Encoder
from assistant.models.heads import EXPERIMENTAL
from assistant.models.layout import join_single, windows
from assistant.models.tokens import Tokens
from assistant.types import Span

WINDOW, OVERLAP = 78, 24  # tokens; in a longer one a single insult drowns in polite words
MARKED = 0.5  # probability from which a word is shown
CHUNK = 1024  # comments sorted by length and worked on together

Progress = Callable[[int, int], None]
"""Called with the number of comments done and their total."""


@dataclass(frozen=True, slots=True)
class Moderation:
    """Category → score of one comment, and its harmful words (label ``toxicity``)."""

    scores: Mapping[str, float]
    spans: tuple[Span, ...]


class Moderator:
    """Scores every category of the adapter; a long comment is as bad as its worst window.

    Attributes:
        categories: the names that every result scores.
        experimental: categories whose training labels are too poor to decide anything.
        thresholds: category → {"review": score, "block": score}, chosen on validation data;
            of the experimental ones there are none.
    """

    def __init__(
        self, adapter: Adapter, encoder: Encoder, threads: int = 0, exact: bool = False
    ) -> None:
        self.categories = adapter.heads[0].labels
        self.experimental = EXPERIMENTAL & set(self.categories)
        self.thresholds = {
            name: pair for name, pair in adapter.thresholds.items() if name not in EXPERIMENTAL
        }
        lines = [adapter.calibration.get(name, [1.0, 0.0]) for name in self.categories]
        self._slopes, self._shifts = np.array(lines).T
        self._tokenizer = encoder.tokenizer
        self._runner = open_adapter(adapter, encoder, threads, exact, bulk=True)
        self.runtime = self._runner.name

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        """Return the scores of each comment in order; a comment without words scores 0."""
        results: list[Moderation] = []
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]

            def tick(share: float, start: int = start, size: int = len(chunk)) -> None:
                if progress:
                    progress(start + int(share * size), len(texts))

            results += self._score(chunk, tick)
        if progress:
            progress(len(texts), len(texts))
        return results

    def _score(self, texts: Sequence[str], tick: Callable[[float], None]) -> list[Moderation]:
        read = [self._tokenizer.read(text) for text in texts]
        places = [
            (owner, start, end)
            for owner, tokens in enumerate(read)
            for start, end in windows(len(tokens), WINDOW, OVERLAP)
            if end > start
        ]
        scores = np.zeros((len(texts), len(self.categories)))
        marks = [np.full(len(tokens), -np.inf) for tokens in read]
        if places:
            rows = [join_single(read[owner].cut(start, end)) for owner, start, end in places]
            outputs = self._runner.run(rows, lambda done: tick(done / len(rows)))
            found = _sigmoid(self._slopes * np.stack([line[0] for line in outputs]) + self._shifts)
            np.maximum.at(scores, [owner for owner, *_ in places], found)
            for (owner, start, end), (_, inner) in zip(places, outputs, strict=True):
                known = marks[owner][start:end]
                np.maximum(known, inner[1:-1, 0], out=known)
        return [
            Moderation(
                dict(zip(self.categories, line, strict=True)), _spans(tokens, _sigmoid(mark))
            )
            for line, tokens, mark in zip(scores.tolist(), read, marks, strict=True)
        ]


def _sigmoid(logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))))


def _spans(tokens: Tokens, marks: np.ndarray[Any, Any]) -> tuple[Span, ...]:
    """Return the marked words; neighbours become one span, whose score is its highest word's."""
    if not len(marks) or marks.max() < MARKED:
        return ()
    best: dict[int, float] = {}
    for word, mark in zip(tokens.words, marks, strict=True):
        best[word] = max(best.get(word, 0.0), float(mark))
    spans: list[Span] = []
    last = -2
    for place, word in enumerate(tokens.words):
        if best[word] < MARKED:
            continue
        start, score = tokens.starts[place], best[word]
        if spans and word - last <= 1:
            start, score = spans[-1].start, max(spans.pop().score, score)
        spans.append(Span(start, tokens.ends[place], "toxicity", score))
        last = word
    return tuple(spans)
