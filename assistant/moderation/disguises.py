"""Undoes what is done to words: digits and signs for letters, masks, repeats, letters kept apart.

A disguise is only undone where a word of the lexicon comes out. What is no disguise stays: links,
addresses, handles, numbers and their units, and words that are known as they stand.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from assistant.moderation.characters import Edit
from assistant.moderation.lexicon import harmful_words, is_known, listed_words, segmented, words

LETTERS = {  # what a digit or sign inside a word may stand for, the likelier first
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i", "|": "il", "+": "t", "€": "e", "£": "l", "¢": "c", "¥": "y",
    "§": "s", "ø": "o", "ł": "l", "đ": "d", "ß": "b", "æ": "a", "µ": "u",
}  # fmt: skip
SEPARATORS = "._-'’~^`"
MASK = "*"
PRICES = "@$€£¢¥"  # at its end they make a price, a rate or a handle
LONGEST = 40  # characters of a word that is looked at
VARIANTS = 64  # readings of a word that are tried
COMMON = 2_000  # words than which none counts as much commoner

_LINK = re.compile(
    r"https?://\S+|www\.\S+|(?<!\S)[^\s@]+@[^\s@]+\.\w+"
    r"|\b[\w-]{1,63}\.(?:com|net|org|io|co|ly|be|gov|edu|tv|me|info|uk|de)\b\S*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s/\\,;:()\[\]{}<>\"“”„«»?&=…—–%#]+")
_CORE = re.compile(r"[@$€£¢]?[^\W_](?:.*[^\W_]|.*[@$€£¢*])?", re.DOTALL)
_TWICE = re.compile(r"([^\W\d_])\1", re.IGNORECASE)
_THRICE = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
_CAMEL = re.compile(r"[a-z][A-Z][a-z]")
_UNIT = re.compile(r"\d+[a-z]{1,2}|[a-z]\d+|[a-z]{2}\d", re.IGNORECASE)
_APART = re.compile(r"(?<![^\W_])[a-z0-9@$](?:[^a-z0-9@$*]{1,3}[a-z0-9@$]){2,}(?![^\W_])", re.I)
_LETTER = re.compile(r"[a-z0-9@$]", re.IGNORECASE)


def whole_words(text: str) -> Iterator[Edit]:
    """Yield the disguised words of ``text`` and what they stand for."""
    links = [match.span() for match in _LINK.finditer(text)]
    for match in _WORD.finditer(text):
        core = None if _is_plain(match[0].rstrip(".!")) else _CORE.search(match[0])
        if core is None:
            continue
        start, word = match.start() + core.start(), _bare(core[0], match[0])
        if _is_plain(word) or any(first <= start < last for first, last in links):
            continue
        if found := _read(word):
            letters, places = found
            yield start, start + len(word), letters, tuple(start + place for place in places)


def _bare(core: str, whole: str) -> str:
    """Return a word without a possessive ending and the stars that make it bold."""
    core = core[:-2] if core[-2:] in {"'s", "’s"} else core
    return core.rstrip(MASK) if whole.startswith(MASK) else core


def _is_plain(word: str) -> bool:
    """Say whether there is surely nothing to undo."""
    if word.isascii() and word.isalpha():
        return (
            not _TWICE.search(word)
            or len(word) > LONGEST
            or len(set(word)) == 1
            or is_known(word)
            or _CAMEL.search(word) is not None
        )
    return not 3 <= len(word) <= LONGEST or not any(sign.isalpha() for sign in word)


@lru_cache(maxsize=50_000)
def _read(word: str) -> tuple[str, tuple[int, ...]] | None:
    """Return what ``word`` stands for, and which of its characters each letter begins at."""
    signs = (MASK if _is_picture(sign) else sign for sign in word.lower())
    runs = [(sign, len(list(group))) for sign, group in itertools.groupby(signs)]
    if _UNIT.fullmatch(word) or not all(sign == MASK or _options(sign, 1) for sign, _ in runs):
        return None
    priced = word[0] in PRICES or word[-1] in PRICES
    doubled = word.isalpha() and not _THRICE.search(word)
    spelled = _harmful(runs, bare=doubled) or (None if priced or doubled else _everyday(runs))
    if spelled is None and word.isalpha() and _THRICE.search(word):
        spelled = ["".join(sign * min(count, 2)) for sign, count in runs]
    if spelled is None or "".join(spelled) == word.lower():
        return None
    starts = itertools.accumulate((count for _, count in runs[:-1]), initial=0)
    places = [
        start + min(step, count - 1)
        for start, letters, (_, count) in zip(starts, spelled, runs, strict=True)
        for step in range(len(letters))
    ]
    return _cased("".join(spelled), [word[place] for place in places]), tuple(places)


def _is_picture(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign) == "So"


def _options(sign: str, count: int) -> list[str]:
    """Return what a run of one sign may stand for: once, twice, or nothing for a separator."""
    if sign in SEPARATORS:
        return [""]
    letters = LETTERS.get(sign) or unicodedata.normalize("NFD", sign)[:1]
    if not (letters.isascii() and letters.isalpha()):
        return []
    once, twice = [*letters], [letter * 2 for letter in letters]
    return once if count == 1 else twice + once


def _harmful(runs: list[tuple[str, int]], bare: bool) -> list[str] | None:
    """Return the harmful word that the runs may stand for, as the letters of each run.

    ``bare`` leaves out words with an ending, among which are too many that only look alike.
    """
    known = listed_words() if bare else harmful_words()
    if any(sign == MASK for sign, _ in runs):
        return _masked(runs, known)
    choices = [_options(sign, count) for sign, count in runs]
    for spelled in itertools.islice(itertools.product(*choices), VARIANTS):
        if "".join(spelled) in known:
            return list(spelled)
    return None


def _masked(runs: list[tuple[str, int]], known: Iterable[str]) -> list[str] | None:
    """Return the first of ``known`` that fits, each star or picture standing for one letter."""
    parts = [
        rf"(\w{{{count}}})" if sign == MASK else f"({'|'.join(_options(sign, count))})"
        for sign, count in runs
    ]
    fits = re.compile("".join(parts)).fullmatch
    return next((list(match.groups()) for match in map(fits, known) if match), None)


def _everyday(runs: list[tuple[str, int]]) -> list[str] | None:
    """Return the commonest known word that the runs may stand for; letters kept double count.

    Only for runs with a digit, a sign or three times the same letter: others are as they should.
    Each digit stands for one letter.
    """
    if any(sign in SEPARATORS + MASK for sign, _ in runs):
        return None
    choices = [
        _options(sign, count)
        if sign.isalpha() and count > 2
        else [letter * count for letter in _options(sign, 1)]
        for sign, count in runs
    ]
    ranks, best, lowest = words(), None, float("inf")
    for spelled in itertools.islice(itertools.product(*choices), VARIANTS):
        word = "".join(spelled)
        if len(word) < 2 or word not in ranks:
            continue
        single = sum(len(one) == 1 < count for one, (_, count) in zip(spelled, runs, strict=True))
        if (rank := (ranks[word] + COMMON) * 3**single) < lowest:
            best, lowest = list(spelled), rank
    return best


def _cased(letters: str, signs: Sequence[str]) -> str:
    """Return the letters in the case of the signs that they stand for."""
    shouted = not any(sign.islower() for sign in signs)
    return "".join(
        letter.upper() if sign.isupper() or (shouted and not sign.isalpha()) else letter
        for letter, sign in zip(letters, signs, strict=True)
    )


def letters_apart(text: str) -> Iterator[Edit]:
    """Yield runs of three or more single letters that make words together."""
    for match in _APART.finditer(text):
        if len(set(_LETTER.sub("", match[0])) - {" "}) > 1:  # a formula, or several lists
            continue
        places = [match.start() + letter.start() for letter in _LETTER.finditer(match[0])]
        letters = "".join(text[place] for place in places)
        if sum(sign.isalpha() for sign in letters) * 3 < len(letters) * 2:
            continue
        found = segmented(_plain(letters.lower()))
        if not found or max(map(len, found)) < 3:
            continue
        signs, rest = "", iter(places)
        begins: list[int] = []
        for word in found:
            if begins:
                signs, begins = signs + " ", [*begins, begins[-1] + 1]
            begins += itertools.islice(rest, len(word))
            signs += "".join(text[place] for place in begins[-len(word) :])
        yield match.start(), match.end(), _cased(" ".join(found), signs), tuple(begins)


def _plain(letters: str) -> str:
    return "".join(LETTERS.get(sign, sign)[0] for sign in letters)
