"""Learning from decisions in the background: one at a time for the whole server. No Gradio.

It goes on when the page that started it is closed; whoever opens the page asks here how far it is.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.errors import AssistantError, InputError
from assistant.moderation.learning_report import Report

Tell = Callable[[float, str], None]
Course = Callable[[Tell, threading.Event], Report]
"""Learns, tells how far it is, and ends soon when the event is set."""

log = logging.getLogger("assistant")


@dataclass(frozen=True, slots=True)
class Learning:
    """How a learning is going: the share ``done``, what is being done, and what came of it.

    The report quotes comments, so it is for its ``owner`` alone. ``failure`` is a sentence for the
    user, empty if none.
    """

    owner: str
    done: float = 0.0
    doing: str = ""
    running: bool = True
    report: Report | None = None
    failure: str = ""


class Classroom:
    """The learning of a server; safe from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: Learning | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def last(self, owner: str) -> Learning | None:
        """Return the learning that is running, or the one that ended last if it was ``owner``'s."""
        with self._lock:
            last = self._last
        return last if last is not None and (last.running or last.owner == owner) else None

    @property
    def running(self) -> bool:
        """Whether one is at work."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, owner: str, course: Course) -> None:
        """Begin to learn from the decisions that ``owner`` may see.

        Raises:
            InputError: another learning is at work.
        """
        with self._lock:
            if self._last is not None and self._last.running:
                raise InputError(
                    "The model is learning from decisions just now. Wait until that has ended."
                )
            self._last, self._stop = Learning(owner), threading.Event()
            self._thread = threading.Thread(target=self._run, args=(course,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the learning soon; what it has reached is compared all the same."""
        self._stop.set()

    def _run(self, course: Course) -> None:
        try:
            report = course(lambda done, doing: self._change(done=done, doing=doing), self._stop)
        except AssistantError as error:
            self._change(running=False, failure=str(error))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("learning from decisions failed, reference %s", reference)
            sentence = f"The learning broke off; the log holds why under {reference}."
            self._change(running=False, failure=sentence)
        else:
            self._change(running=False, report=report)

    def _change(self, **changes: object) -> None:
        with self._lock:
            if self._last is not None:
                self._last = replace(self._last, **changes)  # type: ignore[arg-type]
