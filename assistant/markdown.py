"""Tells code in Markdown from the words around it."""

from __future__ import annotations

import re
from collections.abc import Callable

_CODE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`)", re.DOTALL)


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Return Markdown with ``change`` made to all of it but code, in fences or in backticks."""
    pieces = _CODE.split(text)
    pieces[::2] = map(change, pieces[::2])
    return "".join(pieces)
