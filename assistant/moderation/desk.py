"""Moderates comments in the background, one job a visitor, and tells how far each is.

A job goes on when the page that started it is closed; whoever opens the page asks here. What is
judged is stored at once, so Stop, or the end of the server, keeps it. Knows no Gradio.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.errors import AssistantError, InputError
from assistant.moderation.batch import Judging, StoppedError, Watch, judged, windows
from assistant.moderation.comments import Decision, Judged
from assistant.moderation.output import Item
from assistant.moderation.sources import Source

WINDOW = 500  # comments judged and stored together; jobs take turns after each
AT_ONCE = 2  # windows in work at one time, so that a long job leaves room for a short one
REMEMBERED = 1024  # visitors whose last job is remembered
UNREADABLE = "unreadable"  # the rule that sends to a person what no text could be read of

State = Literal["working", "stopping", "stopped", "ended", "failed"]
Keep = Callable[[Sequence[Judged]], object]

log = logging.getLogger("assistant")


@dataclass(frozen=True, slots=True)
class Work:
    """How a job is going. ``total`` is None where the source does not know it beforehand.

    ``failure`` is a sentence for the user, empty if none; ``seconds`` since it began, or that it
    took. ``problems`` are the first things wrong with the source, ``problem_count`` is all of them;
    ``note`` is what else there is to say of it in the end.
    """

    job: str
    title: str
    state: State = "working"
    done: int = 0
    total: int | None = None
    seconds: float = 0.0
    failure: str = ""
    problems: tuple[str, ...] = ()
    problem_count: int = 0
    note: str = ""

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.state in {"working", "stopping"}

    @property
    def rate(self) -> float:
        """Comments a second so far."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it will go on, if that can be told."""
        if not self.total or not self.done:
            return None
        return max(self.total - self.done, 0) / self.rate if self.rate else None


@dataclass
class _Place:
    """One visitor's place at the desk."""

    work: Work
    note: Callable[[], str]
    started: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    kept: int = 0  # comments that are judged and stored


class Desk:
    """All jobs of a server; safe from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._places: dict[str, _Place] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="moderation")

    def last(self, owner: str) -> Work | None:
        """Return the visitor's job that is running or ended last; None if there was none."""
        with self._lock:
            place = self._places.get(owner)
            if place is None or not place.work.running:
                return place.work if place else None
            return replace(place.work, seconds=time.monotonic() - place.started)

    def check(self, owner: str) -> None:
        """Refuse a visitor whose last job is still at work.

        Raises:
            InputError: it is.
        """
        work = self.last(owner)
        if work is not None and work.running:
            raise InputError(
                f"{work.title} is being moderated just now. Start the next one when it has ended, "
                "or stop it; what is done is kept."
            )

    def start(
        self,
        owner: str,
        work: Work,
        source: Source,
        judge: Judging,
        keep: Keep,
        note: Callable[[], str] = str,
    ) -> None:
        """Begin to judge what ``source`` holds.

        Args:
            owner: whose job it is.
            work: what it is called.
            source: where the comments come from.
            judge: what judges them.
            keep: stores a window of them at a time.
            note: gives the work's ``note`` when it has ended.

        Raises:
            InputError: this visitor's last job is still at work.
        """
        with self._starting:
            self.check(owner)
            place = _Place(work, note)
            with self._lock:
                self._places[owner] = place
                self._forget()
            place.thread = threading.Thread(
                target=self._run, args=(place, source, judge, keep), daemon=True
            )
            place.thread.start()

    def stop(self, owner: str) -> None:
        """End the visitor's job after the window that is in work."""
        with self._lock:
            place = self._places.get(owner)
            if place is not None and place.work.running:
                place.work = replace(place.work, state="stopping")
                place.stop.set()

    def close(self, seconds: float) -> None:
        """Stop every job and wait for them, for each at most so long."""
        with self._lock:
            places = list(self._places.values())
        for place in places:
            place.stop.set()
        for place in places:
            if place.thread is not None:
                place.thread.join(seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, place: _Place, source: Source, judge: Judging, keep: Keep) -> None:
        try:
            self._change(place, total=source.total)
            self._work(place, source, judge, keep)
        except StoppedError:
            self._end(place, source, "stopped")
        except AssistantError as error:
            self._end(place, source, "failed", str(error))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a moderation failed, reference %s", reference)
            sentence = f"The moderation broke off; the log holds why under {reference}."
            self._end(place, source, "failed", sentence)
        else:
            self._end(place, source, "ended")

    def _work(self, place: _Place, source: Source, judge: Judging, keep: Keep) -> None:
        watch = Watch(lambda progress: self._change(place, done=progress.done), place.stop)
        for window in windows(source.comments(), WINDOW):
            # The pool is first come, first served: no job overtakes another.
            found = self._pool.submit(judged, window, judge, watch).result()
            keep([_whole(item) for item in found])
            place.kept += len(window)
            watch.finished(len(window))

    def _change(self, place: _Place, **changes: int | None) -> None:
        with self._lock:
            place.work = replace(place.work, **changes)  # type: ignore[arg-type]

    def _end(self, place: _Place, source: Source, state: State, failure: str = "") -> None:
        with self._lock:
            place.work = replace(
                place.work,
                state=state,
                done=place.kept,
                failure=failure,
                seconds=time.monotonic() - place.started,
                problems=tuple(problem.sentence for problem in source.problems),
                problem_count=source.problem_count,
                note=place.note(),
            )

    def _forget(self) -> None:
        """Drop who came first, if at rest, when more are known than are remembered."""
        idle = [owner for owner, place in self._places.items() if not place.work.running]
        for owner in idle[: max(len(self._places) - REMEMBERED, 0)]:
            del self._places[owner]


def _whole(item: Item) -> Judged:
    """Return a judgement; what no text could be read of, a person has to look at."""
    if isinstance(item, Judged):
        return item
    return Judged(item, {}, (), Decision("review", UNREADABLE, item.problem))
