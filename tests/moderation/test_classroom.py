"""Learning in the background: one at a time, its end told to whoever began it."""

from __future__ import annotations

import threading
import time

import pytest

from assistant.errors import InputError
from assistant.moderation.classroom import Classroom, Learning, Tell
from assistant.moderation.learning_report import Report


def ended(classroom: Classroom, owner: str) -> Learning:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        last = classroom.last(owner)
        if last is not None and not last.running:
            return last
        time.sleep(0.01)
    raise AssertionError("the learning did not end")


def refused(tell: Tell, stop: threading.Event) -> Report:
    tell(0.1, "reading the decisions")
    stop.wait(10)
    raise InputError("There are too few decisions.")


def broken(tell: Tell, stop: threading.Event) -> Report:
    raise ZeroDivisionError


def test_one_learns_at_a_time_tells_how_far_it_is_and_stops() -> None:
    classroom = Classroom()
    classroom.start("ann", refused)
    with pytest.raises(InputError, match="learning from decisions just now"):
        classroom.start("bo", refused)
    running = classroom.last("bo")
    assert running is not None
    assert running.running
    classroom.stop()
    assert ended(classroom, "ann").failure == "There are too few decisions."
    assert classroom.last("bo") is None  # what came of it quotes ann's comments


def test_a_fault_is_told_by_its_reference_and_leaves_room_for_the_next() -> None:
    classroom = Classroom()
    classroom.start("ann", broken)
    assert "the log holds why under" in ended(classroom, "ann").failure
    classroom.start("ann", broken)
    ended(classroom, "ann")
