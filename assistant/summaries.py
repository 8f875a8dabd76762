"""Extractive summaries: the sentences of a text that say most of it, in their own order.

A sentence counts for how much of the text's vocabulary it shares (its cosine similarity to the
mean of all sentences: the centroid of Radev et al., Information Processing & Management 40, 2004,
which is what LexRank calls degree), for its length, and in long texts for standing early. The
weights were chosen on news and abstracts; ``python -m assistant evaluate summarizer`` measures.

A sentence that leans on the one before it (“But she …”) is only taken together with it. Nothing
is ever invented. No model is needed, and the time is linear in the length of the text.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.text import sentences

SHORTEST = 4  # words; what is shorter is a heading or a fragment
SHARE = 0.25  # of a text's sentences, if the user did not say how many
USUAL = 4  # sentences at most, if the user did not say how many
REPEATS = 0.7  # cosine similarity from which a sentence says again what another one said

LONG_TEXT = 18  # sentences at which a text is half way to one whose beginning counts
LONG_WIDTH = 2.0  # sentences; how gradually
CENTRAL = 1.0  # worth of a standard deviation of likeness to the whole text
EARLY = 0.7  # worth of the first sentence of any text over the last
EARLY_IF_LONG = 8.0  # the same, in a long text
EARLINESS = 4.0  # sentences after which that worth has fallen to 37 %
BRIEF_IF_LONG = 0.5  # what a sentence of a long text loses for each e-fold of its length

Words = Mapping[str, float]
Spans = Sequence[tuple[int, int]]

_WORD = re.compile(r"\w+")
_ENDING = re.compile(r"(?:ies|es|s|ed|ing|ly)$")
_COMMON = frozenset(
    word
    for line in (
        "a about above after again against all also am an and any are as at be because been before",
        "being below between both but by can could did do does doing down during each few for from",
        "further had has have having he her here hers him his how i if in into is it its itself",
        "just me more most my no nor not now of off on once only or other our out over own s said",
        "same say says she should so some such t than that the their them then there these they",
        "this those through to too under until up us very was we were what when where which while",
        "who whom why will with would you your",
    )
    for word in line.split()
)
_LEANS = re.compile(r"[\"'“‘(\[]*(?:he|she|it|they|him|them|but|and|or|however)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Summary:
    """The chosen sentences as (start, end) in the text, in its order, out of ``total``."""

    spans: tuple[tuple[int, int], ...]
    total: int
    words: int  # of the summary
    text_words: int


def summarize(text: str, count: int | None = None) -> Summary:
    """Choose ``count`` sentences of ``text``, or as many as suit its length."""
    every = sentences(text)
    spans = worth_reading(text, every)
    wanted = count or max(1, min(USUAL, math.ceil(SHARE * len(spans))))
    chosen = [spans[place] for place in choose([text[a:b] for a, b in spans], wanted)]
    words = sum(len(text[start:end].split()) for start, end in chosen)
    return Summary(tuple(chosen), len(every), words, len(text.split()))


def worth_reading(text: str, spans: Spans) -> Spans:
    """Leave out fragments, unless there is nothing else."""
    return [(a, b) for a, b in spans if len(text[a:b].split()) >= SHORTEST] or spans


def choose(lines: Sequence[str], wanted: int) -> list[int]:
    """Return the places of the ``wanted`` best sentences, in order; all, if there are no more.

    Sentences that repeat a chosen one, or lean on one for which there is no room, are taken only
    where nothing else is left.
    """
    if len(lines) <= wanted:
        return list(range(len(lines)))
    vectors = [_vector(line) for line in lines]
    worth = _worth(lines, vectors)
    chosen: set[int] = set()
    while len(chosen) < wanted:
        room = wanted - len(chosen)
        groups = [_with_support(place, lines, chosen, room) for place in range(len(lines))]
        fitting = [
            group
            for group in groups
            if 0 < len(group) <= room and not _repeats(group[-1], chosen, vectors)
        ]
        left = fitting or [[place] for place in range(len(lines)) if place not in chosen]
        chosen |= set(max(left, key=lambda group: statistics.fmean(worth[p] for p in group)))
    return sorted(chosen)


def _with_support(place: int, lines: Sequence[str], chosen: set[int], room: int) -> list[int]:
    """Return the sentence and, before it, those on which it leans: none if it is chosen already,
    no more than one beyond ``room``.
    """
    if place in chosen:
        return []
    first = place
    while first > 0 and _LEANS.match(lines[first]) and first - 1 not in chosen:
        first -= 1
        if place - first >= room:
            break
    return list(range(first, place + 1))


def _repeats(place: int, chosen: set[int], vectors: Sequence[Words]) -> bool:
    return any(_cosine(vectors[place], vectors[other]) >= REPEATS for other in chosen)


def _worth(lines: Sequence[str], vectors: Sequence[Words]) -> list[float]:
    """Return how much each sentence says of the whole."""
    count = len(lines)
    long = 1 / (1 + math.exp((LONG_TEXT - count) / LONG_WIDTH))  # 0 to 1
    early = EARLY + EARLY_IF_LONG * long
    return [
        CENTRAL * central
        + early * math.exp(-place / EARLINESS)
        - BRIEF_IF_LONG * long * math.log(max(SHORTEST, len(line.split())))
        for place, (line, central) in enumerate(zip(lines, _central(vectors), strict=True))
    ]


def _central(vectors: Sequence[Words]) -> list[float]:
    """Return each sentence's likeness to the mean of all, in standard deviations from the mean."""
    total: Counter[str] = Counter()
    for vector in vectors:
        total.update(vector)
    likeness = [_cosine(vector, total) for vector in vectors]
    mean, spread = statistics.fmean(likeness), statistics.pstdev(likeness)
    return [(value - mean) / (spread or 1.0) for value in likeness]


def _vector(line: str) -> Words:
    """Return the content words of a sentence, as a vector of length 1 (or 0, if it has none)."""
    counts = Counter(content_words(line))
    length = math.sqrt(sum(counts.values()))  # of the square roots
    return {word: math.sqrt(number) / length for word, number in counts.items()}


def content_words(line: str) -> list[str]:
    """Return the words that mean something by themselves, in lower case, without endings."""
    words = (word.lower() for word in _WORD.findall(line))
    return [
        _ENDING.sub("", word) if len(word) > 4 else word for word in words if word not in _COMMON
    ]


def _cosine(one: Words, other: Words) -> float:
    """Return the dot product; ``one`` should be the smaller."""
    return sum(weight * other.get(word, 0.0) for word, weight in one.items())
