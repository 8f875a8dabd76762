"""Finds the sentences of passages that answer a question, or that none does.

A question for a definition is answered by the sentence that defines, one for a fact by the
sentence with the reader's short answer, any other by the sentences in a row that are most like it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models.catalogue import Models
from assistant.retrieval import answerability
from assistant.text import sentences
from assistant.types import Passage

CANDIDATES = 8  # passages that the reader looks at
ON_SUBJECT = 0.40  # similarity from which a passage answers a question without a short answer
NO_ANSWER = 0.5  # above this for every passage, none of them answers
LEAD = 3  # sentences of an answer to a question that has no short one
SHORTEST = 20  # characters of a sentence that can answer
OPENING = 0.04  # what the first sentences of a passage gain
BEGINNING = 0.1  # what the beginning of a section gains
COMPANY = 0.05  # what a section gains for each further passage that was found of it
_OPEN = re.compile(
    r"(?:(?:and|so|but|then|ok|please)[, ]+)*"
    r"(?:how (?:do|does|can|could|should|would|to|is|are)\b|explain|describe|compare|tell me|"
    r"what (?:is|are) the (?:differences?|advantages?|drawbacks?|point|idea)\b|"
    r"what does .* (?:do|mean)\b|what about\b|when (?:is|are|do|should|can)\b|"
    r"(?:which|what) .* should\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?!(?:is|are|was|were|do|does|did|can|could|should|will)\b).*"
    r"\b(?:who|whom|whose|what|when|where|which|how|name)\b",
    re.IGNORECASE | re.DOTALL,
)
_DEFINE = re.compile(
    r"(?:what(?:'s| is| are)|define|explain|who is|who are)\s+(?:the |an? )?(.{2,60}?)\s*\??",
    re.IGNORECASE,
)
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of a passage that bears on the question: ``passage.text[start:end]``."""

    passage: Passage
    start: int
    end: int
    answer: tuple[int, int] | None = None  # the short answer within the passage

    @property
    def text(self) -> str:
        """The stretch on one line."""
        return " ".join(self.passage.text[self.start : self.end].split())


def find(question: str, passages: Sequence[Passage], models: Models) -> Evidence | None:
    """Return what answers ``question`` in ``passages``, or None if nothing does."""
    weights = answerability.shipped()
    answers = models.reader.read(question, [passage.text for passage in passages])
    rows = answerability.features(question, passages, answers)
    chances = [
        weights.chance(row) if answer.text.strip() else 0.0
        for row, answer in zip(rows, answers, strict=True)
    ]
    best = max(range(len(passages)), key=chances.__getitem__)
    found = chances[best] >= weights.threshold
    on_subject = max(passage.score for passage in passages) >= ON_SUBJECT
    unread = min(answer.no_answer for answer in answers) > NO_ANSWER
    defined = _definition(question, passages) if on_subject else None
    if defined is not None:
        return defined
    if asks_for_a_fact(question):
        return _around(passages[best], answers[best].start, answers[best].end) if found else None
    answered = on_subject and (found or not unread)
    return _stretch(question, passages, models) if answered else None


def asks_for_a_fact(question: str) -> bool:
    """Say whether a question has a short answer, other than "How do I …?", "Is it …?", "HNSW"."""
    asked = question.strip()
    return bool(_ASKS.match(asked)) and not _OPEN.match(asked)


def _stretch(question: str, passages: Sequence[Passage], models: Models) -> Evidence | None:
    """Return the sentences in a row of the best section that are most like the question."""
    section = _best_section(passages)
    best: tuple[float, Evidence] | None = None
    for passage in section:
        spans = [span for span in _prose(passage.text) if span[1] - span[0] >= SHORTEST]
        if not spans:
            continue
        texts = [f"{passage.heading}: {passage.text[a:b]}" for a, b in spans]
        vectors = models.encoder.encode([question, *texts])
        scores = vectors[1:] @ vectors[0]
        for first in range(max(1, len(spans) - LEAD + 1)):
            window = scores[first : first + LEAD]
            score = float(window.mean()) + (OPENING if first == 0 else 0.0)
            score += BEGINNING if passage is section[0] else 0.0
            if best is None or score > best[0]:
                end = spans[min(first + LEAD, len(spans)) - 1][1]
                best = score, Evidence(passage, spans[first][0], end)
    return best[1] if best else None


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
                return Evidence(passage, start, last)
    return None


def _prose(text: str) -> list[tuple[int, int]]:
    """Return the sentences of a passage that are no code, table or heading."""
    code = [match.span() for match in _FENCE.finditer(text)]
    return [
        (start, end)
        for start, end in sentences(text)
        if not any(a < end and start < b for a, b in code) and text[start] not in "#|"
    ]


def _around(passage: Passage, start: int, end: int) -> Evidence:
    """Return the sentence of the passage that holds the reader's answer."""
    for first, last in sentences(passage.text):
        if first <= start < last:
            return Evidence(passage, first, max(last, end), (start, end))
    return Evidence(passage, start, end, (start, end))
