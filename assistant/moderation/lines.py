"""Comments that were typed or pasted, one a line, as a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from assistant.errors import InputError
from assistant.moderation.comments import Comment
from assistant.moderation.sources import Problem


class Lines:
    """See ``assistant.moderation.sources.Source``. A comment's id is the number of its line.

    Raises:
        InputError: there is no line with anything on it.
    """

    columns: tuple[str, ...] = ("id", "text")
    roles: Mapping[str, str] = MappingProxyType({"id": "id", "text": "text"})
    text_column = "text"
    problem_count = 0

    def __init__(self, text: str, name: str = "Pasted comments") -> None:
        self.name = name
        self.problems: list[Problem] = []
        self._comments = [
            Comment(line.strip(), id=str(number))
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip()
        ]
        self.total: int | None = len(self._comments)
        if not self._comments:
            raise InputError("There is no comment yet. Paste some, one a line, or choose a file.")

    def comments(self) -> Iterator[Comment]:
        """Give every comment in order."""
        yield from self._comments
