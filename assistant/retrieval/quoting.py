"""What of a passage can be quoted, and how: its sentences, and its words without their markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from assistant.text import sentences

_FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(?:```+|~~~+)[ \t]*(\S*).*$", re.MULTILINE)
_CODE_LINE = re.compile(r"[{}\[\]();,=\\]\s*$|^\s*(?:>>>|\.\.\.|\$|#|//|@|</?\w|\"[\w.-]+\"\s*:)")
_RULE = re.compile(r"^[ \t]*\|?[ \t:|-]*-[ \t:|-]*\|?[ \t]*$")
_DIRECTIVE = re.compile(r"\[\[[^\[\]]*\]\]|<!--.*?(?:-->|\Z)", re.DOTALL)
_IMAGE_OR_LINK = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*[^()]*\)"
)
_REFERENCE = re.compile(r"\[(`[^`\n]*`)\](?:\[[^\[\]\n]*\])?")
_SHORTENED = re.compile(r"`~(?=[\w.]+`)")  # `~a.B.c` of a documentation generator
_STRONG = re.compile(r"(\*\*|\*)(?=\S)([^*\n]+?)(?<=\S)\1")
_LEADING = re.compile(r"^[ \t]*(?:>[ \t]?)+(?:\[![A-Z]+\][ \t]*)?|^[ \t]*[-*+][ \t]+", re.MULTILINE)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")


def prose(text: str) -> list[tuple[int, int]]:
    """Return the sentences of a passage, (start, end), that are no code, table or heading."""
    return [
        (start, end)
        for start, end in sentences(text)
        if not any(a < end and start < b for a, b in code(text))
        and text[start] not in "#|"
        and not text.startswith("[[", start)
        and any(letter.isalpha() for letter in quoted(text[start:end]))
    ]


def code(text: str) -> list[tuple[int, int]]:
    """Return the stretches of a passage that are code, also where a fence began before it."""
    fences = [*_FENCE.finditer(text)]
    if not fences:
        return [(0, len(text))] if _is_code(text) else []
    edges = [edge for fence in fences for edge in fence.span()]
    if _closes(fences, text):
        edges = [0, 0, *edges]
    edges += [len(text)] * (-len(edges) % 4)
    return [(edges[place], edges[place + 3]) for place in range(0, len(edges), 4)]


def follows(text: str, end: int) -> int:
    """Return where the code ends that comes right after ``end``, or ``end`` if none does."""
    for first, last in code(text):
        if first >= end and not text[end:first].strip():
            return last
    return end


def is_row(text: str, place: int) -> bool:
    """Say whether the character at ``place`` is in a row of a table that is not its header."""
    start = text.rfind("\n", 0, place) + 1
    if not text[start:].lstrip().startswith("|"):
        return False
    return any(_RULE.match(line) for line in takewhile(_in_table, text[:start].splitlines()[::-1]))


def row(text: str, start: int, end: int) -> str:
    """Return a row of a table with the names of its columns, "Model: T5 · Size: 60 MB"."""
    above = [*takewhile(_in_table, text[:start].splitlines()[::-1])]
    cells, names = _cells(text[start:end]), _cells(above[-1] if above else "")
    if len(cells) != len(names):
        return " · ".join(cell for cell in cells if cell)
    pairs = zip(names, cells, strict=True)
    return " · ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def quoted(text: str) -> str:
    """Return foreign Markdown as words: links, images and emphasis without their marks.

    Code in backticks stays, fenced code is not looked into, and line breaks in prose go.
    """
    parts: list[str] = []
    position = 0
    for match in _FENCED.finditer(text):
        parts += [_flat(text[position : match.start()]), match[0].strip("\n")]
        position = match.end()
    parts.append(_flat(text[position:]))
    return "\n\n".join(part for part in parts if part)


def _flat(text: str) -> str:
    text = _DIRECTIVE.sub("", text)
    text = _TAG.sub("", _IMAGE_OR_LINK.sub(r"\1", text))
    text = _SHORTENED.sub("`", _REFERENCE.sub(r"\1", text))
    text = _STRONG.sub(r"\2", _LEADING.sub("", text))
    return " ".join(text.split())


def _cells(line: str) -> list[str]:
    return [_flat(cell) for cell in line.strip().strip("|").split("|")]


def _in_table(line: str) -> bool:
    return line.lstrip().startswith("|")


def _closes(fences: Sequence[re.Match[str]], text: str) -> bool:
    """Say whether the first fence of a passage ends code that began before it."""
    first, last = fences[0], fences[-1]
    if len(fences) % 2 == 0 or first[1]:  # what opens code may name its language
        return False
    return bool(not last[1] and len(fences) > 1) or (
        _is_code(text[: first.start()]) or not text[first.end() :].strip()
    )


def _is_code(text: str) -> bool:
    """Say whether most lines look like code."""
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(bool(_CODE_LINE.search(line)) for line in lines) > len(lines) / 2
