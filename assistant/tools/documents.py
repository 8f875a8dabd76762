"""Answers from the library with citations that the program finds, or says that it cannot."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import ClassVar, Literal

from assistant.errors import GeneratorError
from assistant.events import Cited, Event, Nearest, Progress, Suggested, TextDelta
from assistant.generation.citations import Support, supporting
from assistant.generation.loaded import EMBEDDED, readable_name
from assistant.markdown import outside_code
from assistant.prompts import render
from assistant.retrieval.chunking import pieces
from assistant.retrieval.evidence import CANDIDATES, Evidence, define, find
from assistant.retrieval.question_kinds import Question, understand
from assistant.router.references import is_anaphoric
from assistant.summaries import content_words
from assistant.text import sentences
from assistant.tools.tool import MEMORY, Services
from assistant.types import Citation, Message, Passage, Route, Turn

NEAREST = 3  # passages shown when nothing answers
BUDGET = 400  # word pieces of passages in a prompt: a small model reads about 500 a second
CARRIED = 8  # words of the question before that complete a follow-up question
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_NUMBERED = re.compile(r"\[(\d+)\]")
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")


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
    roles: ClassVar[tuple[str, ...]] = ("reader",)
    ask: ClassVar[str] = ""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._models = services.models
        self._library = services.library
        self._generators = services.generators

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Search, read, and answer with citations, or refuse with the nearest passages."""
        question = understand(in_context(route.question or route.payload, turn))
        yield Progress(0, 0, "searching your documents")
        passages = self._search(question.text, turn)
        if not passages:
            yield TextDelta(
                "Your library is empty, so there is nothing I could answer from. Add documents on "
                "the Documents page, or attach a file."
            )
            return
        compared = self._compare(question, turn)
        if compared:
            yield from _quote(compared)
            return
        evidence = find(question, passages, self._models)
        if evidence is None:
            yield from self._refuse(question.text, passages, turn)
            return
        written = False
        if turn.options.rephrase:
            written = yield from self._write(question.text, evidence, passages, turn)
        if not written:
            yield from _quote([evidence])

    def _search(self, text: str, turn: Turn) -> tuple[Passage, ...]:
        return self._library.search(text, CANDIDATES, collections=turn.options.collections)

    def _compare(self, question: Question, turn: Turn) -> list[Evidence]:
        """Return what says of each thing that is to be compared what it is, or nothing."""
        if question.kind != "comparison":
            return []
        found = [
            define(subject, self._search(f"What is {subject}?", turn))
            for subject in question.subjects
        ]
        said = [each for each in found if each is not None]
        apart = len({(each.passage.id, each.start) for each in said}) == len(question.subjects)
        return said if apart else []

    def _refuse(self, question: str, passages: Sequence[Passage], turn: Turn) -> Iterator[Event]:
        """Say that the documents hold no answer, or let the model answer under that label."""
        if turn.options.anyway:
            yield TextDelta(MEMORY)
            try:
                name, sampling = turn.options.generator, turn.options.sampling
                messages = [Message("system", render("system")), Message("user", question)]
                for piece in self._generators.stream(name, messages, sampling):
                    yield TextDelta(piece)
            except GeneratorError as error:
                yield TextDelta(str(error))
        else:
            yield TextDelta(
                "I can't find that in your documents. The nearest passages are below; to hear what "
                "the model says from memory, which may be wrong, ask Conversation."
            )
            yield Suggested(("conversation",))
        yield Nearest(tuple(passages[:NEAREST]))

    def _write(
        self, question: str, evidence: Evidence, passages: Sequence[Passage], turn: Turn
    ) -> Generator[Event, None, bool]:
        """Let the generator word the answer; show what a passage supports, and say if that does.

        The short answer that the reader found must be in what is left.
        """
        given = [evidence.passage]
        told = [evidence.text]
        if not self._is_small(turn):
            most = turn.options.passages or self._settings.passages
            given = _within_budget([evidence.passage, *passages], most)
            told = [passage.text for passage in given]
        sources = [passage.text for passage in given]
        prompt = render("grounded", question=question, passages=told, answer=evidence.text)
        written: list[str] = []
        try:
            name, sampling = turn.options.generator, turn.options.sampling
            for piece in self._generators.stream(name, [Message("user", prompt)], sampling):
                written.append(piece)
                yield Progress(len(written), 0, "wording the answer")
        except GeneratorError:
            return False
        text = "".join(written).strip()
        claims = list(dict.fromkeys(text[start:end] for start, end in sentences(text)))
        support = supporting(claims, sources, self._models.encoder)
        kept = [(claim, found) for claim, found in zip(claims, support, strict=True) if found]
        if not _gives(" ".join(claim for claim, _ in kept), evidence):
            return False
        numbers: dict[Support, int] = {}  # in the order of the answer
        for claim, found in kept:
            number = numbers.setdefault(found, len(numbers) + 1)
            yield TextDelta(f"{_unnumbered(claim)} [{number}] ")
        for found, number in numbers.items():
            yield Cited(_citation(number, given[found.source], found.start, found.end))
        return True

    def _is_small(self, turn: Turn) -> bool:
        """Say whether the generator is the embedded one, which copies whatever it is given."""
        chosen = turn.options.generator
        if chosen is None:
            return self._settings.generator == EMBEDDED
        return chosen == readable_name(EMBEDDED)


