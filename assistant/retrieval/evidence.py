"""Finds the sentences of passages that answer a question, or that none does.

A question for a definition is answered by the sentence that defines, one for a fact by the
sentence with the reader's short answer, any other by the sentences in a row that are most like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.models.catalogue import Models
from assistant.models.reader import ReaderAnswer
from assistant.retrieval import answerability, quoting
from assistant.retrieval.question_kinds import Question
from assistant.summaries import content_words
from assistant.text import sentences
from assistant.types import Passage

CANDIDATES = 24  # passages that are looked through
READ = 8  # of them, from the best on, that the reader reads
ON_SUBJECT = 0.40  # similarity from which a passage answers a question without a short answer
NO_ANSWER = 0.5  # above this for every passage read, none of them answers
LEAD = 3  # sentences of an answer to a question that has no short one
SHORTEST = 20  # characters of a sentence that can answer

# What a stretch of sentences gains over its mean similarity to the question:
KNOWN = 0.25  # times the share of the question's content words that it holds
FOUND = 0.2  # times the similarity of its passage
OPENING = 0.04  # if it begins its passage
STEPS = 0.08  # if code follows it and the question asks how
SAYS_WHAT = 0.08  # times how much it is like the definition that is asked for
ELSEWHERE = -0.15  # times the share of its sentences that only say where something is explained

# What makes a sentence a definition, and how much of it there must be:
IS_A = 3.0  # it begins "X is a …"
IS = 1.5  # "X is …", "X means …"
DOES = 1.0  # "X saves …"
HEADED = 1.2  # it opens the section called X
DEFINES = 1.2
_IS_A = r"(?:is|are|was|were) (?:an?|the|any|one|simply|just|basically|essentially)\b"
_IS = (
    r"(?:is|are|was|were|refers? to|means?|stands? for|describes?|denotes?)\b"
    r"(?! (?:only|also|currently|not|now|still|available|supported)\b)"
)
_DOES = r"(?:\w+[^s\W]s|can|lets?|allows?)\b"
_SORT = (
    r"(?: (?:class|method|function|library|technique|algorithm|strategy|approach|format|model))?"
)

_POINTS = re.compile(
    r"(?:this (?:guide|page|section|chapter|document|tutorial|notebook|article|part)|in this |"
    r"the following |for (?:more|a (?:more|comprehensive|complete|full|detailed)) |see |refer |"
    r"check (?:out )?|learn (?:more )?(?:about|how)|take a look|read |have a look|to learn )",
    re.IGNORECASE,
)

# Two characters of the private use area stand for bold while markup is taken off around them.
_BEGIN, _FINISH = "\ue000", "\ue001"
_MARKS = re.compile(f"[{_BEGIN}{_FINISH}]")
_MARKED = re.compile(
    rf"(?P<before>.*){_BEGIN}\s*(?P<answer>\S.*?)\s*{_FINISH}(?P<after>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of a passage that bears on the question: ``passage.text[start:end]``."""

    passage: Passage
    start: int
    end: int
    answer: tuple[int, int] | None = None  # the short answer within the passage

    @property
    def text(self) -> str:
        """The stretch in words, without markup; code in it stays as it is."""
        return self._words(self.passage.text, self.end)

    @property
    def marked(self) -> str:
        """The same with the short answer in bold."""
        if self.answer is None:
            return self.text
        text, (start, end) = _MARKS.sub(" ", self.passage.text), self.answer
        text = f"{text[:start]}{_BEGIN}{text[start:end]}{_FINISH}{text[end:]}"
        words = self._words(text, self.end + 2)
        match = _MARKED.fullmatch(words)
        if (
            match is None
            or "*" in match["before"] + match["answer"]
            or "`" in match["answer"]
            or match["before"].count("`") % 2
        ):
            return _MARKS.sub("", words)
        return f"{match['before']}**{match['answer']}**{match['after']}"

    def _words(self, text: str, end: int) -> str:
        if text[self.start] == "|":
            return quoting.row(text, self.start, end)
        return quoting.quoted(text[self.start : end])


def find(question: Question, passages: Sequence[Passage], models: Models) -> Evidence | None:
    """Return what answers ``question`` in ``passages``, best first, or None if nothing does."""
    on_subject = max(passage.score for passage in passages) >= ON_SUBJECT
    if question.kind == "definition":
        defined = define(question.subjects[0], passages)
        if defined is not None:
            return defined
    weights = answerability.shipped()
    read = passages[:READ]
    answers = models.reader.read(question.text, [passage.text for passage in read])
    rows = answerability.features(question.text, read, answers, models.encoder)
    chances = [
        weights.chance(row) if _can_be_shown(passage, answer) else 0.0
        for row, passage, answer in zip(rows, read, answers, strict=True)
    ]
    best = max(range(len(read)), key=chances.__getitem__)
    found = chances[best] >= weights.threshold
    if question.kind == "fact":
        return _around(read[best], answers[best]) if found else None
    unread = min(answer.no_answer for answer in answers) > NO_ANSWER
    answered = on_subject and (found or not unread)
    return _stretch(question, passages, models) if answered else None


