"""Splits a turn into its instruction and the material it is about, in every way that the writing
suggests. Which split is meant, the router decides; this module knows no models.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.text import sentences

HEAD_SENTENCES = 3  # an instruction is looked for in so many sentences from either end
SCAN = 1_500  # characters from either end in which an instruction is looked for
COLONS = 3  # so many colons may be the one that ends the instruction

_FENCE = re.compile(
    r"(```|\"\"\"|\'\'\')[^\S\n]*(?:[A-Za-z0-9_+-]{1,12}(?=\n))?\n?(.*?)\n?[^\S\n]*\1", re.DOTALL
)
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)|(?<=s)['’](?=\s)")
_QUOTES = {"“": "”", "„": "“”", "‘": "’", "«": "»", "‹": "›", '"': '"', "'": "'", "`": "`"}
_QUOTATION = re.compile(
    r"(?<!\w)(?:\"[^\"\n]+\"|“[^“”\n]+”|„[^„“”\n]+[“”]|«[^«»\n]+»|‘[^‘’\n]+’|'[^'\n]+'|`[^`\n]+`)(?!\w)"
)
_BETWEEN_QUOTATIONS = re.compile(  # as in: "one" and "two", or "three"
    r"[\s,;/|&+]*(?:\b(?:and|or|with|to|vs|versus|than|as|against|from)\b\.?)?[\s,;/|]*",
    re.IGNORECASE,
)
_BEFORE_QUOTE = " \t\n([:,;-—–>=/"
_AFTER_QUOTE = " \t\n)].,:;!?-—–"
_LABELS = {
    *("text", "passage", "context", "paragraph", "article", "abstract", "snippet", "transcript"),
    *("review", "comment", "comments", "tweet", "post", "message", "email", "mail", "letter"),
    *("input", "content", "document", "excerpt", "quote", "story", "note"),
}
_LABEL = re.compile(rf"(?:(?:the|my|this)\s+)?(?:{'|'.join(_LABELS)})\s*:?\s*", re.IGNORECASE)
_LONG_LABEL = re.compile(
    rf"(?:(?:the|my|this|a|an)\s+)?(?:\w+\s+){{1,2}}(?:{'|'.join(sorted(_LABELS - {'note'}))}|"
    r"release|blog|news|chat|thread|essay|feedback|announcement|statement|description)\s*:\s+(?=\S)",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(
    r"^(?:ok(?:ay)?,?\s+)?(?:so\s+)?(?:here(?:'s| is| are| comes)?|this is|these are|below is|"
    r"have a look at|look at|take|read|consider)\b[^:\n]{0,80}[:\n]\s*",
    re.IGNORECASE,
)
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


@dataclass(frozen=True, slots=True)
class Split:
    """One reading of a turn. ``form`` names the writing that suggested it; ``""`` is the whole
    turn as instruction, without material.
    """

    instruction: str
    payload: str
    form: str
    parts: tuple[str, ...] = ()  # what stands before and after the material


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


def clean(payload: str) -> str:
    """Return the material without surrounding blanks, quotes, fences and a leading label."""
    payload = payload.strip()
    payload = _without_label(payload)
    payload = re.sub(
        r"^(?:-{3,}|={3,}|\*{3,})\s*\n|\n\s*(?:-{3,}|={3,}|\*{3,})$", "", payload
    ).strip()
    fence = _FENCE.fullmatch(payload)
    if fence:
        return fence.group(2).strip()
    if len(payload) > 2 and payload[0] + payload[-1] in {"[]", "()", "【】"}:
        inner = payload[1:-1]
        return inner.strip() if payload[0] not in inner else payload
    if len(payload) > 2 and payload[-1] in _QUOTES.get(payload[0], ""):
        inner = _APOSTROPHE.sub("", payload[1:-1])
        if payload[0] not in inner and payload[-1] not in inner:
            return payload[1:-1].strip()
    return payload


def _without_label(payload: str) -> str:
    match = re.match(r"((?:(?:the|my|this)\s+)?(\w+))\s*:\s+(?=\S)", payload, re.IGNORECASE)
    if match and difflib.get_close_matches(match.group(2).lower(), _LABELS, 1, cutoff=0.85):
        return payload[match.end() :].strip()
    return payload


def without_introduction(text: str) -> str:
    """Return a pasted text without words such as "Here is a paragraph from our leaflet:"."""
    return _INTRODUCTION.sub("", text.strip(), count=1).strip()


def instruction_around(before: str, after: str) -> str:
    """Return the instruction that stands around the material.

    In the middle of a sentence the material leaves a "this" behind.
    """
    in_a_line = bool(re.search(r"[^\s:.!?][^\S\n]*[\"'“‘«`(]?$", before)) and "\n" not in after[:2]
    before, after = _trim(before), _trim(after)
    if before and after:
        return f"{before} this {after}" if in_a_line else f"{before}\n{after}"
    return before or after


def _split(before: str, payload: str, after: str, form: str) -> Split:
    parts = tuple(part for part in (_trim(before), _trim(after)) if part)
    material = clean(payload)
    if not _trim(before):
        material = clean(_LONG_LABEL.sub("", without_introduction(material), count=1))
    return Split(instruction_around(before, after), material, form, parts)


def split_at(text: str, start: int, end: int) -> Split:
    """Return the split whose material begins and ends near these offsets, at whole words."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return _split(text[:start], text[start:end], text[end:], "wording")


