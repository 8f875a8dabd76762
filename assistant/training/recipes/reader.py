"""Reader: questions that a passage answers, and questions that it does not."""

from __future__ import annotations

import random
from collections.abc import Collection
from pathlib import Path

from assistant.text import sentences
from assistant.training import datasets
from assistant.training.datasets import Question, Row, Split
from assistant.training.negatives import negatives, unanswerable

LANDMARK = "qa_squad_train_sample"
PARTS = 8  # of SQuAD's dev articles
TAUGHT, VALIDATION, TEST = (1, 3, 5), (7,), (0, 2, 4, 6)
plain = datasets.question_of


def mix(data: Path, seed: int) -> Split:
    """Whole passages of Wikipedia; a few sentences of other writing, which cost a third as much.

    People wrote the SQuAD 2 questions that look answerable and are not. They are few and nothing
    else teaches as much, so each comes three times.
    """
    chance = random.Random(seed)
    whole = _questions(data, "qa_squad_train_sample/train", "qa_squadshifts/new_wiki.train")
    whole += squad_dev(data, True, TAUGHT)
    written = squad_dev(data, False, TAUGHT) * 3
    brief = [
        narrowed(item, 300, chance)
        for item in _questions(
            data,
            "qa_squadshifts/reddit.train",
            "qa_squadshifts/amazon_reviews.train",
            "qa_nq_swap/train",
        )
    ]
    single = datasets.sample(_questions(data, "qa_qamr/train"), 16_000, seed)
    trick = [
        item if chance.random() < 0.6 else narrowed(item, 400, chance)
        for item in datasets.sample(whole, 8_000, seed)
    ] + datasets.sample(single, 2_000, seed)
    others = [narrowed(item, 400, chance) for item in datasets.sample(whole, 3_000, seed + 1)]
    made = negatives(trick, seed) + unanswerable(others, 1, seed)
    train = whole + written + brief + single + made
    answerable = datasets.sample(_questions(data, "qa_squadshifts/new_wiki.validation"), 400, seed)
    without = negatives(answerable[::2], seed) + unanswerable(answerable, 4, seed)
    other = squad_dev(data, True, VALIDATION) + squad_dev(data, False, VALIDATION)
    return Split(train, answerable + without + other)


def squad_dev(data: Path, answerable: bool, parts: Collection[int]) -> list[Question]:
    """Return the questions of SQuAD's dev articles that lie in these parts, 0 to 7."""
    name = "validation" if answerable else "validation_unanswerable"
    return [
        datasets.question_of(row)
        for row in datasets.rows_of(data, f"qa_squad_dev/{name}")
        if datasets.part_of(row["title"], PARTS) in parts
    ]


def measures(row: Row) -> bool:
    """Say whether an article of SQuAD's dev files neither teaches nor validates."""
    return datasets.part_of(row["title"], PARTS) in TEST


def _questions(data: Path, *names: str) -> list[Question]:
    return [datasets.question_of(row) for row in datasets.rows_of(data, *names)]


def narrowed(item: Question, longest: int, chance: random.Random) -> Question:
    """Return the question on the sentence of its first answer and neighbours of it.

    The stretch has at most ``longest`` characters, or is that one sentence; other answers are
    kept where they lie in it.
    """
    bounds = sentences(item.context)
    answer = item.answers[0]
    first = max(place for place, (start, _) in enumerate(bounds) if start <= answer[0])
    last = max(first, *(place for place, (start, _) in enumerate(bounds) if start < answer[1]))
    while True:
        wider = [
            (low, high)
            for low, high in ((first - 1, last), (first, last + 1))
            if low >= 0 and high < len(bounds) and bounds[high][1] - bounds[low][0] <= longest
        ]
        if not wider:
            break
        first, last = chance.choice(wider)
    start, end = bounds[first][0], max(bounds[last][1], answer[1])
    inside = tuple((a - start, b - start) for a, b in item.answers if start <= a and b <= end)
    return Question(item.question, item.context[start:end], inside)
