"""The comments of a paste."""

from __future__ import annotations

import re

from assistant.router.references import items

_SEVERAL = re.compile(
    r"\b(?:these|those|comments|reviews|messages|posts|tweets|all|each|every|any|which|ones|list|"
    r"them|batch|bad ones|lines)\b",
    re.IGNORECASE,
)
_BULLETS = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,3}[.):])\s+", re.MULTILINE)


def pasted(text: str, instruction: str) -> tuple[str, ...]:
    """Return the comments of a paste: one a line if the user speaks of several or lists them."""
    lines = [line for line in text.splitlines() if line.strip()]
    bullets = len(_BULLETS.findall(text))
    if len(lines) > 1 and (_SEVERAL.search(instruction) or bullets >= len(lines) - 1):
        return items(text)
    return (text.strip(),)
