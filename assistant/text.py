"""Splits text into sentences, by offsets, so that whatever is built on them can be traced back.

Knows English punctuation, abbreviations, Markdown's line structure and full-width stops;
knows nothing of documents or models.
"""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def tidy(text: str) -> str:
    """Return text from outside without what no reader could show: control characters (line breaks
    and tabs stay) and halves of surrogate pairs, which become the replacement character.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Followed by a name or number far more often than by a new sentence.
_NEVER_LAST = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "mx",
        "dr",
        "prof",
        "rev",
        "hon",
        "gen",
        "col",
        "sgt",
        "capt",
        "lt",
        "gov",
        "sen",
        "rep",
        "st",
        "mt",
        "ft",
        "messrs",
        "mme",
        "mlle",
        "fr",
        "e.g",
        "i.e",
        "eg",
        "ie",
        "vs",
        "v",
        "cf",
        "viz",
        "approx",
        "ca",
        "c",
        "fig",
        "figs",
        "eq",
        "eqs",
        "sec",
        "ch",
        "no",
        "nos",
        "vol",
        "vols",
        "p",
        "pp",
        "ed",
        "eds",
        "art",
        "al",
        "ref",
        "refs",
        "dept",
        "univ",
        "resp",
        "incl",
        "excl",
        "est",
        "min",
        "max",
        "avg",
        "tel",
        "bzw",
        "z.b",
        "d.h",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)
# May end a sentence; a capital after them decides, except where a name is likelier to follow.
_MAYBE_LAST = frozenset(
    [
        "etc",
        "inc",
        "ltd",
        "co",
        "corp",
        "jr",
        "sr",
        "bros",
        "a.m",
        "p.m",
        "am",
        "pm",
        "ph.d",
        "m.d",
        "b.a",
        "m.a",
    ]
)
_STARTERS = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "he",
        "she",
        "they",
        "we",
        "i",
        "you",
        "his",
        "her",
        "their",
        "our",
        "my",
        "your",
        "there",
        "here",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "as",
        "if",
        "when",
        "while",
        "where",
        "who",
        "what",
        "why",
        "how",
        "which",
        "but",
        "and",
        "or",
        "so",
        "then",
        "thus",
        "however",
        "also",
        "after",
        "before",
        "since",
        "because",
        "although",
        "though",
        "once",
        "no",
        "not",
        "some",
        "many",
        "most",
        "all",
        "each",
        "every",
        "both",
        "another",
        "meanwhile",
        "moreover",
        "finally",
        "first",
        "next",
    ]
)
_PROSE_WORDS_ENDING_IN_A_STOP = frozenset(
    ["no", "co", "sec", "min", "max", "mar", "est", "art", "ed", "st", "fig", "sen"]
)

_STOP = re.compile(
    r"(?<![.!?…])(?P<mark>[.!?…]+)(?P<close>[\"'”’»)\]*_`]*)(?=\s|$)|[。！？｡]+[」』”’）]*"
)
_BLOCK_START = re.compile(
    r"[ \t]*(?:[-*+•‣◦–—][ \t]|\d{1,3}[.)][ \t]|#{1,6}[ \t]|[|>]|```|~~~)"  # a Markdown block
)
_WHOLE_LINE = re.compile(r"[ \t]*(?:#{1,6}[ \t]|\||```|~~~)")  # never runs on into the next line
_LAST_WORD = re.compile(r"[\w.&'’-]*\Z")
_FIRST_WORD = re.compile(r"[\"'“‘«(\[*_`]*([^\W_]+)")
_WRAPPED_WIDTH = 45  # hard-wrapped prose has longer lines than this; shorter ones end on purpose


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the offsets of each sentence of ``text``, in order, without overlap.

    Every character that is not white space lies in exactly one sentence, and no sentence begins
    or ends with white space. A blank line, a list item, a heading and a table row each end a
    sentence; a line break inside wrapped prose does not. Takes linear time.
    """
    found: list[tuple[int, int]] = []
    for start, end in _paragraphs(text):
        position = start
        for stop in _STOP.finditer(text, start, end):
            if stop.end() < end and _ends_sentence(text, position, stop, end):
                found.append((position, stop.end()))
                position = _skip_space(text, stop.end(), end)
        if position < end:
            found.append((position, end))
    return found


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Join the lines that run on into one another; return their offsets, white space trimmed."""
    blocks: list[tuple[int, int]] = []
    start = end = -1  # the block being collected; start < 0 when there is none
    position = 0
    for line in text.splitlines(keepends=True):
        first = position + len(line) - len(line.lstrip())
        last = position + len(line.rstrip())
        position += len(line)
        if start >= 0 and (first >= last or _breaks(text, line, end)):
            blocks.append((start, end))
            start = -1
        if first >= last:
            continue
        if start < 0:
            start = first
        end = last
        if _WHOLE_LINE.match(line):
            blocks.append((start, end))
            start = -1
    if start >= 0:
        blocks.append((start, end))
    return blocks


def _breaks(text: str, line: str, end: int) -> bool:
    """Say whether ``line`` begins something new after the line that stops at offset ``end``."""
    if _BLOCK_START.match(line):
        return True
    previous = text[max(0, end - _WRAPPED_WIDTH) : end]
    short = len(previous) < _WRAPPED_WIDTH or "\n" in previous
    return short and line.lstrip()[0].isupper() and previous[-1] not in ",;-–—("


def _ends_sentence(text: str, start: int, stop: re.Match[str], end: int) -> bool:
    """Judge the stop by the words on either side of it."""
    mark = stop["mark"]
    if mark is None:  # full-width stops are never part of an abbreviation
        return True
    following = _FIRST_WORD.match(text, _skip_space(text, stop.end(), end), end)
    next_word = following[1] if following else ""
    if next_word[:1].islower() and (stop["close"] or "…" in mark or ".." in mark):
        return False  # "Stop!" he said; well... maybe
    if mark != ".":
        return True
    # A bounded look back keeps the whole linear.
    word_match = _LAST_WORD.search(text, max(start, stop.start() - 40), stop.start())
    word = word_match[0] if word_match else ""
    if start == stop.start() - len(word) and word.isdigit():
        return False  # "1. First item"
    return not _is_abbreviation(word, next_word, closed=bool(stop["close"]))


def _is_abbreviation(word: str, next_word: str, *, closed: bool) -> bool:
    plain = word.lower().strip("'’-")
    begins = next_word.lower() in _STARTERS and next_word[:1].isupper()
    if plain in _NEVER_LAST:
        if plain in _PROSE_WORDS_ENDING_IN_A_STOP and (begins or closed):
            return False
        return not begins or "." in plain
    if plain in _MAYBE_LAST:
        return not next_word[:1].isupper()
    initial = len(plain) == 1 and word.isalpha() and word.isupper() and word != "I"
    dotted = re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", plain) is not None  # "U.S"
    if initial or dotted:
        return bool(next_word) and not begins and not closed
    return False


def _skip_space(text: str, position: int, end: int) -> int:
    while position < end and text[position].isspace():
        position += 1
    return position
