"""Small data of our own, and runs that look like trainings but took no time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from assistant.training.labelled import Example

WORDS = {
    "good": ("adore", "lovely", "splendid", "wonderful"),
    "bad": ("loathe", "horrible", "useless", "dreadful"),
}
THINGS = ("cake", "boat", "garden", "song", "teacher", "river", "window", "letter")


def moods(count: int, seed: int = 0) -> list[Example]:
    """Return ``count`` short sentences, each with a word that tells its label."""
    draw = random.Random(seed)
    labels = [list(WORDS)[place % 2] for place in range(count)]
    return [
        Example(
            f"the {draw.choice(THINGS)} and the {draw.choice(THINGS)} of house {place} "
            f"were {draw.choice(WORDS[label])}",
            label,
        )
        for place, label in enumerate(labels)
    ]


def table(file: Path, examples: Sequence[Example]) -> str:
    """Write a CSV of the examples and return its name."""
    lines = [f'"{example.text}",{example.label}' for example in examples]
    file.write_text("\n".join(["text,label", *lines]), "utf-8")
    return str(file)


def untrained(data_dir: Path, role: str, labels: tuple[str, ...], base: str) -> None:
    """Make the next run of ``role``: a sealed model that never learned anything."""
    from assistant.models.versions import MODEL, Versions, seal
    from assistant.training.bases import HubBase

    folder = Versions(data_dir).new(role) / MODEL
    made = HubBase(base)
    made.save(made.network(labels, "full"), role, labels, folder)
    seal(folder, role, made.kind, labels)
