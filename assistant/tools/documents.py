"""Answers from the library with citations that the program finds, or says that it cannot."""

from __future__ import annotations

import math
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
FOUND = 0.5  # the joint score of reader and search from which an answer is found
HALF_WAY, SHIFT = 0.5, 6.0  # similarity that leaves the reader's score; log-odds a unit beside it
BEARS_ON = 0.35  # similarity a passage needs for the reader's answer to count
ON_SUBJECT = 0.40  # similarity from which a passage answers a question without a short answer
NO_ANSWER = 0.5  # above this for every passage, none of them answers
LEAD = 3  # sentences of an answer to a question that has no short one
SHORTEST = 20  # characters of a sentence that can answer
OPENING = 0.04  # what the first sentences of a passage gain
BEGINNING = 0.1  # what the beginning of a section gains
COMPANY = 0.05  # what a section gains for each further passage that was found of it
NEAREST = 3  # passages shown when nothing answers
_FACT = re.compile(
    r"\b(?:who|whom|whose|when|where|which|how (?:many|much|long|old|often|large|big|far|fast|high|"
    r"tall|deep)|what (?:year|date|number|percentage|share|size|name|version|day|time|licen[cs]e|"
    r"accuracy|score|value|range|dimension\w*)|"
    r"what(?:'s| is| was| are| were) the \w+ (?:of|in|for))\b",
    re.IGNORECASE,
)
_DEFINE = re.compile(
    r"(?:what(?:'s| is| are)|define|explain|who is|who are)\s+(?:the |an? )?(.{2,60}?)\s*\??",
    re.IGNORECASE,
)
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
    roles: ClassVar[tuple[str, ...]] = ("reader",)
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
        collections = turn.options.collections
        passages = self._library.search(
            _in_context(question, turn), CANDIDATES, collections=collections
        )
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
        """Return the sentences that answer, or none if nothing in the passages does.

        A question for a fact is answered by the sentence with the reader's short answer, one for
        a definition by the sentence that defines, any other by the closest sentences in a row.
        """
        answers = self._models.reader.read(question, [passage.text for passage in passages])
        found = [
            _around(passage, answer.start, answer.end, joint)
            for answer, passage in zip(answers, passages, strict=True)
            if answer.text
            and passage.score >= BEARS_ON
            and (joint := _joint(answer.score, passage.score)) >= FOUND
        ]
        if found and _FACT.search(question):
            texts = [f"{item.passage.heading}: {item.text}" for item in found]
            vectors = self._models.encoder.encode([question, *texts])
            weights = [
                item.score * float(likeness)
                for item, likeness in zip(found, vectors[1:] @ vectors[0], strict=True)
            ]
            return (found[weights.index(max(weights))],)
        on_subject = max(passage.score for passage in passages) >= ON_SUBJECT
        if not on_subject or min(answer.no_answer for answer in answers) > NO_ANSWER:
            return ()
        defined = _definition(question, passages)
        return (defined,) if defined else self._stretch(question, _best_section(passages)[:most])

    def _stretch(self, question: str, passages: Sequence[Passage]) -> tuple[Evidence, ...]:
        """Return the sentences in a row that are most like the question."""
        best: tuple[float, Evidence] | None = None
        for passage in passages:
            spans = [span for span in _prose(passage.text) if span[1] - span[0] >= SHORTEST]
            if not spans:
                continue
            texts = [f"{passage.heading}: {passage.text[a:b]}" for a, b in spans]
            vectors = self._models.encoder.encode([question, *texts])
            scores = vectors[1:] @ vectors[0]
            for first in range(max(1, len(spans) - LEAD + 1)):
                window = scores[first : first + LEAD]
                score = float(window.mean()) + (OPENING if first == 0 else 0.0)
                score += BEGINNING if passage is passages[0] else 0.0
                if best is None or score > best[0]:
                    end = spans[min(first + LEAD, len(spans)) - 1][1]
                    best = score, Evidence(passage, spans[first][0], end, score)
        return (best[1],) if best else ()

    def _phrase(
        self, question: str, evidence: Sequence[Evidence], turn: Turn
    ) -> Generator[Event, None, bool]:
        """Let the generator word the answer, show what the evidence supports; say if any is."""
        sources = [item.text for item in evidence]
        prompt = render("grounded", question=question, passages=sources, answer=sources[0])
        pieces: list[str] = []
        try:
            name, sampling = turn.options.generator, turn.options.sampling
            for piece in self._generators.stream(name, [Message("user", prompt)], sampling):
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


def _best_section(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages found of the best section, in the document's order."""
    sections: dict[tuple[str, str], list[Passage]] = {}
    for passage in passages:
        sections.setdefault((passage.document_id, passage.heading), []).append(passage)
    best = max(
        sections.values(),
        key=lambda section: max(p.score for p in section) + COMPANY * (len(section) - 1),
    )
    return sorted(best, key=lambda passage: passage.start)


def _definition(question: str, passages: Sequence[Passage]) -> Evidence | None:
    """Return the sentences that begin "X is …", for a question such as "What is X?"."""
    asked = _DEFINE.fullmatch(question.strip())
    if asked is None:
        return None
    subject = re.escape(asked.group(1).strip())
    opens = re.compile(rf"(?:the |an? )?{subject}(?:\s*\([^)]*\))?(?:,[^,.]*,)? (?:is|are)\b", re.I)
    for passage in passages:
        spans = _prose(passage.text)
        for index, (start, end) in enumerate(spans):
            if opens.match(passage.text[start:end]):
                last = spans[min(index + LEAD, len(spans)) - 1][1]
                return Evidence(passage, start, last, 1.0)
    return None


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


def _joint(score: float, similarity: float) -> float:
    """Return the reader's score, raised in a passage that search finds close and lowered in a far
    one: the reader alone finds a name in any passage.
    """
    bounded = min(max(score, 1e-6), 1 - 1e-6)
    odds = math.log(bounded / (1 - bounded)) + SHIFT * (similarity - HALF_WAY)
    return 1 / (1 + math.exp(-odds))


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
