"""Measures summaries by ROUGE, beside the first sentences and TextRank, at the same length."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant import summaries
from assistant.text import sentences
from assistant.training import datasets

COUNT = 3  # sentences of every summary
SETS = (
    "sum_cnn_dailymail/validation",
    "sum_xsum_1000/test",
    "sum_bbc_extractive/validation",
    "sum_scitldr/test",
)
MEASURES = ("rouge1", "rouge2", "rougeL")
DAMPING = 0.85  # of PageRank, as in the paper on TextRank
STEPS = 50  # of the power iteration

Figures = dict[str, float | str]


def summarizer(data: Path, limit: int | None) -> list[Figures]:
    """Return one line a data set and method: mean F1 of ROUGE-1, ROUGE-2 and ROUGE-L, in percent.

    Where a text has several reference summaries, the likest one counts (by the sum of the three).
    """
    table: list[Figures] = []
    for name in SETS:
        rows = datasets.some_rows(data, name, limit)
        table += [
            {"set": name, "texts": len(rows), "method": method, **_mean(rows, choose)}
            for method, choose in METHODS.items()
        ]
    return table


def _mean(rows: Sequence[datasets.Row], choose: Choose) -> dict[str, float]:
    """Return the mean figures of one method."""
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(MEASURES, use_stemmer=True)
    totals = dict.fromkeys(MEASURES, 0.0)
    for row in rows:
        lines = candidates(row["document"])
        summary = " ".join(lines[place] for place in choose(lines, COUNT))
        references = row.get("references") or [row["summary"]]
        best = max(
            (scorer.score(reference, summary) for reference in references),
            key=lambda scores: sum(scores[measure].fmeasure for measure in MEASURES),
        )
        for measure in MEASURES:
            totals[measure] += 100 * best[measure].fmeasure
    return {measure: total / len(rows) for measure, total in totals.items()}


def candidates(text: str) -> list[str]:
    """Return the sentences among which every method chooses."""
    return [text[a:b] for a, b in summaries.worth_reading(text, sentences(text))]


def lead(lines: Sequence[str], wanted: int) -> list[int]:
    """Choose the first sentences."""
    return list(range(min(wanted, len(lines))))


def textrank(lines: Sequence[str], wanted: int) -> list[int]:
    """Choose by PageRank over shared words (Mihalcea and Tarau, EMNLP 2004, section 4)."""
    import numpy as np

    words = [set(summaries.content_words(line)) for line in lines]
    likeness = np.array([[_shared(one, other) for other in words] for one in words])
    np.fill_diagonal(likeness, 0.0)
    flow = likeness / np.maximum(likeness.sum(axis=1, keepdims=True), 1e-9)
    rank: Any = np.full(len(lines), 1 / len(lines))
    for _ in range(STEPS):
        rank = (1 - DAMPING) / len(lines) + DAMPING * rank @ flow
    return sorted(np.argsort(-rank, kind="stable")[:wanted].tolist())


def _shared(one: set[str], other: set[str]) -> float:
    if len(one) < 2 or len(other) < 2:  # the logarithm of 1 is 0
        return 0.0
    return len(one & other) / (math.log(len(one)) + math.log(len(other)))


Choose = Callable[[Sequence[str], int], list[int]]
METHODS: dict[str, Choose] = {
    "Switchboard": summaries.choose,
    "first sentences": lead,
    "TextRank": textrank,
}