def in_context(question: str, turn: Turn) -> str:
    """Complete a follow-up question with what the turns before it were about.

    "And how much does it cost?" after "Who makes the Falcon?", answered by "**Acme** makes it.",
    becomes "And how much does it cost? (makes Falcon Acme)".
    """
    said: list[str] = []
    follows = is_anaphoric(question)
    for message in reversed(turn.history):
        if not follows or message.tool not in {None, "documents"}:
            break
        if message.role == "assistant":
            bold = _BOLD.search(message.text)
            said.append(bold[1] if bold else "")
        elif message.role == "user":
            said.append(message.text)
            follows = is_anaphoric(message.text)
    known = set(content_words(question))
    words = dict.fromkeys(word for text in reversed(said) for word in _WORD.findall(text))
    carried = [word for word in words if content_words(word) and not known & {*content_words(word)}]
    return f"{question} ({' '.join(carried[:CARRIED])})" if carried else question


def _within_budget(passages: Sequence[Passage], most: int) -> list[Passage]:
    """Return at most ``most`` different passages of ``BUDGET`` word pieces together, the first
    always.
    """
    kept: list[Passage] = []
    left = BUDGET
    for passage in {each.id: each for each in passages}.values():
        left -= pieces(passage.text)
        if kept and (left < 0 or len(kept) == most):
            break
        kept.append(passage)
    return kept


def _gives(answer: str, evidence: Evidence) -> bool:
    """Say whether an answer has the words of the short answer, or any if there is no short one."""
    if evidence.answer is None:
        return bool(answer)
    start, end = evidence.answer
    return set(content_words(evidence.passage.text[start:end])) <= set(content_words(answer))


def _citation(number: int, passage: Passage, start: int, end: int) -> Citation:
    return Citation(number, passage, start, end, passage.text[start:end])


def _quote(found: Sequence[Evidence]) -> Iterator[Event]:
    """Say each stretch with a citation of it."""
    for number, evidence in enumerate(found, start=1):
        text = _unnumbered(evidence.marked)
        gap = "\n\n" if text.endswith(("```", "~~~")) else " "
        yield TextDelta(f"{text}{gap}[{number}] ")
        yield Cited(_citation(number, evidence.passage, evidence.start, evidence.end))


def _unnumbered(text: str) -> str:
    """Return text with its own "[12]" as "(12)": only the program's numbers are citations."""
    return outside_code(text, lambda words: _NUMBERED.sub(r"(\1)", words))
