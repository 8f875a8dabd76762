"""Sets the sentiment and the moderation model beside what one would otherwise take, in one run.

    python -m tests.benchmarks.models --data FOLDER

A linear SVM and nearest neighbours on TF-IDF learn from the very texts that taught the models;
VADER needs none. Prints JSON: method → figures, size, seconds to load, texts a second.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.models.adapter import WEIGHTS, load
from assistant.models.catalogue import EMBEDDED
from assistant.models.classifier import Classifier, softmax
from assistant.models.encoder import Encoder
from assistant.models.moderator import Moderation, Moderator
from assistant.training import datasets, evaluate, recipes
from assistant.training.baselines import NEIGHBOURS, NEUTRAL, compound
from assistant.training.datasets import Text
from assistant.training.evaluate_moderation import category_auc, offensive_f1
from assistant.training.recipes.moderation import TEST, jigsaw

TIMED = 500  # texts


class Vader:
    """Scores sentiment by VADER's word list, as ``Classifier`` does."""

    def predict(self, texts: Sequence[str], tick: Any = None) -> list[dict[str, float]]:
        """Return a score for each label; the highest is the verdict."""
        return [
            {"negative": -score, "neutral": NEUTRAL, "positive": score} for score in compound(texts)
        ]


class Words:
    """TF-IDF and a classifier of scikit-learn; stands in for ``Classifier`` and ``Moderator``."""

    def __init__(self, model: Any, texts: Sequence[str], labels: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline

        words = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b|[^\w\s]")
        self.pipeline = make_pipeline(words, model).fit(texts, labels)

    def predict(self, texts: Sequence[str], tick: Any = None) -> list[dict[str, float]]:
        """Return a score for each label; the highest is the verdict."""
        if hasattr(self.pipeline, "predict_proba"):
            shares = self.pipeline.predict_proba(texts)
        else:
            margins = self.pipeline.decision_function(texts)
            two = margins.ndim == 1  # one plane between two labels
            shares = softmax(np.stack([-margins, margins], axis=1) if two else margins)
        names = self.pipeline.classes_
        return [dict(zip(names, map(float, line), strict=True)) for line in shares]

    def score(self, texts: Sequence[str], progress: Any = None) -> list[Moderation]:
        """Return the share of the label ``toxic`` as toxicity."""
        return [Moderation({"toxicity": line["toxic"]}, ()) for line in self.predict(texts)]


def methods(
    role: str, kind: Callable[..., Any], texts: Sequence[str], labels: Sequence[str]
) -> dict[str, tuple[Any, dict[str, float]]]:
    """Return name → method, ready to be asked, with the size and time it takes to load.

    The shipped model's time includes the encoder's, which all of them share; its size does not.
    """
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import LinearSVC

    started = time.perf_counter()
    encoder = Encoder()
    model = kind(load(EMBEDDED / role, encoder), encoder)
    seconds = time.perf_counter() - started
    size = (EMBEDDED / role / WEIGHTS).stat().st_size / 1e6
    found: dict[str, tuple[Any, dict[str, float]]] = {
        "shipped": (model, {"megabytes": size, "load_seconds": seconds})
    }
    for name, learner in (
        ("TF-IDF + linear SVM", LinearSVC(random_state=0)),
        (
            f"TF-IDF + {NEIGHBOURS} nearest neighbours",
            KNeighborsClassifier(NEIGHBOURS, metric="cosine"),
        ),
    ):
        words = Words(learner, texts, labels)
        content = pickle.dumps(words.pipeline)
        started = time.perf_counter()
        pickle.loads(content)
        seconds = time.perf_counter() - started
        found[name] = words, {"megabytes": len(content) / 1e6, "load_seconds": seconds}
    return found


def speed(work: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> float:
    """Return how many texts a second are done."""
    work(texts[:5])
    started = time.perf_counter()
    work(texts)
    return len(texts) / (time.perf_counter() - started)


def sentiment(data: Path, limit: int | None) -> dict[str, dict[str, float]]:
    """Return method → figures on the sentiment sets."""
    train = recipes.read("sentiment", data, seed=0).train
    texts, labels = [item.text for item in train], [next(iter(item.scores)) for item in train]
    timed = [item.text for item in datasets.labelled(data, "cls_tweeteval_sentiment/test", TIMED)]
    found = methods("sentiment", Classifier, texts, labels) | {"VADER": (Vader(), {})}
    return {
        name: {
            **evaluate.sentiment(method, data, limit),
            **costs,
            "texts_per_second": speed(method.predict, timed),
        }
        for name, (method, costs) in found.items()
    }


def moderation(data: Path, limit: int | None) -> dict[str, dict[str, float]]:
    """Return method → figures on toxicity, the category that most sets know."""
    train = recipes.read("moderation", data, seed=0).train
    known = [item for item in train if "toxicity" in item.scores]
    labels = ["toxic" if item.scores["toxicity"] >= 0.5 else "fine" for item in known]
    comments = [
        Text(item.text, {"toxicity": item.scores["toxicity"]})
        for item in datasets.some(jigsaw(data, TEST), limit)
    ]
    tweets = datasets.labelled(data, "cls_tweeteval_offensive/test", limit)
    timed = [item.text for item in datasets.sample(comments, TIMED, seed=0)]
    found = methods("moderation", Moderator, [item.text for item in known], labels)
    return {
        name: {
            "jigsaw_toxicity_auc": category_auc(
                method.score([comment.text for comment in comments]), comments
            )["toxicity_auc"],
            "tweeteval_offensive_f1": offensive_f1(method, tweets),
            **costs,
            "texts_per_second": speed(method.score, timed),
        }
        for name, (method, costs) in found.items()
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the project's data sets")
    parser.add_argument("--limit", type=int, help="examples of each set; all if left out")
    chosen = parser.parse_args()
    figures = {
        "sentiment": sentiment(chosen.data, chosen.limit),
        "moderation": moderation(chosen.data, chosen.limit),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
