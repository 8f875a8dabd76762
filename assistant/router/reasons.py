"""Says in a line why a turn went to a tool."""

from __future__ import annotations

from assistant.router.intents import Intents
from assistant.router.readings import Reading
from assistant.router.utterances import SLOT

SHOWN = 80  # characters of an instruction

_PLACES = {
    "attachment": "the text is the attached file",
    "history": "the text is from earlier in this chat",
    "missing": "no text came with it",
    "whole": "the whole message is meant",
}
_FORM_PLACES = {
    "fence": "the text stands in the fence",
    "quotes": "the text stands in quotes",
    "blocks": "the text stands in a paragraph of its own",
    "lines": "the text stands on lines of its own",
    "colon": "the text stands after the colon",
    "brackets": "the text stands in brackets",
    "wording": "the text is what asks for nothing",
    "dash": "the text stands beside the dash",
    "sentences": "the text is the other sentences",
    "": "the whole message is meant",
}


def explain(intents: Intents, reading: Reading, tool: str, place: str) -> str:
    """Return what a reading's instruction is like, and where its text stands.

    ``place`` is a key of the places above, or a source that says no more than the writing does.
    """
    example = intents.nearest(reading.embedding, tool)
    words = " ".join(reading.split.instruction.split())
    shown = words if len(words) <= SHOWN else f"{words[: SHOWN - 3]}…"
    like = f"“{shown}” reads like “{example.replace(SLOT, '…')}”" if example else f"“{shown}”"
    return f"{like}; {_PLACES.get(place) or _FORM_PLACES[reading.split.form]}"
