"""Makes a corpus of documents, and questions with and without an answer in it, of a QA set.

Paragraphs of one title become one document, under that title. One paragraph in ten is left out, so
that its questions, on a subject which the corpus does treat, have no answer in it. Nothing is asked
that taught the reader, though its paragraphs stand among the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.retrieval.loaders import clean
from assistant.training import datasets
from assistant.training.datasets import Question, Row
from assistant.training.recipes import reader
from assistant.types import Passage

LEFT_OUT = 10  # one paragraph in so many


@dataclass(frozen=True, slots=True)
class Source:
    """Which files make a corpus; names are those of the project's data folder, without endings.

    ``asked`` is asked about the paragraphs of ``paragraphs``; ``tricks`` holds questions on the
    same paragraphs that nothing answers, ``elsewhere`` questions on other subjects.
    """

    name: str
    paragraphs: tuple[str, ...]
    asked: str
    elsewhere: str
    tricks: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the paragraph it is about, as ``document[start:end]``, and its right answers."""

    question: str
    answers: tuple[str, ...] = ()
    document: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents by name, questions that they answer, and by kind those that they do not."""

    name: str
    documents: Mapping[str, str]
    answerable: Sequence[Asked]
    unanswerable: Mapping[str, Sequence[Asked]]


SOURCES = (
    Source(
        "SQuAD 1.1 dev",
        ("qa_squad_dev/validation",),
        "qa_squad_dev/validation",
        "qa_squadshifts/new_wiki.validation",
        "qa_squad_dev/validation_unanswerable",
    ),
    Source(
        "COVID-QA",
        ("qa_covidqa_windows/validation", "qa_covidqa_windows/train"),
        "qa_covidqa_windows/validation",
        "qa_squad_dev/validation",
    ),
)


def corpus(data: Path, source: Source, limit: int | None) -> Corpus:
    """Return the corpus of ``source``, with at most ``limit`` questions of each kind.

    Raises:
        InputError: a file is missing or has other fields.
    """
    paragraphs: dict[str, str] = {}  # the paragraph, and its title
    for row in datasets.rows_of(data, *source.paragraphs):
        paragraphs.setdefault(clean(row["context"]), str(row.get("title", "")))
    kept = {text: at for text, at in paragraphs.items() if not datasets.held_out(text, LEFT_OUT)}
    documents, places = _documents(kept)
    asked = [datasets.question_of(row) for row in _unseen(data, source.asked)]
    missing = [
        Asked(item.question)
        for item in asked
        if (text := clean(item.context)) not in kept
        and not _said(item, documents.get(_name(paragraphs[text]), ""))
    ]
    unanswerable = {
        "other subjects": [Asked(row["question"]) for row in _unseen(data, source.elsewhere)],
        "paragraph left out": missing,
    }
    if source.tricks:
        tricks = _unseen(data, source.tricks)
        unanswerable["trick questions"] = [
            Asked(row["question"]) for row in tricks if clean(row["context"]) in kept
        ]
    return Corpus(
        source.name,
        documents,
        _some([_located(item, places) for item in asked if clean(item.context) in kept], limit),
        {kind: _some(items, limit) for kind, items in unanswerable.items()},
    )


def _unseen(data: Path, name: str) -> list[Row]:
    """Return the rows of a file but for the SQuAD articles that the reader learned from."""
    rows = datasets.rows_of(data, name)
    return [row for row in rows if not name.startswith("qa_squad_dev") or reader.measures(row)]


def right(passage: Passage, asked: Asked) -> bool:
    """Say whether a passage of the paragraph asked about holds an answer."""
    here = passage.document == asked.document
    overlaps = passage.start < asked.end and asked.start < passage.end
    return here and overlaps and holds(passage.text, asked)


def holds(text: str, asked: Asked) -> bool:
    """Say whether a text has the words of a right answer, whatever the case and white space."""
    plain = " ".join(text.lower().split())
    return any(" ".join(answer.lower().split()) in plain for answer in asked.answers)


def _documents(
    paragraphs: Mapping[str, str],
) -> tuple[dict[str, str], dict[str, tuple[str, int, int]]]:
    """Join paragraphs under their titles; return the documents, and where each paragraph lies."""
    documents: dict[str, str] = {}
    places: dict[str, tuple[str, int, int]] = {}
    for text, title in paragraphs.items():
        name = _name(title)
        before = documents.get(name) or f"# {name}"
        start = len(before) + 2
        documents[name] = f"{before}\n\n{text}"
        places[text] = (name, start, start + len(text))
    return documents, places


def _name(title: str) -> str:
    return title.replace("_", " ").strip() or "Untitled"


def _said(item: Question, text: str) -> bool:
    """Say whether ``text`` has the words of a right answer, whatever it says about them."""
    lowered = text.lower()
    return any(item.context[start:end].lower() in lowered for start, end in item.answers)


def _located(item: Question, places: Mapping[str, tuple[str, int, int]]) -> Asked:
    answers = dict.fromkeys(item.context[start:end] for start, end in item.answers)
    return Asked(item.question, tuple(answers), *places[clean(item.context)])


def _some(items: Sequence[Asked], limit: int | None) -> Sequence[Asked]:
    return items if limit is None else datasets.sample(items, limit, seed=0)
