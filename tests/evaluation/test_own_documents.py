"""The test of a library must ask what its documents say, and count what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.evaluation.own_documents import Outcome, Report, examine
from assistant.evaluation.own_questions import GENERAL, Kind, OwnQuestion, own_questions
from assistant.evaluation.questions import Asked
from assistant.models.catalogue import Models
from assistant.retrieval.evidence import Evidence
from assistant.retrieval.library import Library
from assistant.types import Passage

HARBOUR = """# Harbour

The harbour wall of Wenlow was built in 1874 by fishermen. Copper paint keeps barnacles away from
the hull. The ferry to Wenlow sails later in autumn because the tide turns after sunset.
"""
BEES = """# Bees

A smoker is a small can with bellows that calms the bees. The observation hive has 12 frames for
the brood. Oxalic acid kills the varroa mites of the winter cluster.
"""
GULL = Passage("p", "d", "gulls.md", "", None, "A gull is a bird of the coast.", 0, 30)
OWL = Passage("q", "e", "owls.md", "", None, "An owl hunts at night.", 0, 22)


@pytest.fixture
def library(tmp_path: Path, models: Models) -> Iterator[Library]:
    made = Library(tmp_path / "store", models.encoder)
    made.add_text("harbour.md", HARBOUR)
    made.add_text("bees.md", BEES, collections=["Garden"])
    yield made
    made.close()


def test_questions_are_made_of_the_documents_own_sentences(
    library: Library, models: Models
) -> None:
    made = own_questions(library, models, 20)
    texts = {document.name: library.text(document.id) for document in library.documents()}
    answered = {q.asked.question: q.asked for q in made if q.kind == "answered"}
    assert "What keeps barnacles away from the hull?" in answered
    assert "How many frames for the brood does the observation hive have?" in answered
    for asked in answered.values():
        sentence = " ".join(texts[asked.document][asked.start : asked.end].split())
        assert asked.answers[0] in sentence
    elsewhere = [q.asked.question for q in made if q.kind == "elsewhere"]
    assert elsewhere
    assert set(elsewhere) <= set(GENERAL.read_text("utf-8").splitlines())
    left_out = [q for q in made if q.kind == "left out"]
    assert left_out
    assert {q.asked.question for q in left_out} <= set(answered)


def test_the_same_seed_asks_the_same(library: Library, models: Models) -> None:
    assert own_questions(library, models, 12, seed=3) == own_questions(library, models, 12, seed=3)
    assert len(own_questions(library, models, 5)) <= 5


def test_a_collection_is_tested_by_itself(library: Library, models: Models) -> None:
    made = own_questions(library, models, 20, collections=["Garden"])
    assert {q.asked.document for q in made if q.kind == "answered"} == {"bees.md"}
    assert not [q for q in made if q.kind == "left out"]  # nothing would be left to search


def test_a_small_library_finds_and_cites_its_own_sentences(
    library: Library, models: Models
) -> None:
    reports = list(examine(library, models, 20))
    assert [len(report.outcomes) for report in reports] == list(range(1, reports[-1].planned + 1))
    final = reports[-1]
    assert final.recall(5) == 1.0
    assert final.cited_rightly is not None
    assert final.cited_rightly >= 0.75
    assert final.refused("elsewhere") == 1.0


def test_a_test_that_is_stopped_has_the_figures_of_what_was_asked(
    library: Library, models: Models
) -> None:
    *_, last = islice(examine(library, models, 20), 2)
    assert len(last.outcomes) == 2 < last.planned
    assert sum(map(last.count, ("answered", "left out", "elsewhere"))) == 2


def test_what_cannot_be_tested_is_said(library: Library, models: Models) -> None:
    with pytest.raises(InputError, match="1 to 200"):
        next(examine(library, models, 0))
    with pytest.raises(InputError, match="no collection"):
        next(examine(library, models, 5, collections=["Attic"]))
    for document in library.documents():
        library.remove(document.id)
    with pytest.raises(InputError, match="Add documents first"):
        next(examine(library, models, 5))
    library.add_text("numbers.txt", "1 2 3 4")
    with pytest.raises(InputError, match="whole English sentences"):
        next(examine(library, models, 5))


def test_the_report_counts_each_kind_by_itself() -> None:
    asked = Asked("What is a gull?", ("a bird of the coast",), "gulls.md", 0, 30)
    right, wrong = Evidence(GULL, 0, 30), Evidence(OWL, 0, 22)

    def outcome(kind: Kind, rank: int | None, evidence: Evidence | None) -> Outcome:
        return Outcome(OwnQuestion(kind, asked, "d"), (GULL,), rank, evidence)

    report = Report(
        (
            outcome("answered", 0, right),
            outcome("answered", 3, wrong),
            outcome("answered", None, None),
            outcome("elsewhere", None, None),
            outcome("left out", None, None),
            outcome("left out", None, wrong),
        ),
        planned=9,
    )
    shares = [(figure.share, figure.count) for figure in report.figures()]
    third = pytest.approx(1 / 3)
    assert shares == [(third, 3), (pytest.approx(2 / 3), 3), (0.5, 2), (third, 3), (1, 1), (0.5, 2)]
    assert [each.failure.split(",")[0] for each in report.failures] == [
        "Answered from another passage.",
        "Refused",
        "Answered",
    ]


def test_what_was_not_asked_has_no_share() -> None:
    assert {figure.share for figure in Report((), 0).figures()} == {None}
