"""Measures the task models on the public test and validation files: role → metric → figure."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.models.classifier import Classifier
from assistant.models.heads import CATEGORIES
from assistant.models.moderator import Moderator
from assistant.models.reader import Reader
from assistant.models.tagger import Tagger
from assistant.training import datasets
from assistant.training.datasets import Question, Tagged, Text
from assistant.training.recipes import PLAIN_TYPES, WNUT_TYPES, Split

Figures = dict[str, float]
CLEAR_TYPES = {name: name for name in ("PER", "ORG", "LOC")}
WNUT_CLEAR = {theirs: ours for theirs, ours in WNUT_TYPES.items() if ours != "MISC"}


def sentiment(model: Classifier, data: Path, limit: int | None) -> Figures:
    """Accuracy on SST-2 (positive against negative) and macro recall on tweeteval sentiment."""
    movies = _texts(data, "cls_sst2_glue/validation", limit)
    tweets = _texts(data, "cls_tweeteval_sentiment/test", limit)
    return {
        "sst2_accuracy": polarity_accuracy(model, movies),
        "tweeteval_recall": macro_recall(model, tweets),
    }


def polarity_accuracy(model: Classifier, examples: Sequence[Text]) -> float:
    """Return the share right when only negative and positive are choices."""
    scores = model.predict([example.text for example in examples])
    right = [
        ("positive" if score["positive"] > score["negative"] else "negative") in example.scores
        for score, example in zip(scores, examples, strict=True)
    ]
    return sum(right) / len(right)


def macro_recall(model: Classifier, examples: Sequence[Text]) -> float:
    """Return the mean over the labels of the share of their texts that is found."""
    scores = model.predict([example.text for example in examples])
    wanted, found = Counter[str](), Counter[str]()
    for score, example in zip(scores, examples, strict=True):
        label = next(iter(example.scores))
        wanted[label] += 1
        found[label] += max(score, key=score.__getitem__) == label
    return sum(found[label] / wanted[label] for label in wanted) / len(wanted)


def entities(model: Tagger, data: Path, limit: int | None) -> Figures:
    """Exact span F1; MISC counts only where the data set has it."""
    sets: list[tuple[str, str, Mapping[str, str]]] = [
        ("uner_ewt_f1", "ner_uner_ewt/test", CLEAR_TYPES),
        ("wikigold_f1", "ner_wikigold/validation", PLAIN_TYPES),
        ("wnut17_f1", "ner_wnut17/test", WNUT_CLEAR),
    ]
    return {
        name: span_f1(
            model,
            [datasets.tagged_of(row, types) for row in _rows(data, file, limit)],
            set(types.values()),
        )
        for name, file, types in sets
    }


def span_f1(model: Tagger, examples: Sequence[Tagged], labels: set[str]) -> float:
    """Return the F1 of spans whose two ends and label are right, among ``labels``."""
    found = model.tag_many([" ".join(example.words) for example in examples])
    right = wanted = given = 0
    for spans, example in zip(found, examples, strict=True):
        truth = set(true_spans(example))
        ours = {(span.start, span.end, span.label) for span in spans if span.label in labels}
        right += len(truth & ours)
        wanted += len(truth)
        given += len(ours)
    return 2 * right / max(1, wanted + given)


def true_spans(example: Tagged) -> Iterable[tuple[int, int, str]]:
    """Yield the tagged spans as characters of the words joined by blanks."""
    position, start, end, label = 0, 0, 0, ""
    for word, tag in zip((*example.words, ""), (*example.tags, "O"), strict=True):
        if label and tag[0] != "I":
            yield start, end, label
            label = ""
        if tag[0] == "B":
            start, label = position, tag[2:]
        end = position + len(word)
        position = end + 1


def reader(model: Reader, data: Path, limit: int | None) -> Figures:
    """F1 and exact match on answerable SQuAD dev, and how well missing answers are known."""
    answerable = _questions(data, "qa_squad_dev/validation", limit)
    without = _questions(data, "qa_squad_dev/validation_unanswerable", limit)
    return {
        **answer_figures(model, answerable, "squad_"),
        "no_answer_precision": no_answer_precision(model, answerable, without),
    }


def answer_figures(model: Reader, questions: Sequence[Question], prefix: str) -> Figures:
    """Return mean F1 and exact match over the words, the best over all given answers."""
    answers = model.read_pairs([(item.question, item.context) for item in questions])
    scores = [
        overlap(answer.text, [item.context[start:end] for start, end in item.answers])
        for answer, item in zip(answers, questions, strict=True)
    ]
    return {
        f"{prefix}f1": sum(score for score, _ in scores) / len(scores),
        f"{prefix}exact": sum(exact for _, exact in scores) / len(scores),
    }


def no_answer_precision(
    model: Reader, answerable: Sequence[Question], without: Sequence[Question]
) -> float:
    """Return the average precision of finding the questions that have no answer."""
    from sklearn.metrics import average_precision_score

    items = [*answerable, *without]
    answers = model.read_pairs([(item.question, item.context) for item in items])
    truth = [0] * len(answerable) + [1] * len(without)
    return float(average_precision_score(truth, [answer.no_answer for answer in answers]))


def overlap(answer: str, golds: Sequence[str]) -> tuple[float, bool]:
    """Return word F1 and exactness against the best of ``golds``, as SQuAD's script counts."""
    ours = _plain(answer)
    best, exact = 0.0, False
    for gold in golds:
        theirs = _plain(gold)
        shared = sum((Counter(ours) & Counter(theirs)).values())
        best = max(best, 2 * shared / max(1, len(ours) + len(theirs)))
        exact = exact or ours == theirs
    return best, exact


def _plain(answer: str) -> list[str]:
    bare = "".join(character for character in answer.lower() if character not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def moderation(model: Moderator, data: Path, limit: int | None) -> Figures:
    """Macro F1 on tweeteval offensive, character F1 on toxic spans, AUC on openai_moderation."""
    tweets = _texts(data, "cls_tweeteval_offensive/test", limit)
    marked = [datasets.text_of(row, {}) for row in _rows(data, "span_toxic_spans/test", limit)]
    return {
        "tweeteval_offensive_f1": offensive_f1(model, tweets),
        "toxic_spans_f1": marks_f1(model, marked),
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


def held_out(role: str, model: Any, split: Split, limit: int) -> Figures:
    """Return a few figures on the validation part of the data that the role was trained on."""
    items = datasets.sample(split.validation, limit, seed=1)
    if role == "sentiment":
        return {"validation_recall": macro_recall(model, items)}
    if role == "entities":
        return {"validation_f1": span_f1(model, items, {"PER", "ORG", "LOC"})}
    if role == "reader":
        return answer_figures(model, [item for item in items if item.answers], "validation_")
    return {f"validation_{name}": value for name, value in category_auc(model, items).items()}


def _rows(data: Path, name: str, limit: int | None) -> list[datasets.Row]:
    found = list(datasets.rows(data / f"{name}.jsonl.gz"))
    return found if limit is None else datasets.sample(found, limit, seed=0)


def _texts(data: Path, name: str, limit: int | None) -> list[Text]:
    return [datasets.text_of(row, {row["label"]: 1.0}) for row in _rows(data, name, limit)]


def _questions(data: Path, name: str, limit: int | None) -> list[Question]:
    return [datasets.question_of(row) for row in _rows(data, name, limit)]


MEASURES: dict[str, Callable[[Any, Path, int | None], Figures]] = {
    "sentiment": sentiment,
    "entities": entities,
    "reader": reader,
    "moderation": moderation,
}
