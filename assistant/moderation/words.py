"""Lists of words: where a text holds one, whole and in any case. No entry is ever a pattern.

An entry is a word or a phrase; a ``*`` at its end stands for any ending of its last word. In
scripts written without blanks, such as Chinese and Thai, every character counts as a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.moderation.normalization import normalize

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_LETTER = r"\w\u0300-\u036f\u0900-\u0963\u0966-\u0dff"  # and the signs that go with letters
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[{_LETTER}])+|[^\s]")


@dataclass(frozen=True, slots=True)
class Found:
    """An entry of a list, and the characters of the text that it was found at."""

    start: int
    end: int
    entry: str


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[str, ...]
    open_end: bool
    text: str

    def matches(self, words: Sequence[str]) -> bool:
        """Say whether ``words`` are this entry's."""
        if len(words) < len(self.words) or words[:-1] != self.words[:-1]:
            return False
        last = self.words[-1]
        return words[-1].startswith(last) if self.open_end else words[-1] == last


class WordList:
    """Words and phrases to look for; looking takes as long for ten as for ten thousand.

    Raises:
        ValueError: an entry is blank, or its ``*`` follows no letter.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._phrases: defaultdict[str, list[_Entry]] = defaultdict(list)
        self._beginnings: dict[str, _Entry] = {}
        for text in entries:
            entry = _entry(text)
            if entry.open_end and len(entry.words) == 1:
                self._beginnings[entry.words[0]] = entry
            else:
                self._phrases[entry.words[0]].append(entry)
        self._lengths = sorted({len(word) for word in self._beginnings}, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._phrases or self._beginnings)

    def find(self, text: str) -> list[Found]:
        """Return every place of every entry, in the order of the text."""
        if not self:
            return []
        places = [match.span() for match in _TOKEN.finditer(text)]
        words = tuple(_fold(text[start:end]) for start, end in places)
        return [
            Found(start, places[place + len(entry.words) - 1][1], entry.text)
            for place, (start, _) in enumerate(places)
            for entry in self._at(words, place)
        ]

    def _at(self, words: tuple[str, ...], place: int) -> Iterator[_Entry]:
        first = words[place]
        for entry in self._phrases.get(first, ()):
            if entry.matches(words[place : place + len(entry.words)]):
                yield entry
        for length in self._lengths:
            if first[:length] in self._beginnings:
                yield self._beginnings[first[:length]]


def find_meant(words: WordList, text: str) -> list[Found]:
    """Return every place of every entry, as it is written or in disguise (see normalization)."""
    found = words.find(text)
    meant = normalize(text) if words else None
    if meant is None or meant.text == text:
        return found
    disguised = [
        Found(*meant.back(place.start, place.end), place.entry) for place in words.find(meant.text)
    ]
    return sorted({*found, *disguised}, key=lambda place: (place.start, place.end))


def words_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield the bounds of each word of the text, leaving signs out."""
    for match in _TOKEN.finditer(text):
        if any(character.isalnum() for character in match.group()):
            yield match.span()


def _entry(text: str) -> _Entry:
    body = text.strip()
    open_end = body.endswith("*")
    body = body.removesuffix("*")
    words = tuple(_fold(word) for word in _TOKEN.findall(body))
    if not words:
        raise ValueError(f"“{text}” is no word")
    if open_end and not body[-1].isalnum():
        raise ValueError(f"the * of “{text}” must follow the beginning of a word")
    return _Entry(words, open_end, text.strip())


def _fold(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace("’", "'")
