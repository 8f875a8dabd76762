"""The evaluation must count what it says it counts: on a data set of the test's own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from assistant.evaluation.documents import Shown, borne_out, figures
from assistant.evaluation.questions import Asked, Corpus, Source, corpus
from assistant.training.datasets import held_out
from assistant.training.recipes.reader import measures

TOWNS = [f"Town{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
SOURCE = Source("towns", ("towns",), "towns", "elsewhere", "tricks")


def row(town: str, **more: Any) -> dict[str, Any]:
    context = f"{town} lies on a river. The mayor of {town} is called Mayor{town}."
    start = context.index(f"Mayor{town}")
    answers = [{"text": f"Mayor{town}", "start": start}]
    made = {"title": "Towns", "context": context, "question": f"Who is mayor of {town}?"}
    return {**made, "answers": answers, **more}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    files = {
        "towns": [row(town) for town in TOWNS],
        "elsewhere": [row("Faraway")],
        "tricks": [row(town, question=f"Who hates {town}?", answers=[]) for town in TOWNS],
    }
    for name, rows in files.items():
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(f"{json.dumps(each)}\n" for each in rows)
    return tmp_path


def test_questions_without_an_answer_have_none_in_the_corpus(data: Path) -> None:
    made = corpus(data, SOURCE, None)
    (text,) = made.documents.values()
    out = {town for town in TOWNS if held_out(row(town)["context"], 10)}
    assert 0 < len(out) < len(TOWNS)
    assert {asked.question for asked in made.unanswerable["paragraph left out"]} == {
        f"Who is mayor of {town}?" for town in out
    }
    assert all(f"Mayor{town}" not in text for town in out)
    assert len(made.unanswerable["trick questions"]) == len(TOWNS) - len(out)
    assert len(made.answerable) == len(TOWNS) - len(out)


def test_nothing_is_asked_that_taught_the_reader(tmp_path: Path) -> None:
    rows = [{**row(town), "title": town} for town in TOWNS]
    (tmp_path / "qa_squad_dev").mkdir()
    with gzip.open(tmp_path / "qa_squad_dev/validation.jsonl.gz", "wt") as file:
        file.writelines(f"{json.dumps(each)}\n" for each in rows)
    name = "qa_squad_dev/validation"
    made = corpus(tmp_path, Source("SQuAD", (name,), name, name), None)
    asked = {item.question for item in made.unanswerable["other subjects"]}
    assert asked == {each["question"] for each in rows if measures(each)}
    assert {item.document for item in made.answerable} < set(made.documents)


def test_a_question_knows_where_its_paragraph_lies(data: Path) -> None:
    made = corpus(data, SOURCE, None)
    for asked in made.answerable:
        paragraph = made.documents[asked.document][asked.start : asked.end]
        assert asked.answers[0] in paragraph
        assert paragraph.startswith(asked.answers[0].removeprefix("Mayor"))


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"towns\.jsonl\.gz"):
        corpus(tmp_path, SOURCE, None)


def test_the_figures_count_answers_refusals_citations_and_inventions() -> None:
    made = Corpus(
        "towns",
        {},
        [Asked("right", ("Ada",)), Asked("wrong", ("Bo",)), Asked("refused", ("Cy",))],
        {"other subjects": [Asked("far"), Asked("near")]},
    )
    source = "The mayor of the town is Ada."
    told = Shown(source, "Ada", ((source, source),), (source,), refused=False)
    invented = Shown(
        "Cats rule.", "Cats rule.", (("Cats rule.", source),), (source,), refused=False
    )
    refusal = Shown("No.", "No.", (), (), refused=True)
    replies = {
        "right": told,
        "wrong": invented,
        "refused": refusal,
        "far": refusal,
        "near": invented,
    }
    found = figures(replies.__getitem__, made, None)
    assert found["shown"] == found["exact"] == pytest.approx(1 / 3)
    assert found["cited"] == pytest.approx(1 / 2)
    assert found["refused wrongly"] == pytest.approx(1 / 3)
    assert found["refused, other subjects"] == pytest.approx(1 / 2)
    assert found["refusal precision"] == pytest.approx(1 / 2)
    assert found["unsupported"] == pytest.approx(2 / 3)


def test_a_sentence_is_borne_out_by_its_numbers_and_most_of_its_words() -> None:
    source = "The harbour was built in 1874 by Ida Moss."
    assert borne_out("Ida Moss built the harbour in 1874.", source)
    assert not borne_out("Ida Moss built the harbour in 1875.", source)
    assert not borne_out("Ida Moss married twice and moved abroad.", source)
