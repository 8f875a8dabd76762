"""Splits text into sentences, by offsets, so that whatever is built on them can be traced back.

Knows English punctuation, abbreviations, Markdown's line structure and full-width stops;
knows nothing of documents or models.
"""

from __future__ import annotations

import re

from assistant.abbreviations import is_abbreviation

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
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


def tidy(text: str) -> str:
    """Return text from outside without what no reader could show: control characters (line breaks
    and tabs stay) and halves of surrogate pairs, which become the replacement character.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))


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
    return not is_abbreviation(word, next_word, closed=bool(stop["close"]))


def _skip_space(text: str, position: int, end: int) -> int:
    while position < end and text[position].isspace():
        position += 1
    return position
