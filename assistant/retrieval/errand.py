"""One piece of work that is done in the background, again and again when it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Errand:
    """Runs ``work`` in a thread of its own when it is asked for, one at a time.

    Asked for while it runs, it runs once more. ``work`` is given a function that says when it
    should break off.
    """

    def __init__(self, name: str, work: Callable[[Callable[[], bool]], object]) -> None:
        self._name = name
        self._work = work
        self._guard = threading.Lock()
        self._asked = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Let the work be done soon."""
        with self._guard:
            self._asked = True
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Return when nothing is left to do, or after so many seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def stop(self) -> None:
        """Break off, and start no more; return at the latest after a second."""
        self._stop.set()
        self.wait(1.0)

    def _run(self) -> None:
        while True:
            with self._guard:
                if not self._asked or self._stop.is_set():
                    self._thread = None
                    return
                self._asked = False
            self._work(self._stop.is_set)
