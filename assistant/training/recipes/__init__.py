"""Which files teach a role, and how their labels translate: role → training and validation parts.

A folder laid out like the project's data sets is mixed by the role's module here. Any other file
or folder is read by the plain row layout of the role. Files named test, and those that validate,
are never trained on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from assistant.errors import InputError
from assistant.training import datasets
from assistant.training.datasets import Example, Row, Split
from assistant.training.recipes import entities, moderation, reader, sentiment


class Recipe(Protocol):
    """What each module of this package has."""

    LANDMARK: str  # a folder that tells the project's data from others

    def mix(self, data: Path, seed: int) -> Split:
        """Return the role's mixture of the project's data sets."""

    def plain(self, row: Row) -> Example:
        """Return a row of somebody else's data as an example."""


RECIPES = {
    name: cast(Recipe, module)
    for name, module in (
        ("sentiment", sentiment),
        ("entities", entities),
        ("reader", reader),
        ("moderation", moderation),
    )
}


def read(role: str, data: Path, seed: int) -> Split:
    """Return the examples for ``role`` from a data folder or one file.

    Raises:
        InputError: the role is unknown, there is no data, or a row is not of the role's layout.
    """
    if role not in RECIPES:
        raise InputError(f"{role!r} cannot be trained; choose one of {', '.join(RECIPES)}.")
    if not data.exists():
        raise InputError(f"The data {data} does not exist; give --data a folder or .jsonl file.")
    recipe = RECIPES[role]
    split = recipe.mix(data, seed) if (data / recipe.LANDMARK).is_dir() else _plain(data, recipe)
    if not split.train or not split.validation:
        raise InputError(
            f"{data} gives {len(split.train)} training and {len(split.validation)} validation "
            f"examples for {role}; at least one of each is needed."
        )
    return split


def _plain(data: Path, recipe: Recipe) -> Split:
    examples = [recipe.plain(row) for file in datasets.files(data) for row in datasets.rows(file)]
    return Split(
        [example for place, example in enumerate(examples) if place % 10],
        [example for place, example in enumerate(examples) if place % 10 == 0],
    )
