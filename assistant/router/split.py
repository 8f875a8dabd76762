"""One split of a turn: the words that ask, and the material they are about without its wrapping."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

FENCE = re.compile(
    r"(```|\"\"\"|\'\'\')[^\S\n]*(?:[A-Za-z0-9_+-]{1,12}(?=\n))?\n?(.*?)\n?[^\S\n]*\1", re.DOTALL
)
APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)|(?<=s)['’](?=\s)")
QUOTES = {"“": "”", "„": "“”", "‘": "’", "«": "»", "‹": "›", '"': '"', "'": "'", "`": "`"}
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


@dataclass(frozen=True, slots=True)
class Split:
    """One reading of a turn. ``form`` names the writing that suggested it; ``""`` is the whole
    turn as instruction, without material.
    """

    instruction: str
    payload: str
    form: str
    parts: tuple[str, ...] = ()  # what stands before and after the material


def clean(payload: str) -> str:
    """Return the material without surrounding blanks, quotes, fences and a leading label."""
    payload = payload.strip()
    payload = _without_label(payload)
    payload = re.sub(
        r"^(?:-{3,}|={3,}|\*{3,})\s*\n|\n\s*(?:-{3,}|={3,}|\*{3,})$", "", payload
    ).strip()
    fence = FENCE.fullmatch(payload)
    if fence:
        return fence.group(2).strip()
    if len(payload) > 2 and payload[0] + payload[-1] in {"[]", "()", "【】"}:
        inner = payload[1:-1]
        return inner.strip() if payload[0] not in inner else payload
    if len(payload) > 2 and payload[-1] in QUOTES.get(payload[0], ""):
        inner = APOSTROPHE.sub("", payload[1:-1])
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


def split_around(before: str, payload: str, after: str, form: str) -> Split:
    """Return the split whose material stands between these words, cleaned."""
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
    return split_around(text[:start], text[start:end], text[end:], "wording")


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
