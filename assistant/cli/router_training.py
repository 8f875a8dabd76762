"""``train router``: the users' corrections become utterances, and the router learns them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from assistant.private_files import make_folder
from assistant.router.utterances import SLOT
from assistant.storage import Correction, Storage

if TYPE_CHECKING:
    from assistant.chat import Assistant

LONGEST_LINE = 400  # characters; what is longer is material rather than an instruction
FIGURES = ("rows", "tools_right", "payload_exact", "followups_right")


def train_router(assistant: Assistant) -> dict[str, Any]:
    """Train on the example utterances and the corrections; return the figures before and after.

    Both are measured on the same labelled table, which is no part of the training.
    """
    from assistant.chat import Assistant
    from assistant.router import shipped
    from assistant.router.evaluate import read_table, report, run
    from assistant.router.intents import train

    settings, rows = assistant.settings, read_table()
    before = report(run(assistant.router, rows))
    storage = Storage.from_settings(settings)
    learned = correction_lines(storage.corrections(), assistant.tools)
    storage.close()
    file = shipped.corrections_file(settings.data_dir)
    make_folder(file.parent)
    file.write_text("".join(f"{line}\n" for line in learned), encoding="utf-8")
    examples = shipped.utterances(settings.data_dir)
    train(examples, assistant.models.encoder).save(shipped.trained_folder(settings.data_dir))
    again = Assistant.from_settings(settings)
    after = report(run(again.router, rows))
    again.close()
    return {
        "corrections": len(learned),
        "utterances": len(examples),
        "before": {name: before[name] for name in FIGURES},
        "after": {name: after[name] for name in FIGURES},
    }


def correction_lines(corrections: Iterable[Correction], tools: Iterable[str]) -> list[str]:
    """Return the corrections as lines of tool, tab and utterance, each once; the last word counts.

    The material in the user's text gives way to a slot: the router learns the words around it.
    """
    known = set(tools)
    latest: dict[str, str] = {}
    for correction in corrections:
        text, payload = correction.text.strip(), correction.payload.strip()
        if payload and payload != text:
            text = text.replace(payload, SLOT, 1)
        line = text.replace("\r", "").replace("\t", " ").replace("\n", "\\n")
        if line and line != SLOT and len(line) <= LONGEST_LINE and correction.right_tool in known:
            latest[line] = correction.right_tool
    return [f"{tool}\t{line}" for line, tool in latest.items()]
