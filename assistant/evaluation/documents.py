"""Measures search, answers, citations and refusals on QA sets, beside the recipe of a tutorial."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.evaluation.questions import SOURCES, Corpus, corpus, holds, right
from assistant.evaluation.tutorial import Tutorial
from assistant.events import Routed, fold
from assistant.retrieval.library import Library
from assistant.retrieval.ranking import BOTH, MEANING, WORDS
from assistant.summaries import content_words
from assistant.text import sentences
from assistant.tools.documents import Documents
from assistant.tools.tool import Services
from assistant.training.answers import overlap
from assistant.types import Options, Passage, Route, Sampling, Turn

if TYPE_CHECKING:
    from assistant.chat import Assistant

QUESTIONS = 300  # of each kind, if nobody says how many
WRITTEN = 10  # of each kind, of the first set, where the generator writes: it takes seconds each
DEPTHS = (1, 5, 20)
BORNE_OUT = 2 / 3  # share of a sentence's content words that its source must hold
SEARCHES = {"hybrid": BOTH, "dense alone": MEANING, "keywords alone": WORDS}

Figures = dict[str, float | str]
_CITED = re.compile(r"\[(\d+)\]")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a method showed: each sentence with the passage behind it, or that it cannot answer.

    ``short`` is the short answer inside it, or all of it.
    """

    text: str
    short: str
    sentences: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    refused: bool


Method = Callable[[str], Shown]


def documents(data: Path, limit: int | None, assistant: Assistant) -> dict[str, list[Figures]]:
    """Return a table of what search finds, and one of what is answered and refused.

    ``limit`` is how many questions of each kind are asked of each set; the sets are named in
    ``questions.SOURCES``.
    """
    search: list[Figures] = []
    answers: list[Figures] = []
    for source in SOURCES:
        made = corpus(data, source, limit or QUESTIONS)
        with tempfile.TemporaryDirectory() as folder:
            library = Library(Path(folder), assistant.models.encoder)
            for name, text in made.documents.items():
                library.add_text(name, text)
            search += [
                {"set": made.name, "search": name, **recall(library, made, name)}
                for name in SEARCHES
            ]
            methods = _methods(assistant, library, made, writes=source is SOURCES[0])
            answers += [
                {"set": made.name, "method": name, **figures(method, made, most)}
                for name, (method, most) in methods.items()
            ]
            library.close()
    return {"search": search, "answers": answers}


def recall(library: Library, made: Corpus, search: str) -> dict[str, float]:
    """Return the share of questions for which the first 1, 5, 20 passages hold the answer.

    The passage has to be of the paragraph that the question was asked about.
    """
    ranks = []
    for asked in made.answerable:
        found = library.search(asked.question, max(DEPTHS), weights=SEARCHES[search])
        ranks.append(next((rank for rank, each in enumerate(found) if right(each, asked)), 99))
    return {
        "questions": len(ranks),
        "passages": library.passage_count,
        **{f"recall@{k}": sum(rank < k for rank in ranks) / len(ranks) for k in DEPTHS},
    }


def figures(method: Method, made: Corpus, most: int | None) -> dict[str, float]:
    """Return what a method makes of the questions, or of the first ``most`` of each kind.

    ``shown``: the right answer stands in what is shown, of all answerable questions; ``exact`` and
    ``f1``: of the short answer, a refusal counting 0; ``cited``: passages cited that hold the right
    answer; ``unsupported``: sentences shown that their passage does not bear out.
    """
    asked = made.answerable[:most]
    replies = [method(each.question) for each in asked]
    pairs = list(zip(replies, asked, strict=True))
    scores = [overlap("" if r.refused else r.short, q.answers) for r, q in pairs]
    cited = [holds(text, q) for r, q in pairs if not r.refused for text in r.sources]
    others = {kind: [method(q.question) for q in x[:most]] for kind, x in made.unanswerable.items()}
    refused = {kind: _share([r.refused for r in replies]) for kind, replies in others.items()}
    wrongly = _share([r.refused for r in replies])
    everything = [*replies, *(each for replies in others.values() for each in replies)]
    said = [borne_out(*line) for r in everything if not r.refused for line in r.sentences]
    rightly = sum(r.refused for replies in others.values() for r in replies)
    return {
        "questions": len(asked),
        "shown": _share([not r.refused and holds(r.text, q) for r, q in pairs]),
        "exact": _share([exact for _, exact in scores]),
        "f1": _share([f1 for f1, _ in scores]),
        "cited": _share(cited),
        "unsupported": 1 - _share(said),
        "refused wrongly": wrongly,
        **{f"refused, {kind}": share for kind, share in refused.items()},
        "refusal precision": rightly / max(1, rightly + sum(r.refused for r in replies)),
    }


def borne_out(sentence: str, source: str) -> bool:
    """Say whether the source has the sentence's numbers and most of its content words."""
    words, known = set(content_words(sentence)), set(content_words(source))
    numbers = set(_NUMBER.findall(sentence)) <= set(_NUMBER.findall(source))
    return numbers and len(words & known) >= BORNE_OUT * len(words)


def _methods(
    assistant: Assistant, library: Library, made: Corpus, *, writes: bool
) -> Mapping[str, tuple[Method, int | None]]:
    """Return name → how it answers, and how many questions of each kind it is asked, if few.

    ``writes`` adds the methods in which the generator does.
    """
    services = Services(assistant.settings, assistant.models, library, assistant.generators)
    tool = Documents(services)
    quoted = partial(_shown, tool, options=Options())
    if not writes:
        return {"quoted": (quoted, None)}
    plain = Tutorial(made.documents, assistant.models.encoder, assistant.generators)
    steady = Sampling("greedy", max_tokens=120)
    reworded = partial(_shown, tool, options=Options(sampling=steady, rephrase=True))
    return {
        "quoted": (quoted, None),
        "quoted, fewer": (quoted, WRITTEN),
        "reworded": (reworded, WRITTEN),
        "tutorial": (partial(_told, plain, sampling=steady), WRITTEN),
    }


def _shown(tool: Documents, question: str, *, options: Options) -> Shown:
    route = Route("documents", question, question)
    turn = Turn(question, options=options)
    reply = fold([Routed(route), *tool.run(route, turn)])
    passages = {str(cited.number): cited.passage for cited in reply.citations}
    pieces = _CITED.split(reply.text)  # text, number, text, number, rest
    lines = [
        (text.replace("**", "").strip(), _whole(passages[number]) if number in passages else "")
        for text, number in zip(pieces[::2], [*pieces[1::2], ""], strict=True)
        if text.strip()
    ]
    bold = _BOLD.search(reply.text)
    text = " ".join(line for line, _ in lines)
    sources = tuple(dict.fromkeys(_whole(passage) for passage in passages.values()))
    return Shown(text, bold[1] if bold else text, tuple(lines), sources, not reply.citations)


def _told(plain: Tutorial, question: str, *, sampling: Sampling) -> Shown:
    text, chunks = plain.answer(question, sampling)
    source = "\n".join(chunks)
    lines = tuple((text[start:end], source) for start, end in sentences(text))
    return Shown(text, text, lines, tuple(chunks), plain.refuses(text))


def _whole(passage: Passage) -> str:
    return f"{passage.heading}\n{passage.text}"


def _share(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
