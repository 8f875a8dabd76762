from __future__ import annotations

import random

from assistant.training.datasets import Question, Tagged
from assistant.training.recipes.entities import with_other_names
from assistant.training.recipes.reader import narrowed
from assistant.training.recipes.sentiment import LONGEST, long_reviews, stretches

TOWN = Tagged(("She", "left", "New", "York"), ("O", "O", "B-LOC", "I-LOC"))
TRIP = Tagged(("Paris", "suits", "Ada"), ("B-LOC", "O", "B-PER"))


def test_a_narrowed_question_keeps_its_answer_and_whole_sentences() -> None:
    parts = [f"Sentence number {place} says little." for place in range(20)]
    context = " ".join(parts)
    start = context.index("number 11")
    for seed in range(10):
        item = narrowed(
            Question("Which?", context, ((start, start + 9),)), 120, random.Random(seed)
        )
        begin, end = item.answers[0]
        assert item.context[begin:end] == "number 11"
        assert len(item.context) <= 120
        assert set(item.context.split(". ")) <= set(context.split(". ")) | {
            part for part in parts if item.context.endswith(part)
        }


def test_an_answer_longer_than_allowed_keeps_its_sentence_whole() -> None:
    context = "Short one. " + "word " * 60 + "end. Another."
    item = narrowed(Question("?", context, ((11, 100),)), 50, random.Random(0))
    assert item.context == "word " * 60 + "end."


def test_names_are_exchanged_for_others_of_their_kind() -> None:
    town, trip = with_other_names([TOWN, TRIP], seed=1)
    assert town.words in {("She", "left", "New", "York"), ("She", "left", "Paris")}
    assert len(town.words) == len(town.tags)
    assert trip.words[-2:] == ("suits", "Ada")
    assert [tag for tag in trip.tags if tag[0] == "B"] == ["B-LOC", "B-PER"]


def test_long_reviews_have_more_of_their_own_opinion() -> None:
    rows = [{"text": f"{label}.", "label": label} for label in ("positive", "negative")] * 7
    for row in long_reviews(rows, 40, seed=0):
        texts = row["text"].split(". ")
        own = sum(text.startswith(row["label"]) for text in texts)
        assert own > len(texts) / 2
        assert 3 <= len(texts) <= 7


def test_a_long_review_is_taught_in_stretches_of_whole_sentences() -> None:
    parts = [f"Sentence number {place} says little about the film." for place in range(40)]
    found = stretches(" ".join(parts))
    assert " ".join(found) == " ".join(parts)
    assert all(LONGEST / 2 < len(text) <= LONGEST for text in found[:-1])


def test_one_sentence_longer_than_a_stretch_stays_whole() -> None:
    long = "word " * LONGEST + "end."
    assert stretches(f"Short. {long}") == ["Short.", long]
