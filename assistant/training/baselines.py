"""What a user would otherwise take, trained and tested on the very same split: majority, TF-IDF
with a linear SVM, nearest neighbours, and VADER where the labels are sentiments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.training.labelled import Example

NEIGHBOURS = 3
NEUTRAL = 0.05  # VADER's compound score up to which, either way, a text is neutral
SENTIMENTS = {
    "negative": "negative",
    "neg": "negative",
    "neutral": "neutral",
    "neu": "neutral",
    "positive": "positive",
    "pos": "positive",
}


@dataclass(frozen=True, slots=True)
class Baseline:
    """A simple method and its results."""

    name: str
    accuracy: float
    macro_f1: float


def compare(train: Sequence[Example], test: Sequence[Example]) -> tuple[Baseline, ...]:
    """Return the results of every method that fits the labels."""
    truth = [example.label for example in test]
    answers = {
        "majority": majority(train, test),
        "TF-IDF + linear SVM": svm(train, test),
        f"TF-IDF + {NEIGHBOURS} nearest neighbours": neighbours(train, test),
    }
    known = {example.label for example in train}
    if known <= {name for name in known if name.casefold() in SENTIMENTS}:
        answers["VADER"] = vader(test, known)
    return tuple(_result(name, truth, given) for name, given in answers.items())


def _result(name: str, truth: Sequence[str], given: Sequence[str]) -> Baseline:
    from sklearn.metrics import accuracy_score, f1_score

    labels = sorted(set(truth))
    macro = f1_score(truth, given, labels=labels, average="macro", zero_division=0.0)
    return Baseline(name, float(accuracy_score(truth, given)), float(macro))


def majority(train: Sequence[Example], test: Sequence[Example]) -> list[str]:
    """Give every text the commonest label."""
    commonest = Counter(example.label for example in train).most_common(1)[0][0]
    return [commonest] * len(test)


def svm(train: Sequence[Example], test: Sequence[Example]) -> list[str]:
    """Weigh words by TF-IDF and separate the labels by planes."""
    from sklearn.svm import LinearSVC

    return _fitted(LinearSVC(random_state=0), train, test)


def neighbours(train: Sequence[Example], test: Sequence[Example]) -> list[str]:
    """Take the commonest label of the texts that share most words, by TF-IDF and cosine."""
    from sklearn.neighbors import KNeighborsClassifier

    return _fitted(KNeighborsClassifier(min(NEIGHBOURS, len(train)), metric="cosine"), train, test)


def _fitted(model: Any, train: Sequence[Example], test: Sequence[Example]) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    # Whole tokens of any kind: texts of figures or single letters have no “words” of two letters.
    pipeline = make_pipeline(TfidfVectorizer(token_pattern=r"(?u)\b\w+\b|[^\w\s]"), model)
    pipeline.fit([example.text for example in train], [example.label for example in train])
    return [str(label) for label in pipeline.predict([example.text for example in test])]


def vader(test: Sequence[Example], labels: set[str], neutral: float = NEUTRAL) -> list[str]:
    """Give each text the sentiment of VADER's word list.

    Where the data knows no neutral label, neutral texts get the label of their side.
    """
    named = {SENTIMENTS[label.casefold()]: label for label in labels}
    side = 0.0 if "neutral" not in named else neutral
    given = []
    for score in compound([example.text for example in test]):
        name = "positive" if score >= side else "negative" if score <= -side else "neutral"
        given.append(named.get(name, name))
    return given


def compound(texts: Sequence[str]) -> list[float]:
    """Return VADER's compound score of each text, from -1 to 1."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return [float(analyzer.polarity_scores(text)["compound"]) for text in texts]


def vader_class(score: float) -> str:
    """Return the sentiment of a compound score, as the seed study drew the line."""
    return "positive" if score > NEUTRAL else "negative" if score < -NEUTRAL else "neutral"
