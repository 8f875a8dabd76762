"""Puts misspelt words of an instruction right, as far as the example utterances know them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Indel

COMMON = 3  # uses from which a word of the utterances is worth correcting to
SHORTEST = 4  # letters; shorter words are too easily something else
LIKENESS = 0.8  # of a misspelt word and what was meant: share of letters that both have, in order

_WORD = re.compile(r"[a-z]+")


class Spelling:
    """Knows the words of the utterances; leaves every other word alone unless it is close."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
        self._known = frozenset(counts)
        self._targets: dict[str, list[str]] = {}
        for word, count in counts.items():
            if count >= COMMON and len(word) >= SHORTEST:
                self._targets.setdefault(word[0], []).append(word)
        self._nearest = lru_cache(maxsize=4096)(self._find)

    def correct(self, text: str) -> str:
        """Return the text with lower-case words put right; the rest stays as it is."""
        return _WORD.sub(lambda match: self._nearest(match.group()), text)

    def _find(self, word: str) -> str:
        if len(word) < SHORTEST or word in self._known:
            return word
        near = [
            target for target in self._targets.get(word[0], ()) if abs(len(target) - len(word)) <= 2
        ]
        best = process.extractOne(
            word, near, scorer=Indel.normalized_similarity, score_cutoff=LIKENESS
        )
        return best[0] if best else word
