"""What one would otherwise moderate with: word lists and linear models, scored as the model is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from assistant.models.heads import CATEGORIES
from assistant.models.moderator import Moderation
from assistant.moderation.lexicon import harmful_words
from assistant.training import labelled
from assistant.training.baselines import compound
from assistant.training.datasets import Text
from assistant.training.seed_study import ROWS

FEWEST = 50  # harmful texts without which no category is learned
_WORD = re.compile(r"[a-z]+")


class Method(Protocol):
    """Anything that scores comments."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The names that every result scores."""

    def score(self, texts: Sequence[str]) -> list[Moderation]:
        """Return category → score of each comment."""


class WordList:
    """Our own list of harmful words with their endings; the more of them, the higher."""

    categories = ("toxicity",)

    def score(self, texts: Sequence[str]) -> list[Moderation]:
        """Return 0, ½, ¾, … for none, one, two, … words of the list."""
        known = harmful_words()
        counts = [sum(word in known for word in _WORD.findall(text.lower())) for text in texts]
        return [Moderation({"toxicity": 1 - 0.5**count}, ()) for count in counts]


class Vader:
    """VADER's list of words with feelings: the more negative, the higher."""

    categories = ("toxicity",)

    def score(self, texts: Sequence[str]) -> list[Moderation]:
        """Return 0 for wholly positive and 1 for wholly negative texts."""
        return [Moderation({"toxicity": (1 - score) / 2}, ()) for score in compound(texts)]


class Svm:
    """TF-IDF and one linear support vector machine a category."""

    def __init__(self, words: Any, planes: Mapping[str, Any]) -> None:
        self.categories = tuple(planes)
        self._words, self._planes = words, planes

    def score(self, texts: Sequence[str]) -> list[Moderation]:
        """Return the distance from the plane, pressed into 0 to 1."""
        rows = self._words.transform(texts)
        columns = [
            1 / (1 + np.exp(-plane.decision_function(rows))) for plane in self._planes.values()
        ]
        return [
            Moderation(dict(zip(self.categories, map(float, line), strict=True)), ())
            for line in np.stack(columns, axis=1)
        ]


def svm(texts: Sequence[Text]) -> Svm:
    """Learn every category from the texts that taught the shipped model."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer()
    rows = words.fit_transform([text.text for text in texts])
    planes = {}
    for name in CATEGORIES:
        known = [place for place, text in enumerate(texts) if name in text.scores]
        truth = [texts[place].scores[name] >= 0.5 for place in known]
        if sum(truth) >= FEWEST:
            planes[name] = LinearSVC(random_state=0).fit(rows[known], truth)
    return Svm(words, planes)


def seed_svm(data: Path) -> Svm:
    """Learn as the student study did: a thousand film reviews, negative ones as the harmful."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import SVC

    reviews = labelled.read(str(data / "cls_imdb_first2798")).parts["train"][:ROWS]
    words = TfidfVectorizer()
    rows = words.fit_transform([review.text for review in reviews])
    plane = SVC(kernel="linear").fit(rows, [review.label == "negative" for review in reviews])
    return Svm(words, {"toxicity": plane})
