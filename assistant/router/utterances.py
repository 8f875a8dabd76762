r"""The example utterances in ``prompts/routes/``, from which the router learns.

One utterance a line, ``{text}`` where the user's material stands, ``\n`` for a line break; lines
that begin with ``# `` are comments. The file's name is the intent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import SettingsError
from assistant.router.split import instruction_around
from assistant.settings import PROJECT

FOLDER = PROJECT / "prompts" / "routes"
MATERIAL = "material"  # the intent of text that asks for nothing
ABOUT_TEXT = "question_answering"  # asks about a text, and needs it beside the question
TALK = ("documents", "conversation")  # need no text; every other intent works on a text alone
SLOT = "{text}"
RECIPE = "embedding + n-grams, misspelt copies"  # a change of training makes routers out of date


@dataclass(frozen=True, slots=True)
class Utterance:
    """One example: the line as written, and the instruction that the router would see of it."""

    line: str
    instruction: str
    intent: str


def read(folder: Path = FOLDER) -> tuple[Utterance, ...]:
    """Return every example utterance, in the order of files and lines.

    Raises:
        SettingsError: the folder holds no utterances.

    """
    found = []
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("# "):
                found.append(utterance(line, file.stem))
    if not found:
        raise SettingsError(f"The folder {folder} holds no example utterances to route by.")
    return tuple(found)


def utterance(line: str, intent: str) -> Utterance:
    """Return the utterance of one line."""
    text = line.replace("\\n", "\n")
    if SLOT in text:
        before, _, after = text.partition(SLOT)
        return Utterance(line, instruction_around(before, after), intent)
    return Utterance(line, text.strip(), intent)


def fingerprint(utterances: Iterable[Utterance]) -> str:
    """Return a hash of the examples; a router trained on others is out of date."""
    digest = hashlib.sha256(RECIPE.encode())
    for example in utterances:
        digest.update(f"{example.intent}\0{example.line}\n".encode())
    return digest.hexdigest()
