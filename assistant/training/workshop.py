"""One training at a time for the whole server, in a thread of its own. Knows no Gradio.

The training goes on when the page that started it is closed; whoever opens the page asks here how
far it is. What breaks off with the server is a run that ``resume`` goes on with.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from assistant.errors import AssistantError, InputError
from assistant.models.encoder import Encoder
from assistant.models.versions import Run
from assistant.training import classifiers
from assistant.training.classifiers import Request
from assistant.training.options import Point, Progress
from assistant.training.preparation import Prepared
from assistant.training.report import Report

State = Literal["training", "stopping", "ended", "failed"]

log = logging.getLogger("assistant")


@dataclass(frozen=True, slots=True)
class Training:
    """How a training is going: what it has measured so far, and how it ended.

    ``run`` is empty until it has ended; ``failure`` is a sentence for the user, empty if none.
    ``seconds`` is the time since it began, or that it took.
    """

    name: str
    state: State
    points: tuple[Point, ...] = ()
    run: str = ""
    failure: str = ""
    seconds: float = 0.0

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.state in {"training", "stopping"}


class Workshop:
    """Trains in the background; ``encoder`` gives the embedded one."""

    def __init__(self, data_dir: Path, encoder: Callable[[], Encoder]) -> None:
        self._data_dir = data_dir
        self._encoder = encoder
        self._lock = threading.Lock()
        self._last: Training | None = None
        self._started = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def last(self) -> Training | None:
        """The training that is running or ended last; None if there was none."""
        with self._lock:
            if self._last is None or not self._last.running:
                return self._last
            return replace(self._last, seconds=time.monotonic() - self._started)

    @property
    def running(self) -> bool:
        """Whether a training is at work."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, request: Request, prepared: Prepared) -> None:
        """Begin a training of ``prepared``, which ``request.look()`` gave.

        Raises:
            InputError: another one is at work, or the name or an option is unusable.
        """
        classifiers.check_name(request.name)
        request.options.check()

        def work(progress: Progress) -> Report:
            return classifiers.train(
                request, prepared, self._data_dir, self._encoder(), progress, self._stop, keep=True
            )

        self._begin(request.name, work)

    def resume(self, run: Run) -> None:
        """Go on with a run that broke off.

        Raises:
            InputError: another training is at work.
        """
        self._begin(
            run.role,
            lambda progress: classifiers.resume(run, self._encoder(), progress, self._stop),
        )

    def stop(self) -> None:
        """End the training soon; its best state is kept."""
        self._stop.set()
        with self._lock:
            if self._last is not None and self._last.running:
                self._last = replace(self._last, state="stopping")

    def join(self, seconds: float) -> None:
        """Wait for the end of the training, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _begin(self, name: str, work: Callable[[Progress], Report]) -> None:
        with self._lock:
            if self._last is not None and self._last.running:
                raise InputError(
                    f"{self._last.name} is being trained just now, and one training uses the whole "
                    "computer. Start yours when it has ended, or stop it; its best state is kept."
                )
            self._last = Training(name, "training")
            self._started = time.monotonic()
            self._stop = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(work,), name="training", daemon=True
            )
            self._thread.start()

    def _run(self, work: Callable[[Progress], Report]) -> None:
        try:
            report = work(self._note)
        except AssistantError as error:
            self._end("failed", failure=str(error))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a training failed, reference %s", reference)
            self._end(
                "failed",
                failure=f"The training broke off; the log holds why under {reference}. What it "
                "had reached is kept: Resume goes on from there.",
            )
        else:
            log.info("%s is trained: %.0f s.", report.run, report.seconds)
            self._end("ended", run=report.run)

    def _note(self, point: Point) -> None:
        with self._lock:
            if self._last is not None:
                self._last = replace(self._last, points=(*self._last.points, point))

    def _end(self, state: State, run: str = "", failure: str = "") -> None:
        with self._lock:
            if self._last is not None:
                seconds = time.monotonic() - self._started
                self._last = replace(
                    self._last, state=state, run=run, failure=failure, seconds=seconds
                )
