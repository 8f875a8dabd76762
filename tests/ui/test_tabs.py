"""A tab's actions are carried out once each and in order, whatever comes when."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from assistant.ui import tabs
from assistant.ui.tabs import Action, Tab, Tabs, Update, Visitor


def nothing(tab: Tab) -> Iterator[Update]:
    yield from ()


def message(text: str, number: int = 1) -> Action:
    return Action(number, nothing, {"text": text})


def test_no_action_is_lost_or_done_twice_when_painters_and_clicks_meet() -> None:
    tab, done = Tab("ann"), []

    def click(number: int) -> None:
        tab.post(message(str(number), number))
        done.extend(tab.actions())  # the page calls a painter after every click

    for number in range(1, 900, 3):  # three clicks at a time
        threads = [threading.Thread(target=click, args=(number + each,)) for each in range(3)]
        for thread in reversed(threads):
            thread.start()
        for thread in threads:
            thread.join()
    assert [int(action.given["text"]) for action in done if action.given] == list(range(1, 901))


def test_an_action_waits_for_the_one_before_it_but_not_for_ever() -> None:
    tab, done = Tab("ann"), []
    tab.post(message("second", 2))
    painter = threading.Thread(target=lambda: done.extend(tab.actions()))
    painter.start()
    time.sleep(0.1)
    tab.post(message("first", 1))
    tab.post(message("fourth", 4))
    painter.join(5)
    texts = [action.given["text"] for action in done if action.given]
    assert texts == ["first", "second", "fourth"]


def test_a_second_painter_has_nothing_to_do_while_the_first_is_at_work() -> None:
    tab = Tab("ann")
    tab.post(message("one"))
    first = tab.actions()
    next(first)
    tab.post(message("two", 2))
    assert list(tab.actions()) == []
    assert [action.given for action in first] == [{"text": "two"}]


def test_a_painter_whose_browser_has_gone_leaves_room_for_the_next() -> None:
    tab = Tab("ann")
    for number, text in enumerate(("one", "two"), 1):
        tab.post(message(text, number))
    first = tab.actions()
    next(first)
    first.close()  # type: ignore[attr-defined]
    assert [action.given for action in tab.actions()] == [{"text": "two"}]


def test_a_message_waits_for_the_answer_under_way_and_any_other_action_ends_it() -> None:
    tab, stops = Tab("ann"), []

    def turn(stop: threading.Event) -> Iterator[int]:
        stops.append(stop)
        for number in range(1000):
            yield number
            if stop.wait(0.001):
                return

    following = tab.follow(turn)
    next(following)
    tab.post(message("and another thing"))
    next(following)
    assert (tab.leaving, stops[0].is_set()) == (False, False)
    tab.post(Action(2, nothing))
    assert (tab.leaving, stops[0].is_set()) == (True, True)
    assert len(list(following)) < 900


def test_a_message_that_was_overtaken_is_told_to_stop_from_its_start() -> None:
    tab, stopped = Tab("ann"), []
    tab.post(Action(2, nothing))
    list(tab.follow(lambda stop: iter([stopped.append(stop.is_set())])))
    assert stopped == [True]


def test_a_turn_that_does_not_stop_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabs, "LEAVING", 0.2)
    tab, release = Tab("ann"), threading.Event()
    ended = threading.Event()

    def turn(stop: threading.Event) -> Iterator[int]:
        yield 1
        release.wait(10)
        ended.set()

    following = tab.follow(turn)
    next(following)
    tab.post(Action(2, nothing))
    started = time.monotonic()
    assert list(following) == []
    assert time.monotonic() - started < 2
    assert not ended.is_set()
    release.set()
    assert ended.wait(5)


def test_what_a_turn_raises_reaches_the_painter() -> None:
    def turn(stop: threading.Event) -> Iterator[int]:
        yield 1
        raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="disk"):
        list(Tab("ann").follow(turn))


def test_a_browser_that_goes_away_stops_the_turn() -> None:
    stops: list[threading.Event] = []

    def turn(stop: threading.Event) -> Iterator[int]:
        stops.append(stop)
        while not stop.wait(0.001):
            yield 1

    following = Tab("ann").follow(turn)
    next(following)
    following.close()  # type: ignore[attr-defined]
    assert stops[0].is_set()


def test_what_nobody_came_for_is_given_back() -> None:
    tab = Tab("ann")
    tab.post(message("one"))
    assert tab.take_back() == ({"text": "one"},)
    assert list(tab.actions()) == []


def test_a_tab_is_known_again_and_strangers_have_another() -> None:
    known = Tabs()
    tab = known.of(Visitor("ann", "1"), "chat")
    assert known.of(Visitor("ann", "1"), "other") is tab
    assert tab.chat == "chat"
    assert known.of(Visitor("bob", "1")) is not tab
