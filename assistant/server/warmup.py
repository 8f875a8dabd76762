"""Loads the models in the background, so that the page answers before they are there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from assistant.errors import AssistantError

Progress = Callable[[str], None]
log = logging.getLogger("assistant")


class WarmUp:
    """Runs ``work`` once in its own thread; ``status`` is loading, ready or failed."""

    def __init__(self, work: Callable[[Progress], None]) -> None:
        self.status = "loading"
        self.doing = "starting"
        self._work = work
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)

    def start(self) -> None:
        """Begin; the first turn waits for what it needs, not for all of this."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the work is still going on."""
        return self._thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait for the end of the work, at most so long."""
        if self.running:
            self._thread.join(seconds)

    def _run(self) -> None:
        started = time.perf_counter()
        outcome = "failed"
        try:
            self._work(self._note)
            outcome = "ready"
            log.info("Ready after %.1f s.", time.perf_counter() - started)
        except AssistantError as error:
            log.warning("Not everything could be loaded. %s", error)
        finally:
            self.status, self.doing = outcome, ""

    def _note(self, text: str) -> None:
        self.doing = text
        log.info("  … %s", text)
