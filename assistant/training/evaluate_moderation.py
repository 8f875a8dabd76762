"""Measures moderation: ranking, verdicts, marked words, honesty of scores, fairness to groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.models.heads import CATEGORIES
from assistant.models.moderator import Moderator
from assistant.training import datasets
from assistant.training.datasets import Text
from assistant.training.fairness import false_alarms
from assistant.training.recipes.moderation import TEST, jigsaw

Figures = dict[str, float]
BINS = 10  # of equal width, for the calibration error


def moderation(model: Moderator, data: Path, limit: int | None) -> Figures:
    """Toxicity on Jigsaw comments held out, tweets, marked words, and sentences naming groups.

    ``identity_gap`` is the highest less the lowest share of harmless sentences about one group
    that the default thresholds do not allow; each group's share stands beside it.
    """
    comments = jigsaw(data, TEST)
    comments = comments if limit is None else datasets.sample(comments, limit, seed=0)
    tweets = datasets.labelled(data, "cls_tweeteval_offensive/test", limit)
    rows = datasets.some_rows(data, "span_toxic_spans/test", limit)
    alarms = false_alarms(model)
    return {
        **{f"jigsaw_{name}": value for name, value in category_auc(model, comments).items()},
        "jigsaw_calibration_error": calibration_error(model, comments),
        "tweeteval_offensive_f1": offensive_f1(model, tweets),
        "toxic_spans_f1": marks_f1(model, [datasets.text_of(row, {}) for row in rows]),
        "identity_gap": max(alarms.values()) - min(alarms.values()),
        **{f"false_alarms_{term.lower()}": share for term, share in alarms.items()},
    }


def offensive_f1(model: Moderator, examples: Sequence[Text]) -> float:
    """Return the macro F1 of toxicity ≥ 0.5 against the label offensive."""
    from sklearn.metrics import f1_score

    results = model.score([example.text for example in examples])
    found = [result.scores["toxicity"] >= 0.5 for result in results]
    truth = ["offensive" in example.scores for example in examples]
    return float(f1_score(truth, found, average="macro"))


def category_auc(model: Moderator, examples: Sequence[Text]) -> Figures:
    """Return the ROC-AUC of every category that has known texts of both kinds."""
    from sklearn.metrics import roc_auc_score

    results = model.score([example.text for example in examples])
    figures = {}
    for name in CATEGORIES:
        known = [
            (example.scores[name] >= 0.5, result.scores[name])
            for example, result in zip(examples, results, strict=True)
            if name in example.scores
        ]
        if len({truth for truth, _ in known}) == 2:
            figures[f"{name}_auc"] = float(roc_auc_score(*zip(*known, strict=True)))
    return figures


def marks_f1(model: Moderator, examples: Sequence[Text]) -> float:
    """Return the mean character F1 of the marked words, as the toxic spans task counts."""
    results = model.score([example.text for example in examples])
    scores = []
    for result, example in zip(results, examples, strict=True):
        truth = {place for start, end in example.marks or () for place in range(start, end)}
        ours = {place for span in result.spans for place in range(span.start, span.end)}
        total = len(truth) + len(ours)
        scores.append(2 * len(truth & ours) / total if total else 1.0)
    return sum(scores) / len(scores)


def calibration_error(model: Moderator, examples: Sequence[Text]) -> float:
    """Return the expected calibration error of toxicity: the mean gap, over bins of the score,
    between the score and the share of texts that are toxic.
    """
    import numpy as np

    results = model.score([example.text for example in examples])
    scores = np.array([result.scores["toxicity"] for result in results])
    truth = np.array([example.scores["toxicity"] >= 0.5 for example in examples])
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    gaps = [
        abs(scores[bins == place].mean() - truth[bins == place].mean()) * (bins == place).mean()
        for place in set(bins.tolist())
    ]
    return float(sum(gaps))
