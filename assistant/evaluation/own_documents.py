"""Tests how well questions about a library's own documents are answered, cited and refused.

Each question goes through the search, the reader and the decision that a question in the chat
goes through. Questions made by a program are easier than those of people: they use the documents'
own words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from assistant.errors import InputError
from assistant.evaluation.own_questions import Kind, OwnQuestion, own_questions
from assistant.evaluation.questions import right
from assistant.models.catalogue import Models
from assistant.retrieval.evidence import CANDIDATES, Evidence, find
from assistant.retrieval.library import Library
from assistant.retrieval.question_kinds import understand
from assistant.types import Passage

QUESTIONS = 40
MOST = 200
DEPTH = 5  # passages in which the answer should be
WRONG, REFUSED = "wrong refusals", "refusal rate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question: the passages found, best first, and the sentence that answered.

    ``rank`` is the place, from 0, of the first passage that holds the sentence which the question
    was made of; None if none of the first ``DEPTH`` does.
    """

    question: OwnQuestion
    found: tuple[Passage, ...]
    rank: int | None
    evidence: Evidence | None

    @property
    def cited_rightly(self) -> bool:
        """Whether the passage that is cited holds the sentence which the question was made of."""
        return self.evidence is not None and right(self.evidence.passage, self.question.asked)

    @property
    def failure(self) -> str:
        """What went wrong, as a sentence; empty if nothing did."""
        if self.question.kind == "left out" and self.evidence:
            return "Answered, though the document with the answer was left out."
        if self.question.kind != "answered":
            return "Answered, though it is on another subject." if self.evidence else ""
        if self.evidence is None:
            where = "its passage was not found" if self.rank is None else "its passage was found"
            return f"Refused, though the documents answer it; {where}."
        return "" if self.cited_rightly else "Answered from another passage."


@dataclass(frozen=True, slots=True)
class Figure:
    """A share of ``count`` questions or answers, None if there are none; ``name`` is its term."""

    meaning: str
    name: str
    share: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes so far, of ``planned`` questions; shares are None where nothing counts."""

    outcomes: tuple[Outcome, ...]
    planned: int

    def recall(self, depth: int) -> float | None:
        """Return the share of questions whose passage is among the first ``depth`` found."""
        ranks = [each.rank for each in self._answerable]
        return _share([rank is not None and rank < depth for rank in ranks])

    @property
    def answers(self) -> int:
        """How many of the answerable questions were answered."""
        return sum(each.evidence is not None for each in self._answerable)

    @property
    def cited_rightly(self) -> float | None:
        """Citation precision: of those answers, the share that cites the right passage."""
        given = [each for each in self._answerable if each.evidence is not None]
        return _share([each.cited_rightly for each in given])

    @property
    def refused_wrongly(self) -> float | None:
        """The share of answerable questions that were refused."""
        return _share([each.evidence is None for each in self._answerable])

    def refused(self, kind: Kind) -> float | None:
        """Return the share of the questions of a kind that were refused."""
        return _share(
            [each.evidence is None for each in self.outcomes if each.question.kind == kind]
        )

    def count(self, kind: Kind) -> int:
        """Return how many questions of a kind were asked."""
        return sum(each.question.kind == kind for each in self.outcomes)

    def figures(self) -> tuple[Figure, ...]:
        """Return everything that is measured, in the order to read it."""
        made, elsewhere = self.count("answered"), self.count("elsewhere")
        left_out = self.count("left out")
        return (
            Figure("The right passage is found first", "recall@1", self.recall(1), made),
            Figure(f"It is among the first {DEPTH}", f"recall@{DEPTH}", self.recall(DEPTH), made),
            Figure("The answer cites it", "citation precision", self.cited_rightly, self.answers),
            Figure("Refused, though answerable", WRONG, self.refused_wrongly, made),
            Figure("Refused: on another subject", REFUSED, self.refused("elsewhere"), elsewhere),
            Figure(
                "Refused: its document was left out", REFUSED, self.refused("left out"), left_out
            ),
        )

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The questions that went wrong."""
        return tuple(each for each in self.outcomes if each.failure)

    @property
    def _answerable(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.question.kind == "answered"]


def examine(
    library: Library,
    models: Models,
    count: int = QUESTIONS,
    seed: int = 0,
    collections: Collection[str] = (),
) -> Iterator[Report]:
    """Ask the library questions about itself; yield the report so far after each.

    Raises:
        InputError: ``count`` is out of range, there is no such collection, or no question can be
            made of the documents.
    """
    if not 1 <= count <= MOST:
        raise InputError(f"{count} questions cannot be asked: choose 1 to {MOST}.")
    everything = {document.id for document in library.documents(collections)}
    if not everything:
        raise InputError("There is nothing to test yet. Add documents first.")
    questions = own_questions(library, models, count, seed, collections)
    if not questions:
        raise InputError(
            "No question could be made of these documents: that needs whole English sentences such "
            "as “A token is a piece of text.” Try it with documents that have some."
        )
    outcomes: list[Outcome] = []
    for question in questions:
        out = {question.document_id} if question.kind == "left out" else set()
        outcomes.append(_outcome(question, library, models, everything - out))
        yield Report(tuple(outcomes), len(questions))


def _outcome(
    question: OwnQuestion, library: Library, models: Models, among: Collection[str]
) -> Outcome:
    asked = question.asked
    found = library.search(asked.question, CANDIDATES, documents=among)
    evidence = find(understand(asked.question), found, models) if found else None
    places = (rank for rank, passage in enumerate(found[:DEPTH]) if right(passage, asked))
    return Outcome(question, found, next(places, None), evidence)


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
