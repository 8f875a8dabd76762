"""Scores the readings of a turn: how well each agrees with what its words are, and what it asks.

The segmenter says of every word whether it is material or request, and which tools the turn as a
whole asks for; the classifier says what a reading's instruction asks for. A reading is good when
its payload is just the material and its instruction asks clearly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from assistant.router.intents import Encodes, Intents
from assistant.router.payload import splits
from assistant.router.spelling import Spelling
from assistant.router.split import Split, split_at, stretch
from assistant.router.utterances import ABOUT_TEXT, MATERIAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assistant.models.segmenter import Segmented

    Vector = NDArray[np.float32]


INSTRUCTION = 200  # characters of an instruction that are read
SET_OFF = ("fence", "quotes", "blocks", "lines", "colon")  # forms that set the material off
RECENT = 32  # texts whose readings are kept
TRIED = 3  # readings whose instruction is classified
FEW = 5  # words of material that the segmenter was never taught
BEHIND = 4.0  # nats by which a reading may agree less than the best one and still be tried
AT_ONCE = 0.3  # probability from which one of several tools is asked for
_DENIED = re.compile(  # "not the names, what happened?"
    r"(?<!or )\bnot\b|n['’]?t matter\b|\b(?:never mind|forget|without|instead of|rather than)\b",
    re.IGNORECASE,
)
SHARE = 0.2  # of a word piece that counts: its neighbours mostly say the same
DOUBT = 2.0  # nats: no single word piece speaks louder than this
HEARD = 0.5  # weight of the whole turn beside the instruction when they say what is asked
CLARITY = 2.0  # weight of what is asked beside the agreement
_AND = re.compile(r"\s*(?:\band\b|\bthen\b|\bplus\b|\bas well as\b|[,;&+?]|\.\s)\s*", re.IGNORECASE)
LEAST = 0.01  # probability that nothing is asked, whatever the segmenter says
BOTH_ENDS = -0.2  # nats for a request that begins before the material and goes on behind it
LOOSE = -6.0  # nats for an end of the material that no sign of writing marks
_OPENING = re.compile(r"(?:^|[.!?:;,…—–\-\n\"'“”‘’«»(\[])\s*$")  # what stands before material
_CLOSED = re.compile(r"[.!?…\"”’»)\]]$")  # how it ends
_CLOSING = re.compile(r"\s*(?:$|[\n:—–\-(\[\"'“”‘’«»])")  # what stands behind it
_FORMS = {  # nats by which a way of writing says "here is the material"
    "fence": 3.0,
    "quotes": 1.5,
    "blocks": 1.5,
    "lines": 1.0,
    "colon": 1.0,
    "brackets": 0.5,
    "dash": 0.2,
    "sentences": 0.0,
    "wording": -4.0,
    "": 0.0,
}


class Segments(Protocol):
    """The part of the segmenter that routing needs."""

    def read(self, text: str) -> Segmented:
        """Return what the words of a turn are, and what it asks for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A split of the turn with what its instruction and the whole turn ask for."""

    split: Split
    probabilities: dict[str, float]  # "documents" holds the share of questions on a text, too
    asked: Mapping[str, float]  # tool → probability that the turn asks for it, each on its own
    embedding: Vector
    score: float  # nats; only comparable between the readings of one turn

    @property
    def intent(self) -> str:
        """The most probable intent that asks for something."""
        asking = self.probabilities.keys() - {MATERIAL, ABOUT_TEXT}
        return max(sorted(asking), key=lambda name: self.probabilities[name])

    @property
    def certainty(self) -> float:
        """The probability of ``intent``."""
        return self.probabilities[self.intent]


class Readings:
    """Reads turns with one segmenter and one classifier."""

    def __init__(self, intents: Intents, encoder: Encodes, segmenter: Segments) -> None:
        self.readers = intents.readers
        self._intents = intents
        self._encoder = encoder
        # Each turn of a chat looks at the turns before it again.
        self._segmented = lru_cache(RECENT)(segmenter.read)
        self._recent = lru_cache(RECENT)(self._read)
        self._spelling = Spelling(intents.lines)

    def read(self, text: str) -> tuple[Reading, ...]:
        """Return the readings that could be meant, the best first."""
        return self._recent(text.strip())

    def _read(self, text: str) -> tuple[Reading, ...]:
        segmented = self._segmented(text)
        agreement = {
            split: _agreement(split, text, segmented) + _writing(split, text, segmented)
            for split in (*splits(text), *_by_wording(text, segmented))
        }
        likely = sorted(agreement, key=lambda split: -agreement[split])[:TRIED]
        likely = [split for split in likely if agreement[split] > agreement[likely[0]] - BEHIND]
        texts = [self._spelling.correct(split.instruction[:INSTRUCTION]) for split in likely]
        rows = self._encoder.encode(texts)
        readings = []
        for split, probabilities, row in zip(
            likely, self._intents.probabilities(texts, rows), rows, strict=True
        ):
            named = dict(zip(self._intents.names, map(float, probabilities), strict=True))
            asked = _blend(named, segmented.asked)
            reading = Reading(split, asked, segmented.asked, row, 0.0)
            score = agreement[split] + CLARITY * float(np.log(reading.certainty + 1e-6))
            if _is_short(split) and reading.intent not in self.readers:
                score -= DOUBT * len(split.payload.split())  # likely a word that is asked about
            readings.append(replace(reading, score=score))
        return tuple(sorted(readings, key=lambda reading: -reading.score))

    def at_once(self, reading: Reading) -> tuple[str, ...]:
        """Return the tools that one instruction asks for, in the order asked."""
        heard = [name for name in self.readers if reading.asked.get(name, 0.0) >= AT_ONCE]
        if len(heard) < 2 or reading.intent not in heard:
            return (reading.intent,)
        parts = [part for part in _AND.split(reading.split.instruction) if part.strip(" .?!,")]
        parts = [part for part in parts if not _DENIED.search(part)] or parts
        likeliest = [
            max(found, key=lambda name: found[name]) for found in self.probabilities(parts)
        ]
        tools = tuple(name for name in dict.fromkeys(likeliest) if name in heard)
        return tools if reading.intent in tools else (reading.intent,)

    def material(self, text: str) -> float:
        """Return the share of a text's words that are material rather than a request."""
        words = self._segmented(text).material
        return float((words > 0).mean()) if len(words) else 0.0

    def probabilities(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return what each instruction asks for on its own: intent → probability."""
        rows = self._encoder.encode(texts)
        return [
            dict(zip(self._intents.names, map(float, row), strict=True))
            for row in self._intents.probabilities(texts, rows)
        ]


def _blend(named: Mapping[str, float], asked: Mapping[str, float]) -> dict[str, float]:
    """Return the normalised geometric mean of what the instruction and the whole turn say."""
    raw = {
        name: value ** (1 - HEARD) * asked.get(name, 1 - max(asked.values())) ** HEARD
        for name, value in named.items()
    }
    total = sum(raw.values())
    blended = {name: value / total for name, value in raw.items()}
    blended["documents"] += blended[ABOUT_TEXT]
    return blended


def _agreement(split: Split, text: str, segmented: Segmented) -> float:
    """Return the log-likelihood of a split: its payload is material, and nothing else is."""
    start, end = stretch(split, text)
    inside = (segmented.starts < end) & (segmented.ends > start)
    odds = np.clip(segmented.material, -DOUBT, DOUBT)
    if _is_short(split):
        inside, odds = inside[~inside], odds[~inside]
    return -SHARE * float(np.logaddexp(0, np.where(inside, -odds, odds)).sum())


def _writing(split: Split, text: str, segmented: Segmented) -> float:
    """Return the nats by which the writing itself says that this is the material.

    Words alone seldom end the material in the middle of a sentence, and a turn that asks for
    something is not all material.
    """
    said = _FORMS[split.form]
    if not split.instruction:
        said += float(np.log(1 - max(segmented.asked.values()) + LEAST))
    if sum(bool(part.strip()) for part in split.parts) == 2:
        said += BOTH_ENDS
    if split.form == "wording":
        start, end = stretch(split, text)
        said += LOOSE * (not _OPENING.search(text[:start])) + LOOSE * (
            not _CLOSED.search(text[:end]) and not _CLOSING.match(text[end:])
        )
    return said


def _is_short(split: Split) -> bool:
    """Say whether the writing alone sets off a few words, which look like no material: "great"."""
    return split.form in {"quotes", "fence", "colon"} and 0 < len(split.payload.split()) <= FEW


def _by_wording(text: str, segmented: Segmented) -> list[Split]:
    """Return the split that the words alone suggest: the stretch likeliest to be the material."""
    odds = np.clip(segmented.material, -DOUBT, DOUBT)
    sums = np.concatenate([[0.0], np.cumsum(odds)])
    lows = np.minimum.accumulate(sums)
    end = int((sums - lows).argmax())
    if sums[end] - lows[end] <= 0:
        return []
    start = int(sums[:end].argmin())
    return [split_at(text, int(segmented.starts[start]), int(segmented.ends[end - 1]))]
