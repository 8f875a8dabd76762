"""Jobs in the background: what is judged is kept, whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from assistant.errors import InputError
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.moderation.desk import UNREADABLE, WINDOW, Desk, Work
from assistant.moderation.lines import Lines
from assistant.moderation.policy import Policy


class Allows:
    """Allows everything; waits for ``gate`` before each window."""

    policy = Policy(limits={})
    categories = ()

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.windows: list[str] = []

    def judge(
        self, comments: Sequence[Comment], progress: Callable[[int, int], None] | None = None
    ) -> tuple[Judged, ...]:
        if progress:
            progress(len(comments) // 2, len(comments))
        self.gate.wait(10)
        self.windows.append(comments[0].text)
        if progress:
            progress(len(comments), len(comments))
        return tuple(Judged(comment, {}, (), Decision("allow", "", "")) for comment in comments)


class Broken(Lines):
    """Gives two comments, of which one is unreadable, and then an error."""

    def comments(self) -> Iterator[Comment]:
        yield Comment("fine")
        yield Comment("", problem="Row 2 is broken.")
        yield from [Comment("fine")] * (WINDOW - 2)
        raise InputError("The disk is gone.")


def many(count: int, word: str = "x") -> Lines:
    return Lines("\n".join([word] * count))


def ended(desk: Desk, owner: str) -> Work:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        work = desk.last(owner)
        if work is not None and not work.running:
            return work
        time.sleep(0.01)
    raise AssertionError("the job did not end")


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close(5)


def test_a_job_keeps_every_comment_in_order_and_tells_its_course(desk: Desk) -> None:
    kept: list[Judged] = []
    source = Lines("\n".join(str(number) for number in range(WINDOW + 7)))
    desk.start("ann", Work("j", "numbers"), source, Allows(), kept.extend)
    work = ended(desk, "ann")
    assert (work.state, work.done, work.total) == ("ended", WINDOW + 7, WINDOW + 7)
    assert [judged.comment.text for judged in kept] == [str(n) for n in range(WINDOW + 7)]
    assert desk.last("bo") is None


def test_stop_ends_a_job_in_the_midst_of_a_window(desk: Desk) -> None:
    kept: list[Judged] = []
    judge = Allows()
    judge.gate.clear()
    desk.start("ann", Work("j", "many"), many(WINDOW * 5), judge, kept.extend)
    desk.stop("ann")
    work = desk.last("ann")
    assert work is not None
    assert work.state == "stopping"
    judge.gate.set()
    work = ended(desk, "ann")
    assert work.state == "stopped"
    assert (kept, work.done) == ([], 0)  # the window in work is given up


def test_what_was_judged_before_a_stop_is_kept(desk: Desk) -> None:
    kept: list[Judged] = []
    judge = Allows()

    def keep(judged: Sequence[Judged]) -> None:
        kept.extend(judged)
        desk.stop("ann")

    desk.start("ann", Work("j", "many"), many(WINDOW * 5), judge, keep)
    work = ended(desk, "ann")
    assert (work.state, work.done, len(kept)) == ("stopped", WINDOW, WINDOW)


def test_a_broken_source_says_why_and_what_came_before_is_kept(desk: Desk) -> None:
    kept: list[Judged] = []
    desk.start("ann", Work("j", "broken"), Broken("x"), Allows(), kept.extend)
    work = ended(desk, "ann")
    assert (work.state, work.failure) == ("failed", "The disk is gone.")
    assert len(kept) == work.done == WINDOW
    assert kept[1].decision == Decision("review", UNREADABLE, "Row 2 is broken.")


def test_a_visitor_has_one_job_at_a_time(desk: Desk) -> None:
    judge = Allows()
    judge.gate.clear()
    desk.start("ann", Work("j", "first"), many(3), judge, lambda judged: None)
    with pytest.raises(InputError, match="first is being moderated"):
        desk.start("ann", Work("k", "second"), many(3), judge, lambda judged: None)
    desk.start("bo", Work("l", "his"), many(3), judge, lambda judged: None)
    judge.gate.set()
    assert ended(desk, "bo").state == "ended"


def test_a_short_job_does_not_wait_for_the_end_of_long_ones(desk: Desk) -> None:
    judge = Allows()
    judge.gate.clear()
    for owner in ("ann", "bo"):
        desk.start(owner, Work(owner, "long"), many(WINDOW * 10, "long"), judge, lambda _: None)
    desk.start("cy", Work("c", "short"), many(3, "short"), judge, lambda _: None)
    time.sleep(0.1)
    judge.gate.set()
    ended(desk, "ann")
    ended(desk, "bo")
    assert judge.windows.index("short") <= 4
