"""Answers from the library with citations that the program finds, or says that it cannot."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from assistant.errors import GeneratorError
from assistant.events import Cited, Event, Nearest, Progress, Suggested, TextDelta
from assistant.generation.citations import supporting
from assistant.prompts import render
from assistant.router.references import is_anaphoric
from assistant.text import sentences
from assistant.tools.tool import Services
from assistant.types import Citation, Message, Passage, Route, Turn

CANDIDATES = 8  # passages that the reader looks at
FOUND = 0.5  # the reader's score from which it has found an answer
BEARS_ON = 0.35  # similarity a passage needs for the reader's answer to count
ON_SUBJECT = 0.62  # similarity from which a passage answers a question without a short answer
LEAD = 3  # sentences of an answer to a question that has no short one
NEAREST = 3  # passages shown when nothing answers
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage that bears on the question: ``passage.text[start:end]``."""

    passage: Passage
    start: int
    end: int
    score: float
    answer: tuple[int, int] | None = None  # the short answer within the passage

    @property
    def text(self) -> str:
        """The sentence on one line."""
        return " ".join(self.passage.text[self.start : self.end].split())


class Documents:
    """Finds the answer in the user's documents and shows where it stands."""

    name: ClassVar[str] = "documents"
    title: ClassVar[str] = "Documents"
    description: ClassVar[str] = "What do my documents say?"
    examples: ClassVar[tuple[str, ...]] = (
        "How do I choose between top-k and top-p sampling?",
        "How many dimensions does all-MiniLM-L6-v2 have?",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "nothing"
    ask: ClassVar[str] = ""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._models = services.models
        self._library = services.library
        self._generators = services.generators

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Search, read, and answer with citations, or refuse with the nearest passages."""
        question = route.question or route.payload
        yield Progress(0, 0, "searching your documents")
        passages = self._library.search(_in_context(question, turn), CANDIDATES)
        if not passages:
            yield TextDelta(
                "Your library is empty, so there is nothing I could answer from. Add documents on "
                "the Documents page, or attach a file."
            )
            return
        most = turn.options.passages or self._settings.passages
        evidence = self._evidence(question, passages, most)
        if not evidence:
            yield TextDelta(
                "I can't find that in your documents. The nearest passages are below; to hear what "
                "the model says from memory, which may be wrong, ask Conversation."
            )
            yield Nearest(passages[:NEAREST])
            yield Suggested(("conversation",))
            return
        written = False
        if turn.options.rephrase:
            written = yield from self._phrase(question, evidence, turn)
        if not written:
            for number, item in enumerate(evidence, 1):
                yield TextDelta(f"{_marked(item)} [{number}] ")
        for number, item in enumerate(evidence, 1):
            quote = item.passage.text[item.start : item.end]
            yield Cited(Citation(number, item.passage, item.start, item.end, quote))

    def _evidence(
        self, question: str, passages: Sequence[Passage], most: int
    ) -> tuple[Evidence, ...]:
        """Return the sentences that answer: the reader's, else those closest to the question."""
        answers = self._models.reader.read(question, [passage.text for passage in passages])
        found = [
            (answer, passage)
            for answer, passage in zip(answers, passages, strict=True)
            if answer.text and answer.score >= FOUND and passage.score >= BEARS_ON
        ]
        close = self._closest(question, passages[:most])
        if found:
            answer, passage = max(found, key=lambda pair: pair[0].score * (0.5 + pair[1].score))
            lead = _around(passage, answer.start, answer.end, answer.score)
            others = [item for item in close if item.text != lead.text][: LEAD - 1]
            return (lead, *others)
        return close if passages[0].score >= ON_SUBJECT else ()

    def _closest(self, question: str, passages: Sequence[Passage]) -> tuple[Evidence, ...]:
        """Return the sentences of the passages most like the question, in reading order."""
        spans = [
            (passage, start, end)
            for passage in passages
            for start, end in _prose(passage.text)
            if end - start >= 20
        ]
        if not spans:
            return ()
        texts = [passage.text[start:end] for passage, start, end in spans]
        vectors = self._models.encoder.encode([question, *texts])
        scores = vectors[1:] @ vectors[0]
        best = sorted(range(len(spans)), key=lambda index: -float(scores[index]))[:LEAD]
        return tuple(Evidence(*spans[index], float(scores[index])) for index in best)

    def _phrase(
        self, question: str, evidence: Sequence[Evidence], turn: Turn
    ) -> Generator[Event, None, bool]:
        """Let the generator word the answer, show what the evidence supports; say if any is."""
        sources = [item.text for item in evidence]
        prompt = render("grounded", question=question, passages=sources, answer=sources[0])
        pieces: list[str] = []
        try:
            generator = self._generators.get(turn.options.generator)
            for piece in generator.stream([Message("user", prompt)], turn.options.sampling):
                pieces.append(piece)
                yield Progress(len(pieces), 0, "wording the answer")
        except GeneratorError:
            return False
        text = "".join(pieces).strip()
        claims = [text[start:end] for start, end in sentences(text)]
        shown = False
        support = supporting(claims, sources, self._models.encoder)
        for claim, source in zip(claims, support, strict=True):
            if source is not None:
                yield TextDelta(f"{claim} [{source + 1}] ")
                shown = True
        return shown


def _in_context(question: str, turn: Turn) -> str:
    """Complete a follow-up question with the one before it."""
    if not is_anaphoric(question):
        return question
    asked = [m.text for m in turn.history if m.role == "user" and m.tool in {None, "documents"}]
    return f"{asked[-1]} {question}" if asked else question


def _prose(text: str) -> list[tuple[int, int]]:
    """Return the sentences of a passage that are no code, table or heading."""
    code = [match.span() for match in _FENCE.finditer(text)]
    return [
        (start, end)
        for start, end in sentences(text)
        if not any(a < end and start < b for a, b in code) and text[start] not in "#|"
    ]


def _around(passage: Passage, start: int, end: int, score: float) -> Evidence:
    """Return the sentence of the passage that holds the reader's answer."""
    for first, last in sentences(passage.text):
        if first <= start < last:
            return Evidence(passage, first, max(last, end), score, (start, end))
    return Evidence(passage, start, end, score, (start, end))


def _marked(item: Evidence) -> str:
    """Return the sentence with the short answer in bold."""
    if item.answer is None:
        return item.text
    text, (start, end) = item.passage.text, item.answer
    if "*" in text[item.start : item.end] or "`" in text[start:end]:
        return item.text
    marked = f"{text[item.start : start]}**{text[start:end].strip()}**{text[end : item.end]}"
    return " ".join(marked.split())
