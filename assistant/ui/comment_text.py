"""A comment as HTML that shows what it really holds: marked words, and signs meant to be unseen."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.types import Span
from assistant.ui.markup import escape, marked

SHORT = 280  # characters of a comment in a list
LONGEST = 20_000  # characters of a comment shown at all
BEFORE = 60  # characters before the first marked word, where a long comment is cut

_NAMES = {
    "\u200b": "zero-width space",
    "\u200e": "left-to-right mark",
    "\u200f": "right-to-left mark",
    "\u202a": "left-to-right embedding",
    "\u202b": "right-to-left embedding",
    "\u202c": "end of direction",
    "\u202d": "left-to-right override",
    "\u202e": "right-to-left override",
    "\u2060": "word joiner",
    "\u2066": "left-to-right isolate",
    "\u2067": "right-to-left isolate",
    "\u2068": "isolate",
    "\u2069": "end of isolate",
    "\ufeff": "zero-width no-break space",
}
# A right-to-left override lets a comment read as what it is not; so it is shown, not obeyed.
_UNSEEN = {
    ord(sign): f'<i class="sb-unseen" title="{name}">U+{ord(sign):04X}</i>'
    for sign, name in _NAMES.items()
}
_CONTROL = dict.fromkeys((*range(9), *range(11, 32), 127), "�")


def comment_html(text: str, spans: Sequence[Span], limit: int = LONGEST) -> str:
    """Return at most ``limit`` characters of a comment, the spans marked.

    A longer comment is cut so that its first marked word is seen; what is left out is counted.
    """
    first = min((span.start for span in spans), default=0)
    start = max(first - BEFORE, 0) if len(text) > limit and first > limit - BEFORE else 0
    end = min(start + limit, len(text))
    inside = [
        Span(span.start - start, span.end - start, span.label, span.score)
        for span in spans
        if start <= span.start < span.end <= end
    ]
    shown = marked(text[start:end].translate(_CONTROL), inside).translate(_UNSEEN)
    return f"{_left(start, 'before')}{shown}{_left(len(text) - end, 'more')}"


def line_html(text: str, limit: int = SHORT) -> str:
    """Return the beginning of a short foreign text, such as an author's name."""
    return escape(text[:limit].translate(_CONTROL)).translate(_UNSEEN)


def _left(count: int, word: str) -> str:
    return f'<span class="sb-quiet"> … {count:,} characters {word} </span>' if count > 0 else ""
