"""Fits the decision whether documents answer a question, on questions that the reader never saw."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.evaluation.questions import Asked, Corpus, Source, corpus, holds, right
from assistant.models.reader import ReaderAnswer
from assistant.retrieval import answerability
from assistant.retrieval.answerability import FEATURES
from assistant.retrieval.evidence import READ
from assistant.retrieval.library import Library
from assistant.training import datasets
from assistant.training.answers import overlap
from assistant.training.calibrate import RIGHT
from assistant.training.negatives import negatives
from assistant.types import Passage

if TYPE_CHECKING:
    from assistant.chat import Assistant

QUESTIONS = 250  # of each kind, if nobody says how many
WRONGLY = 0.10  # share of answerable questions that may be refused
FOLDS = 5
SOURCE = Source(
    "SQuADShifts new wiki",
    ("qa_squadshifts/new_wiki.validation", "qa_squadshifts/new_wiki.train"),
    "qa_squadshifts/new_wiki.validation",
    "qa_nq_swap/validation",
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A question as the decision sees it: a row of features and a truth for each passage."""

    kind: str  # "answerable", or why it is not
    rows: tuple[tuple[float, ...], ...]
    truths: tuple[bool, ...]


def fit(data: Path, limit: int | None, assistant: Assistant, out: Path | None) -> dict[str, Any]:
    """Fit the weights, write them to ``out`` (by default where the shipped ones lie), and return
    them with what they do on questions that they were not fitted on.
    """
    read = list(_seen(corpus(data, SOURCE, limit or QUESTIONS), data, assistant))
    chances = np.zeros(len(read))
    for fold in range(FOLDS):
        weights = _regression([each for place, each in enumerate(read) if place % FOLDS != fold])
        for place in range(fold, len(read), FOLDS):
            chances[place] = max(map(weights.chance, read[place].rows), default=0.0)
    answerable = np.array([each.kind == "answerable" for each in read])
    threshold = float(np.quantile(chances[answerable], WRONGLY))
    fitted = _regression(read)
    refused = chances < threshold
    kinds = {each.kind for each in read} - {"answerable"}
    values = {
        "weights": {name: round(weight, 4) for name, weight in fitted.weights.items()},
        "constant": round(fitted.constant, 4),
        "threshold": round(threshold, 4),
        "figures": {
            "questions": len(read),
            "refused wrongly": round(float(refused[answerable].mean()), 4),
            "refusal precision": round(float((~answerable)[refused].mean()), 4),
            **{
                f"refused, {kind}": round(
                    float(refused[[each.kind == kind for each in read]].mean()), 4
                )
                for kind in sorted(kinds)
            },
        },
    }
    file = out or answerability.FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(values, indent=2) + "\n", "utf-8")
    return values


def _seen(made: Corpus, data: Path, assistant: Assistant) -> Iterator[_Seen]:
    kinds = {"answerable": made.answerable, **made.unanswerable}
    kinds["changed questions"] = _changed(data, len(made.answerable))
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), assistant.models.encoder)
        for name, text in made.documents.items():
            library.add_text(name, text)
        for kind, questions in kinds.items():
            for asked in questions:
                passages = library.search(asked.question, READ)
                texts = [passage.text for passage in passages]
                answers = assistant.models.reader.read(asked.question, texts)
                encoder = assistant.models.encoder
                rows = answerability.features(asked.question, passages, answers, encoder)
                truths = tuple(
                    _answers(asked, passage, answer)
                    for passage, answer in zip(passages, answers, strict=True)
                )
                yield _Seen(kind, tuple(rows), truths)
        library.close()


def _changed(data: Path, count: int) -> Sequence[Asked]:
    """Return questions with a name, number or word changed, so that their paragraph lacks them."""
    asked = [datasets.question_of(row) for row in datasets.rows_of(data, SOURCE.asked)]
    own = {item.question for item in asked}
    changed = [item for item in negatives(asked, seed=0) if item.question not in own]
    return [Asked(item.question) for item in datasets.sample(changed, count, seed=0)]


def _answers(asked: Asked, passage: Passage, answer: ReaderAnswer) -> bool:
    """Say whether the sentence shown for this passage would give a right answer."""
    if not asked.answers:
        return False
    line = answerability.sentence(passage.text, answer.start)
    told = right(passage, asked) and holds(line, asked)
    return told or overlap(answer.text, asked.answers)[0] >= RIGHT


def _regression(read: Sequence[_Seen]) -> answerability.Weights:
    from sklearn.linear_model import LogisticRegression

    rows = np.array([row for each in read for row in each.rows])
    truths = np.array([truth for each in read for truth in each.truths])
    model = LogisticRegression(max_iter=1000).fit(rows, truths)
    weights = dict(zip(FEATURES, map(float, model.coef_[0]), strict=True))
    return answerability.Weights(weights, float(model.intercept_[0]), 0.5)
