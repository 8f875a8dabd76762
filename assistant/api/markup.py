"""The text of an HTML comment, and where each of its characters stands in the markup.

Not by Python's html.parser: it raises on markup such as ``<![<``, and knows no place within a
text. This reads any markup in time linear in its length, roughly as a browser does.
"""

from __future__ import annotations

import html
import re

from assistant.moderation.normalization import Normalized

# Each alternative goes on to the end where its own end is missing, so that none is tried twice.
_MARKUP = re.compile(
    r"""
      <!--.*?(?:-->|\Z)
    | <(?P<unseen>script|style|template|title|textarea)\b.*?(?:</(?P=unseen)[^>]*(?:>|\Z)|\Z)
    | </?(?P<tag>[a-z][a-z0-9]*)(?:[^"'>]|"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))*(?:>|\Z)
    | <[!?/][^>]*(?:>|\Z)
    | (?P<entity>&(?:\#[0-9]+|\#x[0-9a-f]+|[a-z][a-z0-9]*);?)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_BREAKS = frozenset(
    ("br", "p", "div", "li", "blockquote", "tr", "h1", "h2", "h3", "h4", "h5", "h6")
)


def visible(markup: str) -> Normalized:
    """Return the text that a browser would show of ``markup``; its places lead back into it."""
    text: list[str] = []
    places: list[int] = []
    done = 0
    for found in _MARKUP.finditer(markup):
        text.append(markup[done : found.start()])
        places += range(done, found.start())
        shown = _shown(found)
        text.append(shown)
        places += [found.start()] * len(shown)
        done = found.end()
    text.append(markup[done:])
    places += range(done, len(markup) + 1)
    return Normalized("".join(text), places)


def _shown(found: re.Match[str]) -> str:
    if found["entity"]:
        return html.unescape(found["entity"])
    return "\n" if (found["tag"] or "").lower() in _BREAKS else ""
