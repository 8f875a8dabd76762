"""What each browser tab wants done, in order. Knows no Gradio.

Gradio runs every handler of a page by itself, and what two of them show may reach the page in any
order. So one handler alone writes to the chat, the painter; the others only leave an action here,
and the painter carries the actions out one after the other.
"""

from __future__ import annotations

import queue
import threading
import time
from bisect import insort
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

LEAVING = 3.0  # seconds that the next action waits for a turn which was told to stop
OVERTAKEN = 0.5  # seconds that an action waits for an earlier one which is still on its way
LOOK = 0.1  # seconds between two looks whether the user has turned to something else
MOST = 4096  # tabs remembered; of a forgotten one only its waiting actions are lost

Update = dict[Any, Any]  # component → what it shows
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who acts: the owner of the conversations, and the browser tab."""

    owner: str
    tab: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do; ``carry_out`` yields what the page is to show.

    ``number`` counts what the user did on this page, from 1. ``given`` is what the message box
    held, for a message, which waits until the answer under way is complete. Every other action
    ends that answer.
    """

    number: int
    carry_out: Callable[[Tab], Iterator[Update]]
    given: Mapping[str, Any] | None = None


class Tab:
    """One browser tab; safe from many threads.

    ``chat`` is the id of the conversation it shows, empty for a new one, and ``seen`` the ids of
    its messages there, None if unknown. Both are the painter's to set.
    """

    def __init__(self, owner: str, chat: str = "") -> None:
        self.owner = owner
        self.chat = chat
        self.seen: tuple[str, ...] | None = None
        self._waiting: list[Action] = []
        self._done = 0  # the number of the last action handed out
        self._painting = False
        self._stop = threading.Event()
        self._lock = threading.Condition()

    def post(self, action: Action) -> None:
        """Leave an action; the painter has to be called afterwards."""
        with self._lock:
            insort(self._waiting, action, key=attrgetter("number"))
            self._lock.notify()
            if action.given is None:
                self._stop.set()

    def actions(self) -> Generator[Action, None, None]:
        """Hand out what waits, in the order in which the user did it, until nothing is left.

        Hand out nothing while another painter is at it.
        """
        with self._lock:
            if self._painting:
                return
            self._painting = True
        finished = False
        try:
            while (action := self._next()) is not None:
                yield action
            finished = True
        finally:
            if not finished:  # the browser has gone
                self._painting = False

    @property
    def leaving(self) -> bool:
        """Whether the user has turned to something else than the answer under way."""
        with self._lock:
            return self._is_leaving()

    @property
    def given(self) -> tuple[Mapping[str, Any], ...]:
        """What the user said that waits to be answered."""
        with self._lock:
            return tuple(action.given for action in self._waiting if action.given)

    def take_back(self) -> tuple[Mapping[str, Any], ...]:
        """Drop what waits if no painter came for it; return what the user had said with it."""
        given = self.given
        with self._lock:
            if self._painting:
                return ()
            self._waiting.clear()
        return given

    def stop(self) -> None:
        """Stop the turn under way; its generator ends at the next token."""
        with self._lock:
            self._stop.set()

    def follow(self, turn: Callable[[threading.Event], Iterator[Shown]]) -> Iterator[Shown]:
        """Run a turn in a thread of its own and yield what it yields; raise what it raises.

        The turn gets the event that tells it to stop. Once the user has turned to something else
        it is followed for ``LEAVING`` seconds at most: it may be in the middle of a large file,
        and goes on to its own end unseen.
        """
        with self._lock:
            stop = self._stop = threading.Event()
            if self._is_leaving():
                stop.set()
        seen: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=_run, args=(turn, stop, seen), name="turn", daemon=True).start()
        left: float | None = None
        try:
            while left is None or time.monotonic() - left < LEAVING:
                if left is None and self.leaving:
                    left = time.monotonic()
                try:
                    kind, value = seen.get(timeout=LOOK)
                except queue.Empty:
                    continue
                if kind == "end":
                    return
                if kind == "error":
                    raise value
                yield value
        finally:
            stop.set()

    def _next(self) -> Action | None:
        with self._lock:
            if not self._waiting:
                # Under the lock of ``post``: an action left from now on finds a painter of its own.
                self._painting = False
                return None
            self._lock.wait_for(self._is_next, OVERTAKEN)
            action = self._waiting.pop(0)
            self._done = max(self._done, action.number)
            return action

    def _is_next(self) -> bool:
        return self._waiting[0].number <= self._done + 1

    def _is_leaving(self) -> bool:
        return any(action.given is None for action in self._waiting)


class Tabs:
    """The tabs of all visitors."""

    def __init__(self) -> None:
        self._tabs: OrderedDict[Visitor, Tab] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, visitor: Visitor, chat: str = "") -> Tab:
        """Return the visitor's tab; ``chat`` is what a tab shows that is not known yet."""
        with self._lock:
            tab = self._tabs.setdefault(visitor, Tab(visitor.owner, chat))
            self._tabs.move_to_end(visitor)
            if len(self._tabs) > MOST:
                self._tabs.popitem(last=False)
            return tab


def _run(
    turn: Callable[[threading.Event], Iterator[Shown]],
    stop: threading.Event,
    seen: queue.SimpleQueue[tuple[str, Any]],
) -> None:
    try:
        for shown in turn(stop):
            seen.put(("shown", shown))
        seen.put(("end", None))
    except Exception as error:  # noqa: BLE001  the follower raises it
        seen.put(("error", error))
