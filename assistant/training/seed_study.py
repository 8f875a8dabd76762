"""Reruns the student study that Switchboard grew out of, and corrects it.

The study (2023) took the first 1,000 rows of the Kaggle IMDB file, kept what is worth reading,
and compared a linear SVM with nearest neighbours, whose features were the labels by mistake. Here
the same methods run on the same split, each measured on the same 200 reviews, beside the
sentiment model in use. ``docs/seed-study.md`` tells the results.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import emoji

from assistant.errors import InputError
from assistant.training import labelled
from assistant.training.baselines import NEUTRAL, compound, vader_class
from assistant.training.labelled import Example

if TYPE_CHECKING:
    from assistant.models.trained import TextClassifier

ROWS, TEST_SHARE, STATE = 1000, 0.2, 42
TEXT_SHARE = 0.65  # of a comment's characters, emoji counted as one each, below which it is dropped
NEIGHBOURS = 3
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """A method on the test reviews; ``classes`` gives precision, recall, F1 and support a label."""

    method: str
    accuracy: float
    classes: Mapping[str, tuple[float, float, float, int]]


@dataclass(frozen=True, slots=True)
class SeedStudy:
    """What the study did, measured again.

    ``kept`` counts the reviews that its emoji and link filter leaves; ``bag`` is the shape of the
    bag of words, (reviews, words); ``vader_classes`` counts the reviews that VADER calls positive,
    negative and neutral. In ``leaked`` nearest neighbours are shown the label, as in the study.
    """

    rows: int
    kept: int
    bag: tuple[int, int]
    vader_classes: Mapping[str, int]
    leaked: Result
    results: tuple[Result, ...]


def run(data: str, model: TextClassifier) -> SeedStudy:
    """Rerun the study on ``data``, a file or folder with reviews and their sentiment.

    Raises:
        InputError: there are too few reviews, or other labels than positive and negative.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.model_selection import train_test_split

    reviews = labelled.read(data).parts["train"][:ROWS]
    labels = {review.label for review in reviews}
    if len(reviews) < ROWS or labels != {"negative", "positive"}:
        raise InputError(
            f"{data} gives {len(reviews):,} reviews labelled {', '.join(sorted(labels)[:5])}; "
            f"the study needs {ROWS:,} that are positive or negative, such as cls_imdb_first2798."
        )
    train, test = train_test_split(reviews, test_size=TEST_SHARE, random_state=STATE)
    scores = compound([review.text for review in reviews])
    return SeedStudy(
        rows=len(reviews),
        kept=sum(is_worth_reading(review.text) for review in reviews),
        bag=CountVectorizer().fit_transform([review.text for review in reviews]).shape,
        vader_classes=dict(Counter(vader_class(score) for score in scores)),
        leaked=_leaked(train, test),
        results=(
            _svm(train, test),
            _nearest(train, test),
            _vader(test),
            _own(test, model),
        ),
    )


def is_worth_reading(comment: str) -> bool:
    """Say whether the study's filter keeps a comment: words, no link, and not mostly emoji."""
    if not any(character.isalnum() for character in comment) or _LINK.search(comment):
        return False
    emojis: int = emoji.emoji_count(comment)
    characters = len(re.sub(r"\s", "", comment))
    return emojis == 0 or characters / (characters + emojis) > TEXT_SHARE


def _svm(train: Sequence[Example], test: Sequence[Example]) -> Result:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import SVC

    given = _fitted(TfidfVectorizer(), SVC(kernel="linear"), train, test)
    return _result("TF-IDF + linear SVM", test, given)


def _leaked(train: Sequence[Example], test: Sequence[Example]) -> Result:
    """Nearest neighbours as in the study, whose one feature is the answer."""
    shown = [[Example(review.label, review.label) for review in part] for part in (train, test)]
    return _result(f"{NEIGHBOURS} nearest neighbours, shown the label", test, _neighbours(*shown))


def _nearest(train: Sequence[Example], test: Sequence[Example]) -> Result:
    given = _neighbours(train, test)
    return _result(f"bag of words + {NEIGHBOURS} nearest neighbours", test, given)


def _neighbours(train: Sequence[Example], test: Sequence[Example]) -> list[str]:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.neighbors import KNeighborsClassifier

    return _fitted(CountVectorizer(), KNeighborsClassifier(NEIGHBOURS), train, test)


def _fitted(
    vectorizer: Any, model: Any, train: Sequence[Example], test: Sequence[Example]
) -> list[str]:
    """Fit on the training part only, and return the labels given to the test part."""
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(vectorizer, model)
    pipeline.fit([review.text for review in train], [review.label for review in train])
    return [str(label) for label in pipeline.predict([review.text for review in test])]


def _vader(test: Sequence[Example]) -> Result:
    given = [vader_class(score) for score in compound([review.text for review in test])]
    return _result(f"VADER at ±{NEUTRAL}", test, given)


def _own(test: Sequence[Example], model: TextClassifier) -> Result:
    """The sentiment model in use; the reviews are negative or positive, so it chooses of these."""
    scores = model.predict([review.text for review in test])
    given = [max(("negative", "positive"), key=lambda name: score.get(name, 0)) for score in scores]
    return _result("Switchboard's sentiment model", test, given)


def _result(method: str, test: Sequence[Example], given: Sequence[str]) -> Result:
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    truth = [review.label for review in test]
    labels = sorted(set(truth))
    columns = precision_recall_fscore_support(truth, given, labels=labels, zero_division=0.0)
    classes = {
        label: (float(precision), float(recall), float(f1), int(support))
        for label, precision, recall, f1, support in zip(labels, *columns, strict=True)
    }
    return Result(method, float(accuracy_score(truth, given)), classes)
