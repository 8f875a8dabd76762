"""Comments that come one a line, from a pipe that may never end."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from threading import Thread
from typing import BinaryIO, TypeVar

from assistant.moderation.comments import Comment
from assistant.tables.lines import read_lines

Value = TypeVar("Value")
AHEAD = 1_000  # that are taken at once, and read before they are asked for
_END = object()


def piped(stream: BinaryIO) -> Iterator[Comment]:
    """Give the comment of every line that is not blank; one too long to read has a problem."""
    for line in read_lines(stream, "utf-8"):
        text = line.text.strip()
        if text or line.lost:
            yield Comment(text, problem=f"The line {line.trouble}." if line.lost else "")


def as_they_come(values: Iterator[Value], most: int = AHEAD) -> Iterator[list[Value]]:
    """Give whatever has come since the last time, as soon as anything has.

    So a slow pipe is answered at once, and a fast one in large groups.
    """
    waiting: queue.Queue[Value | Exception | object] = queue.Queue(most)

    def fill() -> None:
        try:
            for value in values:
                waiting.put(value)
        except (OSError, ValueError) as error:  # raised where the values are asked for
            waiting.put(error)
        waiting.put(_END)

    Thread(target=fill, daemon=True).start()
    while True:
        group: list[Value] = []
        value = waiting.get()
        while value is not _END and not isinstance(value, Exception):
            group.append(value)  # type: ignore[arg-type]
            if len(group) == most or waiting.empty():
                break
            value = waiting.get()
        if group:
            yield group
        if isinstance(value, Exception):
            raise value
        if value is _END:
            return
