"""Follows folders while the program runs: what changes in them changes in the library.

Looks instead of listening: it works on network drives as well, and needs no package.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import AssistantError
from assistant.retrieval.library import Library

log = logging.getLogger("assistant")

INTERVAL = 2.0  # seconds between two looks
QUIET = 1.0  # seconds that a file has to be left alone before it is read
_SHARE = 20  # a look may take one part in so many of the time


class Watcher:
    """A thread that keeps ``library`` in step with ``folders``, sub-folders included."""

    def __init__(
        self, library: Library, folders: Sequence[Path], interval: float = INTERVAL
    ) -> None:
        self._library = library
        self._folders = folders
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Follow no longer; a file that is being read just now is finished first."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            for folder in self._folders:
                try:
                    new = self._library.sync(folder, quiet=QUIET)
                except AssistantError as error:  # a full disk now may be mended later
                    log.warning(str(error))
                else:
                    if new:
                        log.info("library: %d documents followed from a folder", len(new))
            took = time.monotonic() - started
            self._stop.wait(max(self._interval, took * _SHARE))
