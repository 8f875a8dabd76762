from __future__ import annotations

import random

from assistant.training.datasets import Question
from assistant.training.negatives import (
    negated,
    negatives,
    opposite,
    other_name,
    other_number,
    other_word,
    unanswerable,
    without_answer,
)

CONTEXT = (
    "The lighthouse on Gull Rock was built in 1874 by the engineer Ada Thorne. "
    "Oil lamps burned until 1902. The largest ship that ran aground was the Merry Widow."
)
YEAR = (CONTEXT.index("1874"), CONTEXT.index("1874") + 4)


def ask(question: str) -> Question:
    return Question(question, CONTEXT, (YEAR,))


def test_a_context_loses_the_sentences_that_hold_the_answer() -> None:
    item = without_answer(ask("When was it built?"), random.Random(0))
    assert item is not None
    assert item.answers == ()
    assert item.context == CONTEXT[CONTEXT.index("Oil lamps") :]


def test_a_context_that_is_all_answer_is_left_alone() -> None:
    item = Question("When?", "It was in 1874.", ((10, 14),))
    assert without_answer(item, random.Random(0)) is None


def test_one_thing_in_the_question_is_replaced() -> None:
    chance = random.Random(0)
    assert opposite(ask("Which ship was the largest?"), chance) == Question(
        "Which ship was the smallest?", CONTEXT, ()
    )
    assert negated(ask("When did it open?"), chance) == Question(
        "When didn't it open?", CONTEXT, ()
    )
    named = other_name(ask("When did Ada Thorne build it?"), chance, ["Bo Hansen"])
    assert named is not None
    assert "Ada Thorne" not in named.question
    numbered = other_number(ask("What happened in 1902?"), chance)
    assert numbered is not None
    assert numbered.question.startswith("What happened in 19")
    assert numbered.question != "What happened in 1902?"
    worded = other_word(ask("Who was the engineer?"), random.Random(1))
    assert worded is None  # no other word of the context ends like it


def test_a_question_without_names_numbers_or_opposites_has_few_ways() -> None:
    made = negatives([Question("Why?", "Because of the rain.", ((0, 19),))], seed=0)
    assert made == []


def test_the_same_seed_makes_the_same_negatives() -> None:
    items = [ask(f"Was it {year} when the largest ship ran aground?") for year in range(1874, 1890)]
    assert negatives(items, seed=3) == negatives(items, seed=3)
    assert all(item.answers == () for item in negatives(items, seed=3))


def test_unanswerable_questions_come_from_contexts_without_their_answer() -> None:
    items = [
        Question(f"What is the colour of house {n}?", f"House {n} is hue{n}.", ((11, 16),))
        for n in range(10, 30)
    ]
    made = unanswerable(items, every=2, seed=0)
    assert len(made) == 10
    for item in made:
        number = item.question.split()[-1].rstrip("?")
        assert item.answers == ()
        assert f"hue{number}" not in item.context
