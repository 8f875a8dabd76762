"""The words that a disguise may stand for: harmful ones of our own list, and everyday ones.

The everyday ones are the encoder's vocabulary, whose order is about that of frequency.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

from assistant.models.encoder import package_folder
from assistant.models.tokens import TextTokenizer

HARMFUL_FILE = Path(__file__).with_name("harmful.txt")
ENDINGS = ("s", "es", "ed", "er", "ers", "ing", "y", "ly")
FIRST_WORD = 1996  # the vocabulary's first word of more than one letter, and its commonest
RANK = 15_000  # of a harmful word that the vocabulary lacks
LONGEST = 15  # letters of a word that may be spelled apart
SINGLE = {"a": 5, "i": 10}  # the words of one letter, and their ranks


@lru_cache(maxsize=1)
def listed_words() -> dict[str, None]:
    """Return the listed words, a dictionary without values, in their order."""
    lines = HARMFUL_FILE.read_text("utf-8").splitlines()
    return dict.fromkeys(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def harmful_words() -> dict[str, None]:
    """Return the listed words and then these with endings, before which a letter may double."""
    listed = listed_words()
    ended = [word + ending for ending in ENDINGS for word in listed]
    doubled = [word + word[-1] + ending for ending in ("ed", "er", "ing", "y") for word in listed]
    return dict.fromkeys([*listed, *ended, *doubled])


@lru_cache(maxsize=1)
def words() -> dict[str, int]:
    """Return word → rank from 1, the commonest first, of every word known."""
    numbers = TextTokenizer(package_folder()).vocabulary()
    ranks = {
        word: number - FIRST_WORD + 1
        for word, number in numbers.items()
        if number >= FIRST_WORD and word.isalpha() and word.isascii()
    }
    return {**dict.fromkeys(harmful_words(), RANK), **ranks, **SINGLE}


def is_known(word: str) -> bool:
    """Say whether ``word`` is one, in any letter case."""
    return word.lower() in words()


@lru_cache(maxsize=1)
def _costs() -> dict[str, float]:
    return {word: math.log(10 * rank) for word, rank in words().items()}


def segmented(letters: str) -> list[str]:
    """Return the likeliest words that ``letters`` make without blanks; none if they make none.

    Words are as likely as they are common. Of one letter only "a" and "i" count as words.
    """
    costs = _costs()
    best = [(0.0, 0)]  # up to each letter: the cost, and where the last word begins
    for end in range(1, len(letters) + 1):
        options = [
            (best[start][0] + cost, start)
            for start in range(max(0, end - LONGEST), end)
            if (cost := costs.get(letters[start:end]))
        ]
        best.append(min(options, default=(math.inf, end - 1)))
    if best[-1][0] == math.inf:
        return []
    found: list[str] = []
    end = len(letters)
    while end:
        start = best[end][1]
        found.append(letters[start:end])
        end = start
    return found[::-1]
