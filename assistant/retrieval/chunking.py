"""Cuts a document into passages that fit the encoder and that a person can read on their own.

A passage never crosses a heading and never begins a sentence of another page than its first;
sentences and rows stay whole where they fit, code fences and tables up to a greater length. The
rest of a table that is longer has the names of its columns in its heading.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from assistant.retrieval.formats import ROWS
from assistant.retrieval.loaders import LoadedDocument
from assistant.text import sentences

TARGET = 110  # word pieces, about 85 words; longer passages found the right page less often
LIMIT = 160
WHOLE = 400  # of a code fence or a table; the encoder reads 256, keyword search all of it
_OVERLAP = 45  # the longest sentence that is repeated at the start of the next passage
_HEADING_LENGTH = 160  # characters
_TITLE_LENGTH = 300  # characters of one heading that are looked at

_PIECE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]|[^\W_]{1,7}|[^\w\s]|_")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+)$")
_LINE = re.compile(r"\S[^\n]*")
_CLOSING = re.compile(r"[ \t]+#+$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)[^`]*$")
_MARKUP = re.compile(r"[*`_]{1,3}(?=\S)|(?<=\S)[*`_]{1,3}|!?\[([^\[\]]*)\]\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: ``document.text[start:end] == text``; ``page`` is the 1-based page it begins on.

    ``heading`` is the path of headings above it, "Sampling › Top-k"; empty without headings.
    """

    text: str
    start: int
    end: int
    heading: str
    page: int | None


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is kept whole: a sentence, a fence, a table, or a part of one that is too long."""

    start: int
    end: int
    pieces: int
    prose: bool


@dataclass(slots=True)
class _Section:
    heading: str
    blocks: list[tuple[int, int, bool]]  # start, end, whether it is prose

    def heading_at(self, text: str, place: int) -> str:
        """Return the heading, with the columns' names if ``place`` is amid the rows of a table."""
        for start, end, _ in self.blocks:
            if start < place < end and text.startswith("|", start) and text[place] == "|":
                names = text[start : text.find("\n", start)].strip("| ").split("|")
                columns = ", ".join(name.strip() for name in names if name.strip())
                return f"{self.heading} › {columns}".removeprefix(" › ")[:_HEADING_LENGTH]
        return self.heading


def chunk(document: LoadedDocument, target: int = TARGET, limit: int = LIMIT) -> tuple[Chunk, ...]:
    """Cut ``document`` into passages of about ``target`` and at most ``limit`` word pieces.

    Word pieces are estimated from the text, on the high side. Neighbouring passages of one
    section share at most one sentence. Every word outside a heading is in some passage.
    """
    text = document.text
    rows = f".{document.kind}" in ROWS
    found: list[Chunk] = []
    for section in _sections(text):
        units = [unit for block in section.blocks for unit in _units(text, *block, limit, rows)]
        for page, together in groupby(units, lambda unit: bisect_right(document.pages, unit.start)):
            for start, stop in _pack(list(together), target, limit):
                end = start + len(text[start:stop].rstrip())
                heading = section.heading_at(text, start)
                found.append(Chunk(text[start:end], start, end, heading, page or None))
    if not found and text.strip():  # nothing but headings
        units = list(_units(text, 0, len(text), True, limit, rows))
        found = [Chunk(text[a:b], a, b, "", None) for a, b in _pack(units, target, limit)]
    return tuple(found)


def pieces(text: str) -> int:
    """Estimate how many word pieces the encoder's tokenizer makes of ``text``."""
    return sum(1 for _ in _PIECE.finditer(text))


def _sections(text: str) -> Iterator[_Section]:
    path: list[tuple[int, str]] = []  # level and title of the headings above
    section = _Section("", [])
    for start, end, kind in _blocks(text):
        if kind != "heading":
            section.blocks.append((start, end, kind == "prose"))
            continue
        yield section
        match = _HEADING.match(text[start:end])
        level, title = (len(match[1]), match[2]) if match else (1, text[start:end])
        title = _CLOSING.sub("", title[:_TITLE_LENGTH].strip())
        path = [above for above in path if above[0] < level]
        path.append((level, _MARKUP.sub(r"\1", title).strip()))
        section = _Section(" › ".join(title for _, title in path)[-_HEADING_LENGTH:], [])
    yield section


def _blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Group lines into headings, fences, tables and the prose between them."""
    start, kind, fence = 0, "prose", ""
    position = 0
    for line in text.splitlines(keepends=True):
        if fence:
            now = "fence"
        elif _FENCE.match(line):
            now = "new fence"
        elif _HEADING.match(line.rstrip()):
            now = "heading"
        else:
            now = "table" if line.lstrip().startswith("|") else "prose"
        if now != kind or now == "heading":
            if position > start:
                yield start, position, kind
            start = position
        mark = _FENCE.match(line)
        if fence and mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence, kind = "", "closed fence"
        elif now == "new fence" and mark:
            fence, kind = mark[1], "fence"
        else:
            kind = now
        position += len(line)
    if position > start:
        yield start, position, kind


def _units(text: str, start: int, end: int, prose: bool, limit: int, rows: bool) -> Iterator[_Unit]:
    body = text[start:end]
    if rows:
        spans = [match.span() for match in _LINE.finditer(body)]
    elif prose:
        spans = sentences(body)
    else:
        left, right = len(body) - len(body.lstrip()), len(body.rstrip())
        spans = [(left, right)] if left < right else []
        limit = max(limit, WHOLE)
    for first, last in spans:
        for part in _fit(body, first, last, limit):
            count = pieces(body[part[0] : part[1]])
            yield _Unit(start + part[0], start + part[1], count, prose and not rows)


def _fit(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Cut what is longer than ``limit`` at its lines, else its cells, its words, or anywhere."""
    if pieces(text[start:end]) <= limit:
        yield start, end
        return
    stretch = text[start:end]
    separator = next(
        (p for p in (r"[^\n]+", r"·?[^·]+|·", r"\S+") if not re.fullmatch(p, stretch)), None
    )
    if separator is None:
        for first in range(start, end, limit):
            yield first, min(first + limit, end)
        return
    first = last = -1
    total = 0
    for match in re.finditer(separator, stretch):
        if not match[0].strip():
            continue
        count = pieces(match[0])
        if first >= 0 and total + count > limit:
            yield from _fit(text, first, last, limit)
            first = -1
        if first < 0:
            first, total = start + match.start(), 0
        last, total = start + match.end(), total + count
    if first >= 0:
        yield from _fit(text, first, last, limit)


def _pack(units: list[_Unit], target: int, limit: int) -> Iterator[tuple[int, int]]:
    """Fill passages with whole units; a short rest joins the passage before it."""
    index = 0
    overlap: _Unit | None = None
    while index < len(units):
        begin = overlap.start if overlap else units[index].start
        total = (overlap.pieces if overlap else 0) + units[index].pieces
        index += 1
        while index < len(units) and total + units[index].pieces <= target:
            total += units[index].pieces
            index += 1
        if _little_follows(units, index, min(target // 3, limit - total)):
            index = len(units)
        last = units[index - 1]
        yield begin, last.end
        follows = units[index] if index < len(units) else last
        most = limit if follows.prose else WHOLE
        fits = last.pieces <= _OVERLAP and last.pieces + follows.pieces <= most
        overlap = last if last.prose and fits else None


def _little_follows(units: list[_Unit], index: int, most: int) -> bool:
    """Say whether the units from ``index`` on hold at most ``most`` pieces; looks no further."""
    if not index < len(units) <= index + most:
        return False
    return sum(unit.pieces for unit in units[index:]) <= most
