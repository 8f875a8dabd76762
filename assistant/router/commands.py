"""Slash commands: ``/sentiment some text`` names its tool, so nothing needs guessing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from assistant.errors import InputError

_COMMAND = re.compile(r"/([A-Za-z][\w-]*)(?=\s|:|$):?\s*(.*)", re.DOTALL)
SHORT = {
    "ner": "entities",
    "names": "entities",
    "qa": "question_answering",
    "ask": "documents",
    "docs": "documents",
    "summary": "summarization",
    "summarize": "summarization",
    "summarise": "summarization",
    "tldr": "summarization",
    "moderate": "moderation",
    "chat": "conversation",
}


def own(text: str, tools: Collection[str]) -> tuple[str, str] | None:
    """Return (tool, rest of the turn) when the turn asks for one of the user's own tools.

    That is ``/patents …``, or ``patents: …`` where the name stands first.
    """
    for name in tools:
        words = re.escape(name).replace("_", "[ _-]")
        match = re.match(rf"\s*(?:/{words}(?=\s|:|$):?|{words}\s*:)\s*", text, re.IGNORECASE)
        if match:
            return name, text[match.end() :].strip()
    return None


def command(text: str, tools: Collection[str]) -> tuple[str, str] | None:
    """Return (tool, rest of the turn), or None when the turn is no command.

    Raises:
        InputError: the turn is a command, but of no tool; names the nearest one.

    """
    match = _COMMAND.match(text.strip())
    if match is None:
        return None
    word = match.group(1).lower().replace("-", "_")
    name = SHORT.get(word, word)
    if name in tools:
        return name, match.group(2).strip()
    near = difflib.get_close_matches(word, [*tools, *SHORT], 1)
    hint = f" Did you mean /{near[0]}?" if near else ""
    raise InputError(
        f"There is no command /{word}.{hint} The commands are: "
        f"{', '.join('/' + tool for tool in sorted(tools))}."
    )
