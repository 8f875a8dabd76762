"""Measures the task models on the public test and validation files: role → metric → figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.models.classifier import Classifier
from assistant.models.reader import Reader, ReaderAnswer
from assistant.models.tagger import Tagger
from assistant.training import datasets, evaluate_moderation
from assistant.training.answers import overlap
from assistant.training.datasets import Question, Split, Tagged, Text
from assistant.training.recipes.entities import PLAIN_TYPES, WNUT_TYPES
from assistant.training.recipes.reader import TEST, squad_dev
from assistant.training.recipes.sentiment import imdb, plain, uci

Figures = dict[str, float]
CLEAR_TYPES = {name: name for name in ("PER", "ORG", "LOC")}
WNUT_CLEAR = {theirs: ours for theirs, ours in WNUT_TYPES.items() if ours != "MISC"}


def sentiment(model: Classifier, data: Path, limit: int | None) -> Figures:
    """Accuracy where only positive and negative are labels, macro recall on tweeteval sentiment."""
    return {
        "sst2_accuracy": polarity_accuracy(
            model, datasets.labelled(data, "cls_sst2_glue/validation", limit)
        ),
        "imdb_accuracy": polarity_accuracy(
            model, [plain(row) for row in datasets.some(imdb(data, held_out=True), limit)]
        ),
        "uci_accuracy": polarity_accuracy(model, [plain(row) for row in uci(data, held_out=True)]),
        "tweeteval_recall": macro_recall(
            model, datasets.labelled(data, "cls_tweeteval_sentiment/test", limit)
        ),
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
            [datasets.tagged_of(row, types) for row in datasets.some_rows(data, file, limit)],
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
    """F1 and exact match on SQuAD dev articles held out, and how well missing answers are known.

    ``no_answer_precision`` is the average precision of finding the questions without an answer.
    """
    from sklearn.metrics import average_precision_score

    answerable, without = (
        datasets.some(squad_dev(data, known, TEST), limit) for known in (True, False)
    )
    items = [*answerable, *without]
    answers = model.read_pairs([(item.question, item.context) for item in items])
    return {
        **answer_figures(answers, answerable, "squad_"),
        "no_answer_precision": float(
            average_precision_score(
                [not item.answers for item in items], [answer.no_answer for answer in answers]
            )
        ),
    }


def answer_figures(
    answers: Sequence[ReaderAnswer], questions: Sequence[Question], prefix: str
) -> Figures:
    """Return mean F1 and exact match of the first answers, the best over all that were given."""
    scores = [
        overlap(answer.text, [item.context[start:end] for start, end in item.answers])
        for answer, item in zip(answers, questions, strict=False)
    ]
    return {
        f"{prefix}f1": sum(score for score, _ in scores) / len(scores),
        f"{prefix}exact": sum(exact for _, exact in scores) / len(scores),
    }


def held_out(role: str, model: Any, split: Split, limit: int) -> Figures:
    """Return a few figures on the validation part of the data that the role was trained on."""
    items = datasets.sample(split.validation, limit, seed=1)
    if role == "sentiment":
        return {"validation_recall": macro_recall(model, items)}
    if role == "entities":
        return {"validation_f1": span_f1(model, items, {"PER", "ORG", "LOC"})}
    if role == "reader":
        known = [item for item in items if item.answers]
        answers = model.read_pairs([(item.question, item.context) for item in known])
        return answer_figures(answers, known, "validation_")
    found = model.score([item.text for item in items])
    figures = evaluate_moderation.category_auc(found, items)
    return {f"validation_{name}": value for name, value in figures.items()}


MEASURES: dict[str, Callable[[Any, Path, int | None], Mapping[str, Any]]] = {
    "sentiment": sentiment,
    "entities": entities,
    "reader": reader,
    "moderation": evaluate_moderation.moderation,
}
