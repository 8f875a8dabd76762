"""Reads the JSON of a request, as far as it can be trusted: an object, bounded, whole Unicode."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import ClientDisconnect, Request

from assistant.errors import InputError

# Google's reader takes names without quotation marks, and its own examples write them so. Strings
# and words are matched to their ends whatever follows, so that no place is looked at twice.
_PIECE = re.compile(
    r'"(?:[^"\\]|\\.?)*(?:"|\Z)|(?P<name>[A-Za-z_]\w*)(?P<colon>\s*:)?', re.ASCII | re.DOTALL
)


async def read_object(request: Request) -> dict[str, Any]:
    """Return the request's JSON object; what is null in it counts as not there.

    Raises:
        InputError: it is no JSON object, or broke off.
    """
    try:
        text = (await request.body()).decode("utf-8")
    except ClientDisconnect as error:
        raise InputError("The request broke off, or is too long.") from error
    except UnicodeDecodeError as error:
        raise InputError("The request's body is not UTF-8. Send JSON in UTF-8.") from error
    found = _parse(text)
    if not isinstance(found, dict):
        raise InputError("The request's body must be a JSON object: { … }.")
    return found


def whole(text: str) -> str:
    """Return ``text`` with each lone half of a surrogate pair replaced; its length stays."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_nulls)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_PIECE.sub(_quoted, text), object_pairs_hook=_without_nulls)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(f"The request's body cannot be read as JSON: {reason}.") from None


def _quoted(piece: re.Match[str]) -> str:
    return f'"{piece["name"]}"{piece["colon"]}' if piece["colon"] else piece[0]


def _without_nulls(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if value is not None}
