"""Measures moderation: ranking, verdicts, marked words, honesty of scores, fairness to groups,
harmless comments that look bad and bad ones in disguise; and simpler methods beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.models.heads import CATEGORIES
from assistant.models.moderator import Moderation
from assistant.moderation.policy import Limits, Policy, standard
from assistant.moderation.scoring import ModerationModel, Scorer
from assistant.training import datasets, hard_cases, moderation_baselines
from assistant.training.calibrate import thresholds
from assistant.training.datasets import Text
from assistant.training.fairness import naming
from assistant.training.hard_cases import Half, Held
from assistant.training.moderation_baselines import Method
from assistant.training.recipes.moderation import TEST, VALIDATION, jigsaw, mix

Figures = dict[str, float]
BINS = 10  # of equal width, for the calibration error


def moderation(model: ModerationModel, data: Path, limit: int | None) -> dict[str, Any]:
    """Every figure of the model as comments meet it, normalisation included, and of the baselines.

    Jigsaw comments, tweets and marked comments are held out; so is the half of the hard cases
    that counts here. ``identity_gap`` is the highest less the lowest share of harmless sentences
    about one group that the standard policy does not allow.
    """
    known, comments = (_some(jigsaw(data, part), limit) for part in (VALIDATION, TEST))
    scorer, policy = Scorer(model), standard(model.thresholds, model.experimental)
    rows = datasets.some_rows(data, "span_toxic_spans/test", limit)
    alarms = naming(scorer, policy)
    return {
        **_on_comments(scorer, known, comments),
        "jigsaw_calibration_error": calibration_error(scorer, comments),
        "tweeteval_offensive_f1": offensive_f1(
            scorer, datasets.labelled(data, "cls_tweeteval_offensive/test", limit)
        ),
        "toxic_spans_f1": marks_f1(scorer, [datasets.text_of(row, {}) for row in rows]),
        "identity_gap": _gap(alarms),
        "identity_terms": {term.lower(): _shown(share) for term, share in alarms.items()},
        "hard_negatives": hard_negatives(scorer, policy),
        "disguised": disguised(model, scorer, policy),
        "baselines": {
            name: _baseline(method, known, comments)
            for name, method in _baselines(data, limit).items()
        },
    }


def _some(comments: list[Text], limit: int | None) -> list[Text]:
    return comments if limit is None else datasets.sample(comments, limit, seed=0)


def _baselines(data: Path, limit: int | None) -> dict[str, Method]:
    return {
        "word_list": moderation_baselines.WordList(),
        "vader": moderation_baselines.Vader(),
        "seed_svm": moderation_baselines.seed_svm(data),
        "svm": moderation_baselines.svm(_some(mix(data, seed=0).train, limit and 20 * limit)),
    }


def _baseline(method: Method, known: Sequence[Text], comments: Sequence[Text]) -> dict[str, Any]:
    """Return the figures of a method that blocks as rarely on harmless comments as the model."""
    chosen = thresholds(method, known)
    policy = Policy(limits={name: Limits(**pair) for name, pair in chosen.items()})
    written = [one.written for one in hard_cases.disguised("test")]
    alarms = naming(method, policy)
    return {
        **_on_comments(method, known, comments),
        "identity_gap": _gap(alarms),
        "hard_negatives": hard_negatives(method, policy),
        "disguised": _shown(_judged(method, policy, written)),
    }


def _on_comments(method: Method, known: Sequence[Text], comments: Sequence[Text]) -> Figures:
    """Return ROC-AUC and F1 of each category; its threshold has the best F1 on ``known``."""
    found = method.score([comment.text for comment in comments])
    learned = method.score([comment.text for comment in known])
    auc, f1 = category_auc(found, comments), category_f1(learned, known, found, comments)
    return {f"jigsaw_{name}": value for name, value in {**auc, **f1}.items()}


def hard_negatives(method: Method, policy: Policy, half: Half = "test") -> dict[str, Any]:
    """Return, for each kind of harmless comment and for all, the shares blocked and not allowed."""
    kinds = {kind: hard_cases.harmless(kind, half) for kind in hard_cases.HARMLESS}
    kinds["all"] = [text for texts in kinds.values() for text in texts]
    return {kind: _shown(_judged(method, policy, texts)) for kind, texts in kinds.items()}


def disguised(model: Method, scorer: Method, policy: Policy, half: Half = "test") -> dict[str, Any]:
    """Return, for each disguise and for all, which share of abuse is not allowed: written plainly,
    disguised, and disguised with the normalisation.
    """
    rows = hard_cases.disguised(half)
    shares = {}
    for kind in (*sorted({row.kind for row in rows}), "all"):
        some = [row for row in rows if kind in (row.kind, "all")]
        written = [row.written for row in some]
        shares[kind] = {
            "plain": _judged(model, policy, [row.meant for row in some]).held,
            "disguised": _judged(model, policy, written).held,
            "normalized": _judged(scorer, policy, written).held,
        }
    return shares


def _judged(method: Method, policy: Policy, texts: Sequence[str]) -> Held:
    return hard_cases.held(policy, texts, method.score(texts))


def _gap(alarms: Mapping[str, Held]) -> float:
    shares = [share.held for share in alarms.values()]
    return max(shares) - min(shares)


def _shown(share: Held) -> Figures:
    return {"blocked": share.blocked, "held": share.held}


def offensive_f1(method: Method, examples: Sequence[Text]) -> float:
    """Return the macro F1 of toxicity ≥ 0.5 against the label offensive."""
    from sklearn.metrics import f1_score

    results = method.score([example.text for example in examples])
    found = [result.scores["toxicity"] >= 0.5 for result in results]
    truth = ["offensive" in example.scores for example in examples]
    return float(f1_score(truth, found, average="macro"))


def category_auc(found: Sequence[Moderation], examples: Sequence[Text]) -> Figures:
    """Return the ROC-AUC of every category that has known texts of both kinds."""
    from sklearn.metrics import roc_auc_score

    figures = {}
    for name in CATEGORIES:
        truth, scores = _known(name, found, examples)
        if len(set(truth)) == 2:
            figures[f"{name}_auc"] = float(roc_auc_score(truth, scores))
    return figures


def category_f1(
    learned: Sequence[Moderation],
    known: Sequence[Text],
    found: Sequence[Moderation],
    examples: Sequence[Text],
) -> Figures:
    """Return the F1 of every category from the score on that is best for other texts, ``known``."""
    import numpy as np
    from sklearn.metrics import f1_score, precision_recall_curve

    figures = {}
    for name in CATEGORIES:
        before, scores = _known(name, learned, known)
        truth, ours = _known(name, found, examples)
        if len(set(before)) == len(set(truth)) == 2:
            precision, recall, limits = precision_recall_curve(before, scores)
            balance = precision * recall / np.maximum(precision + recall, 1e-9)
            limit = limits[balance[:-1].argmax()]
            figures[f"{name}_f1"] = float(f1_score(truth, np.array(ours) >= limit))
    return figures


def _known(
    name: str, found: Sequence[Moderation], examples: Sequence[Text]
) -> tuple[list[bool], list[float]]:
    """Return truth and score of the examples of which both are known."""
    pairs = [
        (example.scores[name] >= 0.5, result.scores[name])
        for example, result in zip(examples, found, strict=True)
        if name in example.scores and name in result.scores
    ]
    return [truth for truth, _ in pairs], [score for _, score in pairs]


def marks_f1(method: Method, examples: Sequence[Text]) -> float:
    """Return the mean character F1 of the marked words, as the toxic spans task counts."""
    results = method.score([example.text for example in examples])
    scores = []
    for result, example in zip(results, examples, strict=True):
        truth = {place for start, end in example.marks or () for place in range(start, end)}
        ours = {place for span in result.spans for place in range(span.start, span.end)}
        total = len(truth) + len(ours)
        scores.append(2 * len(truth & ours) / total if total else 1.0)
    return sum(scores) / len(scores)


def calibration_error(method: Method, examples: Sequence[Text]) -> float:
    """Return the expected calibration error of toxicity: the mean gap, over bins of the score,
    between the score and the share of texts that are toxic.
    """
    import numpy as np

    results = method.score([example.text for example in examples])
    scores = np.array([result.scores["toxicity"] for result in results])
    truth = np.array([example.scores["toxicity"] >= 0.5 for example in examples])
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    gaps = [
        abs(scores[bins == place].mean() - truth[bins == place].mean()) * (bins == place).mean()
        for place in set(bins.tolist())
    ]
    return float(sum(gaps))
