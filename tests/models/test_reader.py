from __future__ import annotations

import pytest

from assistant.models.catalogue import Models
from assistant.models.reader import ReaderAnswer

TOWER = (
    "The lighthouse on Gull Rock was built in 1874 by the engineer Ada Thorne. It stands 31 metres "
    "high and was lit with whale oil until 1902, when electric lamps were installed."
)
GARDEN = "Tomatoes like sun and water. Plant them in May, when the nights are no longer cold."


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When was the lighthouse built?", "1874"),
        ("Who built the lighthouse?", "Ada Thorne"),
        ("How high is the lighthouse?", "31 metres"),
        ("When were electric lamps installed?", "1902"),
    ],
)
def test_the_answer_is_found_in_its_passage(question: str, expected: str, models: Models) -> None:
    answer = models.reader.read(question, [TOWER])[0]
    assert expected in answer.text
    assert TOWER[answer.start : answer.end] == answer.text


def test_the_passage_that_holds_the_answer_scores_best(models: Models) -> None:
    answers = models.reader.read("When was the lighthouse built?", [GARDEN, TOWER])
    assert answers[1].score > answers[0].score
    assert answers[1].no_answer < answers[0].no_answer


def test_a_question_that_the_passage_does_not_answer_is_known(models: Models) -> None:
    answer = models.reader.read("What is the capital of Peru?", [TOWER])[0]
    assert answer.no_answer > 0.5
    assert answer.score < 0.5


def test_an_answer_deep_in_a_long_context_is_found(models: Models) -> None:
    context = GARDEN * 30 + TOWER + GARDEN * 30
    answer = models.reader.read("When was the lighthouse built?", [context])[0]
    assert answer.text == "1874"
    assert context[answer.start : answer.end] == answer.text


@pytest.mark.parametrize("context", ["", "  \n", "\u200b"])
def test_a_context_without_words_holds_no_answer(context: str, models: Models) -> None:
    assert models.reader.read("Who?", [context]) == [ReaderAnswer(0, 0, "", 0.0, 1.0)]


@pytest.mark.parametrize("question", ["", "?" * 500, "why " * 3000, "😀", "\ud83d"])
def test_any_question_gives_an_answer_within_the_context(question: str, models: Models) -> None:
    answer = models.reader.read(question, [TOWER])[0]
    assert TOWER[answer.start : answer.end] == answer.text
    assert 0 <= answer.score <= 1
    assert 0 <= answer.no_answer <= 1


def test_no_context_gives_no_answer_and_order_does_not_matter(models: Models) -> None:
    assert models.reader.read("Who?", []) == []
    question = "Who built the lighthouse?"
    forth = models.reader.read(question, [TOWER, GARDEN, TOWER * 9])
    back = models.reader.read(question, [TOWER * 9, GARDEN, TOWER])[::-1]
    assert [answer.text for answer in forth] == [answer.text for answer in back]
