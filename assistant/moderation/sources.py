"""What every source of comments gives: the comments one by one, and what was wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from assistant.moderation.comments import Comment

MOST_PROBLEMS = 100  # that are kept with their sentence; the others are counted


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, as a sentence; row 0 is the whole source."""

    row: int
    sentence: str


class Problems:
    """The first problems of a source, and how many there are."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.count = 0

    def add(self, row: int, sentence: str) -> None:
        """Record a problem; beyond the first ones it is only counted."""
        self.count += 1
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(row, sentence))


class Source(Protocol):
    """Comments that can be read once or, from a file, as often as one likes.

    Attributes:
        name: what to call it.
        columns: the names of what its comments have; downloads keep them in this order.
        roles: column → attribute of Comment; the other columns are in its ``fields``.
        text_column: the column that gives the text.
        problems: the first problems of the latest reading; ``problem_count`` counts them all.
    """

    name: str
    columns: tuple[str, ...]

    @property
    def roles(self) -> Mapping[str, str]:
        """Column → attribute."""

    @property
    def text_column(self) -> str:
        """The column of texts."""

    @property
    def problems(self) -> list[Problem]:
        """What was wrong so far."""

    @property
    def problem_count(self) -> int:
        """How many problems there were so far."""

    @property
    def total(self) -> int | None:
        """How many comments there are, or None if only reading them to the end tells."""

    def comments(self) -> Iterator[Comment]:
        """Give every comment in order.

        A row of which no text could be read comes as well; its ``problem`` is not empty.
        """
