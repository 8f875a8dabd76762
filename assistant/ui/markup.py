"""Small pieces of safe HTML and Markdown. Every foreign text that is shown goes through here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from assistant.markdown import outside_code
from assistant.types import Span

EXCERPT = 120  # characters

_TEMPLATE_SIGNS = str.maketrans({"$": "&#36;", "{": "&#123;", "}": "&#125;", "`": "&#96;"})
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")
_IMAGE = re.compile(r"!(?=\[)")
_SPACES = re.compile(r"\s+")


def escape(text: str) -> str:
    """Return ``text`` as HTML that shows exactly it.

    The signs by which Gradio's HTML templates begin an expression are escaped as well, so that no
    text is ever evaluated.
    """
    return html.escape(text).translate(_TEMPLATE_SIGNS)


def markdown(text: str) -> str:
    """Return Markdown in which tags show as text and images as links; code stays as it is.

    A link waits for a click, an image would be fetched by looking at it.
    """
    return outside_code(text, lambda words: _IMAGE.sub(r"!\\", _TAG.sub("&lt;", words)))


def plain(text: str) -> str:
    """Return the text that ``markdown`` was made of, as an edited message needs it."""
    return text.replace("!\\[", "![").replace("&lt;", "<")


def excerpt(text: str, limit: int = EXCERPT) -> str:
    """Return the beginning of ``text`` on one line, at most ``limit`` characters of it."""
    line = _SPACES.sub(" ", text[: limit * 4]).strip()
    whole = len(text) <= limit * 4 and len(line) <= limit
    return line if whole else line[: limit - 1].rstrip() + "…"


def percent(score: float) -> str:
    """Return a score between 0 and 1 as a percentage that is never rounded to a false 0 or 100."""
    if 0 < score < 0.005:
        return "<1%"
    if 0.995 <= score < 1:
        return ">99%"
    return f"{score:.0%}"


def bar(share: float, kind: str = "") -> str:
    """Return a bar filled by ``share``, 0 to 1; ``kind`` is the CSS class of its colour."""
    width = min(max(share, 0.0), 1.0) * 100
    return (
        f'<span class="sb-bar" aria-hidden="true"><span class="{escape(kind)}" '
        f'style="width:{width:.1f}%"></span></span>'
    )


def marked(text: str, spans: Iterable[Span], *, captions: bool = False) -> str:
    """Return ``text`` with its spans highlighted; of spans that overlap the first is shown.

    With ``captions`` each span carries its label in small letters.
    """
    parts: list[str] = []
    position = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not position <= span.start < span.end <= len(text):
            continue
        parts.append(escape(text[position : span.start]))
        label = escape(span.label)
        caption = f"<small>{label}</small>" if captions else ""
        parts.append(
            f'<mark class="sb-{label}" title="{label} {escape(percent(span.score))}">'
            f"{escape(text[span.start : span.end])}{caption}</mark>"
        )
        position = span.end
    parts.append(escape(text[position:]))
    return "".join(parts)
