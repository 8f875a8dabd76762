"""Long work that a page follows and can stop. Knows no Gradio."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar
from weakref import WeakValueDictionary

LOOK = 0.2  # seconds between two looks at the work

Seen = TypeVar("Seen")


class StoppedError(Exception):
    """Raised inside the work, by what it tells its progress to, to end it."""


class Stops:
    """Which page wants its work stopped; safe from many threads.

    A page's event lives as long as the work that holds it.
    """

    def __init__(self) -> None:
        self._events: WeakValueDictionary[str, threading.Event] = WeakValueDictionary()

    def begin(self, page: str | None) -> threading.Event:
        """Return the event that tells new work of this page to stop."""
        event = self._events[page or ""] = threading.Event()
        return event

    def stop(self, page: str | None) -> None:
        """Tell the work of this page to stop, if there is any."""
        event = self._events.get(page or "")
        if event is not None:
            event.set()


def follow(work: Callable[[Callable[[Seen], None]], None]) -> Iterator[Seen]:
    """Run ``work`` in a thread and yield the latest it has noted, at most every ``LOOK`` seconds.

    The last note is always yielded; then what the work raised is raised. When nobody follows any
    more the work goes on to its own end.
    """
    noted: list[Seen] = []
    failures: list[Exception] = []
    news, ended = threading.Event(), threading.Event()

    def note(value: Seen) -> None:
        noted[:] = [value]
        news.set()

    def run() -> None:
        try:
            work(note)
        except Exception as error:  # noqa: BLE001  raised again where it is followed
            failures.append(error)
        ended.set()
        news.set()

    threading.Thread(target=run, name="page-work", daemon=True).start()
    while not ended.is_set():
        news.wait()
        news.clear()
        if not ended.is_set():
            yield from noted[:1]
            ended.wait(LOOK)
    yield from noted[:1]
    if failures:
        raise failures[0]
