"""Sentences of any document become questions that a person would ask, or none at all."""

from __future__ import annotations

import pytest

from assistant.evaluation.forms import question_of


def kind_of(text: str, end: int) -> str:
    return "PER" if text[:end] in {"Ida Moss"} else ""


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        (
            "A lighthouse is a tower that shows ships the way at night.",
            "What is a lighthouse?",
            "a tower that shows ships the way at night",
        ),
        (
            "Gorse is a shrub that burns, spreads, and flowers in winter.",
            "What is Gorse?",
            "a shrub that burns, spreads, and flowers in winter",
        ),
        (
            "The old harbour has 14 berths for sailing boats.",
            "How many berths for sailing boats does the old harbour have?",
            "14 berths",
        ),
        (
            "The harbour wall was built in 1874 of granite.",
            "When was the harbour wall built?",
            "1874",
        ),
        (
            "The northern ferry needs a local pilot because the channel is narrow at low tide.",
            "Why does the northern ferry need a local pilot?",
            "the channel is narrow at low tide",
        ),
        (
            "Ida Moss designed the lamp of the northern lighthouse.",
            "Who designed the lamp of the northern lighthouse?",
            "Ida Moss",
        ),
        (
            "Copper paint also keeps barnacles away from the hull (for years).",
            "What keeps barnacles away from the hull?",
            "Copper paint",
        ),
    ],
)
def test_a_plain_sentence_becomes_a_question_with_its_answer(
    sentence: str, question: str, answer: str
) -> None:
    form = question_of(sentence, {"lighthouse", "harbour", "ferry", "copper"}, kind_of)
    assert form is not None
    assert (form.question, form.answer) == (question, answer)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is a tower that shows ships the way at night.",  # what is?
        "This harbour has 14 berths for sailing boats.",
        "See the table below for the tides of the northern harbour.",
        "The result is a list of the ships that came in at night.",
        "However, the ferry sails because the captain wants to go home.",
        "Harbour charts output depth maps with numerical values of the sea bed.",
        "`Lamp` is a class that turns the light of the tower on.",
        "Is a lighthouse a tower that shows ships the way?",
        "| Tide | is a | column of the table |",
        "",
    ],
)
def test_a_sentence_that_leans_on_others_or_is_no_prose_is_left_alone(sentence: str) -> None:
    assert question_of(sentence, set(), kind_of) is None