def stretch(split: Split, text: str) -> tuple[int, int]:
    """Return the [start, end) offsets of a split's material in its turn; (0, 0) if it has none."""
    if not split.payload:
        return 0, 0
    asked_first = bool(split.parts) and text.find(split.parts[0]) < text.rfind(split.payload)
    start = text.rfind(split.payload) if asked_first else text.find(split.payload)
    return start, start + len(split.payload)


def _trim(words: str) -> str:
    words = words.strip().strip("\"'“”‘’«»`").strip()
    words = re.sub(r"^[\s,;:.)\]—–-]+", "", words)
    words = re.sub(r"[\s:(\[=>—–-]+$", "", words)
    bare = not any(character.isalnum() for character in words)
    return "" if bare or _LABEL.fullmatch(words) else words


def _fenced(text: str) -> Iterator[Split]:
    match = _FENCE.search(text)
    if match:
        last = list(_FENCE.finditer(text))[-1]
        if last.start() == match.start():
            yield _split(text[: match.start()], match.group(2), text[match.end() :], "fence")
        else:
            yield _split(
                text[: match.start()], text[match.start() : last.end()], text[last.end() :], "fence"
            )


def _quoted(text: str) -> Iterator[Split]:
    several = _several_quoted(text)
    if several:
        start, end = several
        yield _split(text[:start], text[start:end], text[end:], "quotes")
    for start, end in _quotations(text):
        if several == (start, end + 1):
            continue  # without its outer marks a list of quotations would be broken
        yield _split(text[:start], text[start + 1 : end], text[end + 1 :], "quotes")


def _several_quoted(text: str) -> tuple[int, int] | None:
    """Return the [start, end) offsets of two or more quotations joined by "and" or the like."""
    spans = [match.span() for match in _QUOTATION.finditer(_APOSTROPHE.sub(_SLOT, text[:SCAN]))]
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
        if character not in _QUOTES or (start and text[start - 1] not in _BEFORE_QUOTE):
            continue
        if start + 1 >= len(text) or text[start + 1].isspace():
            continue
        closings = [
            end
            for end in range(start + 2, len(text))
            if text[end] in _QUOTES[character]
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
        yield _split(ruled[:first], ruled[first:], "", "blocks")
        yield _split("", ruled[:last], ruled[last:], "blocks")
        if len(blocks) > 2:
            yield _split(ruled[:first], ruled[first:last], ruled[last:], "blocks")


def _lines(text: str) -> Iterator[Split]:
    if "\n" in text:
        first, last = text.index("\n"), text.rindex("\n")
        yield _split(text[:first], text[first:], "", "lines")
        yield _split("", text[:last], text[last:], "lines")
        if first < last:
            yield _split(text[:first], text[first:last], text[last:], "lines")


def _colons(text: str) -> Iterator[Split]:
    matches = re.finditer(r":(?=\s|[\"“'‘«`(\[])|：|\s=>\s|:(?=[^\s/\d)(DPpo])", text[:SCAN])
    for number, match in enumerate(matches):
        if number == COLONS:
            return
        yield _split(text[: match.start()], text[match.end() :], "", "colon")
        last = sentences(text[match.end() :][-SCAN:])
        if len(last) > 1 and len(text) < SCAN:
            tail = match.end() + last[-1][0]
            yield _split(text[: match.start()], text[match.end() : tail], text[tail:], "colon")


def _sentences(text: str) -> Iterator[Split]:
    if len(text) <= 2 * SCAN:
        spans = sentences(text)
        head, tail = spans, spans
    else:
        head = sentences(text[:SCAN])
        tail = [(a + len(text) - SCAN, b + len(text) - SCAN) for a, b in sentences(text[-SCAN:])]
    for _, end in head[:HEAD_SENTENCES]:
        if end < len(text):
            yield _split(text[:end], text[end:], "", "sentences")
    for start, _ in tail[-HEAD_SENTENCES:]:
        if start > 0:
            yield _split("", text[:start], text[start:], "sentences")
    if len(head) > 2:
        yield _split(
            text[: head[0][1]], text[head[0][1] : tail[-1][0]], text[tail[-1][0] :], "sentences"
        )


def _dashes(text: str) -> Iterator[Split]:
    matches = list(_DASH.finditer(text[:SCAN]))
    if matches:
        first, last = matches[0], matches[-1]
        yield _split(text[: first.start()], text[first.end() :], "", "dash")
        yield _split("", text[: last.start()], text[last.end() :], "dash")


def _brackets(text: str) -> Iterator[Split]:
    for opening, closing in (("(", ")"), ("[", "]"), ("【", "】")):
        start, end = text.find(opening, 0, SCAN), text.rfind(closing)
        if 0 < start < end:
            yield _split(text[:start], text[start + 1 : end], text[end + 1 :], "brackets")


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
