"""Decides how likely a passage answers a question, before anything is said: a logistic regression
over what search, the reader and the words themselves say. ``python -m assistant train
answerability`` fits it; its card lies beside the weights.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.models.reader import ReaderAnswer
from assistant.retrieval.question_kinds import fits
from assistant.retrieval.semantic import Encoder
from assistant.summaries import content_words
from assistant.text import sentences
from assistant.types import Passage

FILE = Path(__file__).resolve().parent.parent / "models/embedded/answerability/weights.json"
FEATURES = (
    "reader",  # log-odds that the reader's words are right
    "no answer",  # log-odds that the passage has no answer, as the reader sees it
    "similarity",  # cosine of question and passage
    "behind",  # how much less than the best passage's
    "words",  # share of the question's content words that passage and heading hold
    "near",  # the same of the sentence with the answer
    "names",  # the share of its names and numbers that passage and heading hold
    "again",  # whether another passage gives the same words
    "sentence",  # cosine of question and the sentence with the answer
    "sort",  # whether the words are of the sort asked for: a number, a time, a name
)
_NAME = re.compile(r"(?<!^)\b(?:[A-Z][\w-]*|\w*\d[\w.,-]*\w|\d)")


@dataclass(frozen=True, slots=True)
class Weights:
    """Weight by feature, the constant beside them, and the least chance that is an answer."""

    weights: Mapping[str, float]
    constant: float
    threshold: float

    def chance(self, features: Sequence[float]) -> float:
        """Return how likely the reader's words in a passage are right, 0 to 1."""
        pairs = zip(FEATURES, features, strict=True)
        odds = self.constant + sum(self.weights[name] * value for name, value in pairs)
        return 1 / (1 + math.exp(-odds))


@cache
def shipped() -> Weights:
    """Return the weights that ship."""
    values = json.loads(FILE.read_text("utf-8"))
    return Weights(values["weights"], values["constant"], values["threshold"])


def features(
    question: str, passages: Sequence[Passage], answers: Sequence[ReaderAnswer], encoder: Encoder
) -> list[tuple[float, ...]]:
    """Return the values of ``FEATURES`` for each passage and the reader's answer in it."""
    asked = set(content_words(question))
    names = {name.lower() for name in _NAME.findall(question)}
    best = max((passage.score for passage in passages), default=0.0)
    said = [" ".join(content_words(answer.text)) for answer in answers]
    lines = [
        f"{passage.heading}: {sentence(passage.text, answer.start)}"
        for passage, answer in zip(passages, answers, strict=True)
    ]
    vectors = encoder.encode([question, *lines])
    likeness = vectors[1:] @ vectors[0]
    rows: list[tuple[float, ...]] = []
    for passage, answer, words, near, like in zip(
        passages, answers, said, lines, likeness, strict=True
    ):
        whole = f"{passage.document} {passage.heading} {passage.text}"
        rows.append(
            (
                _log_odds(answer.score),
                _log_odds(answer.no_answer),
                passage.score,
                best - passage.score,
                _share(asked, set(content_words(whole))),
                _share(asked, set(content_words(near))),
                _share(names, set(re.findall(r"[\w.,-]*\w", whole.lower()))),
                float(bool(words) and said.count(words) > 1),
                float(like),
                float(fits(question, answer.text)),
            )
        )
    return rows


def sentence(text: str, place: int) -> str:
    """Return the sentence of ``text`` that holds the character at ``place``."""
    return next((text[a:b] for a, b in sentences(text) if a <= place < b), text)


def _share(wanted: set[str], known: set[str]) -> float:
    return len(wanted & known) / len(wanted) if wanted else 1.0


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))
