"""Scores the readings of a turn: what each would ask for, and how well it explains the turn.

Readings are tried from the likeliest form down, until none that is left could do better.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.router.intents import Encodes, Intents
from assistant.router.payload import Split, question_in, splits
from assistant.router.spelling import Spelling
from assistant.router.utterances import MATERIAL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

READERS = ("sentiment", "entities", "summarization", "moderation")  # work on material alone
ASKING = (*READERS, "documents", "conversation")
ABOUT_TEXT = "about_text"  # the share of "documents" that speaks of a given text

INSTRUCTION = 200  # characters of an instruction that are read
MATERIAL_HEAD = 160  # characters of the material that are looked at
SET_OFF = ("fence", "quotes", "blocks", "lines", "colon")  # forms that set the material off
MIXED = 0.75  # what a reading keeps that leaves material in the instruction, or asks nothing of it
STRONG_DOUBT, WEAK_DOUBT = 0.15, 0.6  # what a reading loses when its payload is no material
LABEL = 0.4  # what is kept by a single word, likely a label, and by a word asked about
CLOUDED = 0.88  # what a reading keeps that another would explain as well
CUED = 0.8  # how clear an instruction must be that only its wording sets off
DOUBTS = {"cues": 1.0}  # where nothing but the wording tells, the payload must look like material
LONG_INSTRUCTION = 25  # words
SHORT_PASSAGE = 5  # words; what is shorter is a word asked about and no passage
WORDINESS = 0.006  # what each word of the instruction costs
_FORMS = {  # how strongly a way of writing says "here is the material"
    "fence": 0.30,
    "quotes": 0.16,
    "blocks": 0.16,
    "lines": 0.14,
    "colon": 0.12,
    "brackets": 0.04,
    "dash": 0.02,
    "sentences": 0.0,
    "cues": -0.1,
    "": 0.0,
}
_STOP = re.compile(r"[.?!][\"'”’]?\s+\S")
_ASKED_FIRST = re.compile(r"[^.!?\n]{8,160}\?\s+\S")  # a question, and then more


@dataclass(frozen=True, slots=True)
class Reading:
    """A split of the turn with what the classifier says of its instruction and its material."""

    split: Split
    probabilities: dict[str, float]  # the two kinds of question count together as "documents"
    embedding: Vector
    score: float

    @property
    def intent(self) -> str:
        """The most probable intent that asks for something."""
        return max(ASKING, key=lambda name: self.probabilities[name])

    @property
    def certainty(self) -> float:
        """The probability of ``intent``."""
        return self.probabilities[self.intent]


class Readings:
    """Reads turns with one classifier."""

    def __init__(self, intents: Intents, encoder: Encodes) -> None:
        self._intents = intents
        self._encoder = encoder
        self._spelling = Spelling(intents.lines)

    def read(self, text: str) -> list[Reading]:
        """Return the readings that could be meant, the best first.

        When the best one asks for a tool that works on material but has none, the others follow
        all the same, because one of them may hold it.
        """
        found = splits(text)
        set_off = any(split.form in SET_OFF for split in found)
        bounds = {split: _score(split, "", 1.0, 1.0, set_off) for split in found}
        left = sorted(found, key=lambda split: -bounds[split])
        tried: list[Reading] = []
        while left:
            best = max(tried, key=lambda reading: reading.score, default=None)
            empty = best is not None and not best.split.payload and best.intent in READERS
            if best is not None and best.score >= bounds[left[0]] and not empty:
                break
            tried.append(self._try(left.pop(0), set_off))
        return sorted(tried, key=lambda reading: -reading.score)

    def whole(self, text: str) -> Reading:
        """Return the reading that takes all of a turn as the instruction."""
        return self._try(Split(text.strip(), "", ""), set_off=False)

    def probabilities(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return intent → probability for each text."""
        return self._classify(texts)[0]

    def _try(self, split: Split, set_off: bool) -> Reading:
        """Classify the instruction, the question in it, and a stretch of the material."""
        instruction = self._spelling.correct(split.instruction[:INSTRUCTION])
        texts = [instruction]
        if split.payload:
            texts += [_middle(split.payload), question_in(split)[:INSTRUCTION]]
        texts = list(dict.fromkeys(texts))
        probabilities, embeddings = self._classify(texts)
        own, asked = probabilities[0], probabilities[-1]
        if len(texts) == 3 and asked["documents"] > max(own[name] for name in ASKING):
            own = asked  # the words before the question only lead to it
        material = probabilities[1][MATERIAL] if len(texts) > 1 else 1.0
        reading = Reading(split, own, embeddings[0], 0.0)
        score = _score(split, reading.intent, reading.certainty, material, set_off)
        return Reading(split, own, embeddings[0], score)

    def _classify(self, texts: Sequence[str]) -> tuple[list[dict[str, float]], Vector]:
        rows = self._encoder.encode(texts)
        found = []
        for row in self._intents.probabilities(texts, rows):
            named = dict(zip(self._intents.names, (float(value) for value in row), strict=True))
            named[ABOUT_TEXT] = named.pop("question_answering", 0.0)
            named["documents"] = named.get("documents", 0.0) + named[ABOUT_TEXT]
            found.append(named)
        return found, rows


def _score(split: Split, intent: str, certainty: float, material: float, set_off: bool) -> float:
    """Return how well a reading explains the turn.

    An instruction should ask clearly for a tool, in few words; what is left should look like
    material, which matters less where the writing sets it off. A turn with material set off is
    hardly all instruction, and neither is one of many sentences.
    """
    instruction = split.instruction
    words = len(instruction.split())
    stops = len(_STOP.findall(instruction[:INSTRUCTION]))
    if not split.payload:
        certainty *= MIXED if set_off else 1.0
        return certainty * (MIXED if stops and words > LONG_INSTRUCTION else 1.0)
    if split.form == "cues" and certainty < CUED:
        return 0.0
    if split.form not in {"fence", "quotes", "blocks"} and len(split.parts) == 1:
        certainty *= MIXED**stops  # part of the instruction is likely the material's own
    if split.form in {"colon", "blocks", "lines"} and ": " in instruction:
        certainty *= CLOUDED  # an earlier colon is likelier the one that ends it
    if split.form == "colon" and _ASKED_FIRST.match(split.payload):
        certainty *= MIXED if intent == "documents" else CLOUDED
    short = intent == "documents" and len(split.payload.split()) < SHORT_PASSAGE
    if short or (intent == "conversation" and words == 1):
        certainty *= LABEL
    elif intent == "conversation":
        certainty *= MIXED
    doubt = STRONG_DOUBT if split.form in SET_OFF else DOUBTS.get(split.form, WEAK_DOUBT)
    return certainty * (1 - doubt * (1 - material)) + _FORMS[split.form] - WORDINESS * words


def _middle(payload: str) -> str:
    """Return a stretch of the material that says what it is; a long text's first words may not."""
    start = MATERIAL_HEAD if len(payload) >= 2 * MATERIAL_HEAD else 0
    return payload[start : start + MATERIAL_HEAD]
