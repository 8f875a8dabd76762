"""Splits a turn into its instruction and the material it is about, in every way that the writing
suggests. Which split is meant, the router decides; this module knows no models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.router.split import APOSTROPHE, FENCE, QUOTES, Split, split_around
from assistant.text import sentences

HEAD_SENTENCES = 3  # an instruction is looked for in so many sentences from either end
SCAN = 1_500  # characters from either end in which an instruction is looked for
COLONS = 3  # so many colons may be the one that ends the instruction

_QUOTATION = re.compile(
    r"(?<!\w)(?:\"[^\"\n]+\"|“[^“”\n]+”|„[^„“”\n]+[“”]|«[^«»\n]+»|‘[^‘’\n]+’|'[^'\n]+'|`[^`\n]+`)(?!\w)"
)
_BETWEEN_QUOTATIONS = re.compile(  # as in: "one" and "two", or "three"
    r"[\s,;/|&+]*(?:\b(?:and|or|with|to|vs|versus|than|as|against|from)\b\.?)?[\s,;/|]*",
    re.IGNORECASE,
)
_BEFORE_QUOTE = " \t\n([:,;-—–>=/"
_AFTER_QUOTE = " \t\n)].,:;!?-—–"
_RULE = re.compile(r"^[^\S\n]*[-=*_~—–]+[^\S\n]*$", re.MULTILINE)
_BLOCK = re.compile(r"\S[^\n]*(?:\n(?!\s*\n)[^\n]+)*")
_PLEASANTRIES = re.compile(
    r"(?:(?:hi|hello|hey|hiya|thanks?|thank you|thx|great|lovely|nice|ok|okay|perfect|cool|morning|"
    r"good (?:morning|day|evening|afternoon)|dear assistant|sorry)\b"
    r"(?: there| all| again| so much)?[.!,]+\s+)+",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s(?:--?|—|–)\s|\s?—\s?")
_SLOT = "\0"


def splits(text: str) -> list[Split]:
    """Return the readings of a turn without repeats, the most explicit writing first.

    The last one always takes the whole turn as the instruction.
    """
    text = text.strip()
    found: dict[tuple[str, str], Split] = {}
    asked = text[len(_pleasantries(text)) :]
    for reading in READINGS:
        for split in reading(asked):
            if split.payload and split.instruction:
                found.setdefault((split.instruction, split.payload), split)
    return [*found.values(), Split(asked, "", "")]


def _pleasantries(text: str) -> str:
    """Return the greeting or thanks with which a longer turn begins."""
    match = _PLEASANTRIES.match(text)
    return match.group() if match and len(text) > len(match.group()) + 3 else ""


def _fenced(text: str) -> Iterator[Split]:
    match = FENCE.search(text)
    if match:
        last = list(FENCE.finditer(text))[-1]
        if last.start() == match.start():
            yield split_around(text[: match.start()], match.group(2), text[match.end() :], "fence")
        else:
            yield split_around(
                text[: match.start()], text[match.start() : last.end()], text[last.end() :], "fence"
            )


def _quoted(text: str) -> Iterator[Split]:
    several = _several_quoted(text)
    if several:
        start, end = several
        yield split_around(text[:start], text[start:end], text[end:], "quotes")
    for start, end in _quotations(text):
        if several == (start, end + 1):
            continue  # without its outer marks a list of quotations would be broken
        yield split_around(text[:start], text[start + 1 : end], text[end + 1 :], "quotes")


def _several_quoted(text: str) -> tuple[int, int] | None:
    """Return the [start, end) offsets of two or more quotations joined by "and" or the like."""
    spans = [match.span() for match in _QUOTATION.finditer(APOSTROPHE.sub(_SLOT, text[:SCAN]))]
    if not spans:
        return None
    first, end = spans[0]
    count = 1
    for opening, closing in spans[1:]:
        if not _BETWEEN_QUOTATIONS.fullmatch(text[end:opening]):
            break
        end = closing
        count += 1
    return (first, end) if count > 1 else None


def _quotations(text: str) -> Iterator[tuple[int, int]]:
    """Yield (opening, closing) offsets of quotations: the widest first, then the first one."""
    for start, character in enumerate(text[:SCAN]):
        if character not in QUOTES or (start and text[start - 1] not in _BEFORE_QUOTE):
            continue
        if start + 1 >= len(text) or text[start + 1].isspace():
            continue
        closings = [
            end
            for end in range(start + 2, len(text))
            if text[end] in QUOTES[character]
            and not text[end - 1].isspace()
            and (end + 1 == len(text) or text[end + 1] in _AFTER_QUOTE)
        ]
        if closings:
            yield start, closings[-1]
            if len(closings) > 1 and character != "'":
                yield start, closings[0]
            return


def _blocks(text: str) -> Iterator[Split]:
    """Cut at blank lines and at the first line of nothing but dashes or the like."""
    ruled = _RULE.sub(lambda match: " " * len(match.group()), text, count=1)
    blocks = [match.span() for match in _BLOCK.finditer(ruled)]
    if len(blocks) > 1:
        first, last = blocks[0][1], blocks[-1][0]
        yield split_around(ruled[:first], ruled[first:], "", "blocks")
        yield split_around("", ruled[:last], ruled[last:], "blocks")
        if len(blocks) > 2:
            yield split_around(ruled[:first], ruled[first:last], ruled[last:], "blocks")


def _lines(text: str) -> Iterator[Split]:
    if "\n" in text:
        first, last = text.index("\n"), text.rindex("\n")
        yield split_around(text[:first], text[first:], "", "lines")
        yield split_around("", text[:last], text[last:], "lines")
        if first < last:
            yield split_around(text[:first], text[first:last], text[last:], "lines")


def _colons(text: str) -> Iterator[Split]:
    matches = re.finditer(r":(?=\s|[\"“'‘«`(\[])|：|\s=>\s|:(?=[^\s/\d)(DPpo])", text[:SCAN])
    for number, match in enumerate(matches):
        if number == COLONS:
            return
        yield split_around(text[: match.start()], text[match.end() :], "", "colon")
        last = sentences(text[match.end() :][-SCAN:])
        if len(last) > 1 and len(text) < SCAN:
            tail = match.end() + last[-1][0]
            yield split_around(
                text[: match.start()], text[match.end() : tail], text[tail:], "colon"
            )


def _sentences(text: str) -> Iterator[Split]:
    if len(text) <= 2 * SCAN:
        spans = sentences(text)
        head, tail = spans, spans
    else:
        head = sentences(text[:SCAN])
        tail = [(a + len(text) - SCAN, b + len(text) - SCAN) for a, b in sentences(text[-SCAN:])]
    for _, end in head[:HEAD_SENTENCES]:
        if end < len(text):
            yield split_around(text[:end], text[end:], "", "sentences")
    for start, _ in tail[-HEAD_SENTENCES:]:
        if start > 0:
            yield split_around("", text[:start], text[start:], "sentences")
    if len(head) > 2:
        yield split_around(
            text[: head[0][1]], text[head[0][1] : tail[-1][0]], text[tail[-1][0] :], "sentences"
        )


def _dashes(text: str) -> Iterator[Split]:
    matches = list(_DASH.finditer(text[:SCAN]))
    if matches:
        first, last = matches[0], matches[-1]
        yield split_around(text[: first.start()], text[first.end() :], "", "dash")
        yield split_around("", text[: last.start()], text[last.end() :], "dash")


def _brackets(text: str) -> Iterator[Split]:
    for opening, closing in (("(", ")"), ("[", "]"), ("【", "】")):
        start, end = text.find(opening, 0, SCAN), text.rfind(closing)
        if 0 < start < end:
            yield split_around(text[:start], text[start + 1 : end], text[end + 1 :], "brackets")


READINGS = (
    _fenced,
    _quoted,
    _blocks,
    _lines,
    _colons,
    _sentences,
    _dashes,
    _brackets,
)
