"""The plain recipe of a tutorial, to compare with: chunks of fixed size, the nearest four by
meaning, everything into the generator, which is told to say when it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from assistant.generation.loaded import Generators
from assistant.models.encoder import Encoder
from assistant.prompts import render
from assistant.retrieval.vectors import VectorIndex
from assistant.types import Message, Sampling

CHUNK, OVERLAP = 1000, 200  # characters
NEAREST = 4
_REFUSES = re.compile(
    r"\b(?:(?:don['’]t|do not|cannot|can['’]t) (?:know|answer|say|find)|unknown|"
    r"not (?:mentioned|stated|specified|provided|given|in the context)|no information)\b",
    re.IGNORECASE,
)


class Tutorial:
    """Answers questions on ``documents``, name → text."""

    def __init__(
        self, documents: Mapping[str, str], encoder: Encoder, generators: Generators
    ) -> None:
        self._encoder = encoder
        self._generators = generators
        self._chunks = [
            text[start : start + CHUNK]
            for text in documents.values()
            for start in range(0, max(1, len(text) - OVERLAP), CHUNK - OVERLAP)
        ]
        self._index = VectorIndex(encoder.dimensions)
        self._index.add(range(len(self._chunks)), np.asarray(encoder.encode(self._chunks)))

    def answer(self, question: str, sampling: Sampling) -> tuple[str, list[str]]:
        """Return what the generator says, and the chunks that it was given."""
        numbers, _ = self._index.search(self._encoder.encode([question])[0], NEAREST)
        chunks = [self._chunks[number] for number in numbers]
        prompt = render("tutorial", question=question, passages=chunks)
        pieces = self._generators.stream(None, [Message("user", prompt)], sampling)
        return "".join(pieces).strip(), chunks

    def refuses(self, answer: str) -> bool:
        """Say whether an answer is that there is none."""
        return not answer or _REFUSES.search(answer) is not None