def define(subject: str, passages: Sequence[Passage]) -> Evidence | None:
    """Return the sentences that say what ``subject`` is, if any begin so or open its section."""
    named = set(content_words(subject))
    best: tuple[float, Evidence] | None = None
    for passage in passages:
        spans = _sentences(passage.text)
        headed = _is_called(passage, subject) and passage.start == _section_start(passage, passages)
        for index, (start, end) in enumerate(spans):
            sentence = quoting.quoted(passage.text[start:end])
            opens = headed and index == 0 and named <= set(content_words(sentence))
            score = _defines(subject, sentence) + (HEADED if opens else 0.0)
            score += passage.score  # of equals the one that search prefers
            if score >= DEFINES + passage.score and (best is None or score > best[0]):
                last = spans[min(index + LEAD, len(spans)) - 1][1]
                best = score, Evidence(passage, start, last)
    return best[1] if best else None


def _defines(subject: str, sentence: str) -> float:
    """Say how much a sentence is like the definition of ``subject``, from 0 to ``IS_A``."""
    plain = sentence.replace("`", "")
    named = re.escape(subject.replace("`", "")).replace(r"\ ", r"[ -]")
    named = named.removesuffix("s") + "s?"
    openings = [plain]
    if "(" in plain[:80]:  # "A key-value (KV) cache is …", "Low-Rank Adaptation (LoRA) is …"
        before, _, after = plain.partition("(")
        inside, _, rest = after.partition(")")
        openings += [f"{before.rstrip()} {rest.lstrip()}", f"{inside} {rest.lstrip()}"]
    worth = 0.0
    for opening in openings:
        for pattern, gain in ((_IS_A, IS_A), (_IS, IS), (_DOES, DOES)):
            begins = rf"(?:the |an? )?{named}{_SORT}(?:,[^,.]*,)? {pattern}"
            if re.match(begins, opening, re.IGNORECASE):
                worth = max(worth, gain)
    return worth


def _is_called(passage: Passage, subject: str) -> bool:
    """Say whether the passage's own heading, or else its document, names just ``subject``."""
    heading = passage.heading.rpartition("›")[2] or passage.document.rpartition(".")[0]
    return bool(heading) and set(content_words(heading)) == set(content_words(subject))


def _section_start(passage: Passage, passages: Sequence[Passage]) -> int:
    """Return where the first passage begins that was found of the section of ``passage``."""
    place = passage.document_id, passage.heading
    return min(p.start for p in passages if (p.document_id, p.heading) == place)


def _stretch(question: Question, passages: Sequence[Passage], models: Models) -> Evidence | None:
    """Return the sentences in a row that are most like the question."""
    places = [
        (passage, spans) for passage in passages[:READ] if (spans := _sentences(passage.text))
    ]
    texts = [
        f"{passage.heading}: {passage.text[a:b]}" for passage, spans in places for a, b in spans
    ]
    if not texts:
        return None
    vectors = models.encoder.encode([question.text, *texts])
    scores = iter(vectors[1:] @ vectors[0])
    asked = set(content_words(question.text))
    best: tuple[float, Evidence] | None = None
    for passage, spans in places:
        likeness = [float(next(scores)) for _ in spans]
        for first, last, mean in _windows(likeness):
            start, end = spans[first][0], spans[last][1]
            said = set(content_words(f"{passage.heading} {passage.text[start:end]}"))
            score = mean + FOUND * passage.score + KNOWN * len(asked & said) / max(1, len(asked))
            score += OPENING if first == 0 else 0.0
            score += ELSEWHERE * _pointing(passage.text, spans[first : last + 1])
            if question.kind == "definition":
                opening = quoting.quoted(passage.text[start : spans[first][1]])
                score += SAYS_WHAT * _defines(question.subjects[0], opening)
            after = quoting.follows(passage.text, end) if question.how_to else end
            score += STEPS if after > end else 0.0
            if best is None or score > best[0]:
                best = score, Evidence(passage, start, after)
    return best[1] if best else None


def _pointing(text: str, spans: Sequence[tuple[int, int]]) -> float:
    """Return the share of sentences that say where something is explained, not what it is."""
    return sum(bool(_POINTS.match(text, start)) for start, _ in spans) / len(spans)


def _windows(likeness: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    """Yield first, last and mean of every ``LEAD`` values in a row, or of all if there are less."""
    for first in range(max(1, len(likeness) - LEAD + 1)):
        window = likeness[first : first + LEAD]
        yield first, first + len(window) - 1, sum(window) / len(window)


def _sentences(text: str) -> list[tuple[int, int]]:
    return [span for span in quoting.prose(text) if span[1] - span[0] >= SHORTEST]


def _can_be_shown(passage: Passage, answer: ReaderAnswer) -> bool:
    """Say whether the reader's words stand in a sentence or a row, not in code or a heading."""
    if not answer.text.strip():
        return False
    text, place = passage.text, answer.start
    return quoting.is_row(text, place) or any(a <= place < b for a, b in quoting.prose(text))


def _around(passage: Passage, answer: ReaderAnswer) -> Evidence:
    """Return the sentence of the passage that holds the reader's answer, with a list it begins."""
    start, end = answer.start, answer.end
    spans = sentences(passage.text)
    for place, (first, last) in enumerate(spans):
        if first <= start < last:
            begins_list = passage.text[first:last].rstrip().endswith(":")
            stop = spans[min(place + LEAD, len(spans) - 1)][1] if begins_list else last
            return Evidence(passage, first, max(stop, end), (start, end))
    return Evidence(passage, start, end, (start, end))
