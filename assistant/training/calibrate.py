"""Turns raw scores into honest ones, on validation data that the model never learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assistant.models.moderator import Moderator
from assistant.models.reader import EVIDENCE, Reader
from assistant.models.temperature import tempered
from assistant.models.tokens import TextTokenizer
from assistant.training.answers import overlap
from assistant.training.datasets import Question, Text
from assistant.training.moderation_baselines import Method

REVIEW_RATE, BLOCK_RATE = 0.05, 0.005  # shares of harmless comments that may be held up
FEWEST = 50  # comments of a kind without which nothing is worth setting
COLDEST, HOTTEST = 0.02, 20.0
RIGHT = 0.5  # word F1 from which an answer counts as right


def temperature(scores: Sequence[Mapping[str, float]], truth: Sequence[str]) -> float:
    """Return the temperature under which ``scores``, label → score, are likeliest for ``truth``.

    As in Platt (1999), the truth itself is taken as (n + 1) / (n + k) sure for n texts and k
    labels, so that a few texts that are all right do not make every answer certain.
    """
    from scipy.optimize import minimize_scalar

    labels, shares = _table(scores)
    sure = (len(truth) + 1) / (len(truth) + len(labels))
    targets = np.full(shares.shape, (1 - sure) / max(1, len(labels) - 1))
    targets[np.arange(len(truth)), [labels.index(label) for label in truth]] = sure

    def loss(logarithm: float) -> float:
        likelihood = np.log(np.maximum(tempered(shares, float(np.exp(logarithm))), 1e-12))
        return -float((targets * likelihood).sum())

    bounds = np.log([COLDEST, HOTTEST])
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def rescaled(scores: Sequence[Mapping[str, float]], temperature: float) -> list[dict[str, float]]:
    """Return the scores as the run time gives them under ``temperature``."""
    labels, shares = _table(scores)
    return [
        dict(zip(labels, map(float, row), strict=True)) for row in tempered(shares, temperature)
    ]


def _table(scores: Sequence[Mapping[str, float]]) -> tuple[list[str], np.ndarray[Any, Any]]:
    labels = list(scores[0])
    return labels, np.array([[score[label] for label in labels] for score in scores])


def thresholds(model: Method, examples: Sequence[Text]) -> dict[str, dict[str, float]]:
    """Return category → review and block scores that few harmless comments reach.

    A category without enough harmless examples reviews at 0.5 and blocks at 0.9.
    """
    results = model.score([example.text for example in examples])
    chosen = {}
    for name in model.categories:
        clean = [
            result.scores[name]
            for example, result in zip(examples, results, strict=True)
            if example.scores.get(name, 1.0) < 0.5
        ]
        review, block = 0.5, 0.9
        if len(clean) >= FEWEST:
            review, block = np.quantile(clean, [1 - REVIEW_RATE, 1 - BLOCK_RATE])
        chosen[name] = {"review": round(float(review), 4), "block": round(float(block), 4)}
    return chosen


def moderation_calibration(model: Moderator, examples: Sequence[Text]) -> dict[str, list[float]]:
    """Return category → the slope and shift that make the model's scores true probabilities.

    ``model`` is not calibrated yet. A category with few examples of either kind is left alone.
    """
    from sklearn.linear_model import LogisticRegression

    results = model.score([example.text for example in examples])
    lines = {}
    for name in model.categories:
        known = [
            (_logit(result.scores[name]), example.scores[name] >= 0.5)
            for example, result in zip(examples, results, strict=True)
            if name in example.scores
        ]
        harmful = sum(truth for _, truth in known)
        if min(harmful, len(known) - harmful) >= FEWEST:
            fitted = LogisticRegression().fit(
                [[logit] for logit, _ in known], [y for _, y in known]
            )
            lines[name] = [float(fitted.coef_[0, 0]), float(fitted.intercept_[0])]
    return lines


def _logit(share: float) -> float:
    return float(np.log((share + 1e-9) / (1 - share + 1e-9)))


def reader_calibration(
    model: Reader, questions: Sequence[Question], tokenizer: TextTokenizer
) -> Mapping[str, list[float]]:
    """Return the logistic weights (margin, share, bias) of "right" and of "no answer"."""
    from sklearn.linear_model import LogisticRegression

    contexts = [tokenizer.read(item.context) for item in questions]
    found = model.evidence([item.question for item in questions], contexts)
    features, right, none = [], [], []
    for best, item, tokens in zip(found, questions, contexts, strict=True):
        if best is None:
            continue
        text = item.context[tokens.starts[best.first] : tokens.ends[best.last]]
        golds = [item.context[start:end] for start, end in item.answers]
        features.append([best.margin, best.share])
        right.append(overlap(text, golds)[0] >= RIGHT)
        none.append(not golds)
    weights = {}
    for name, truth in zip(EVIDENCE, (right, none), strict=True):
        fitted = LogisticRegression().fit(features, truth)
        weights[name] = [*map(float, fitted.coef_[0]), float(fitted.intercept_[0])]
    return weights
