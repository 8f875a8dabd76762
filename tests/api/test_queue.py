"""Concurrent requests are judged together, in turns, and not without end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from assistant.api.judging import BATCH, SLICE, Queue
from assistant.errors import BusyError, ModelError
from assistant.moderation.comments import Comment, Decision, Judged

NOTHING = Decision("allow", "", "")


class Model:
    """Judges nothing, but records its batches; the first waits until ``go`` is set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.batches: list[int] = []
        self.go = threading.Event()
        self._error = error

    def judge(self, texts: Sequence[str]) -> list[Judged]:
        self.batches.append(len(texts))
        self.go.wait(10)
        if self._error:
            raise self._error
        return [Judged(Comment(text), {}, (), NOTHING) for text in texts]


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result(20)


def test_what_comes_while_the_model_works_goes_together_and_back_to_its_caller() -> None:
    model = Model()

    async def work() -> list[list[Judged]]:
        queue = Queue(model.judge, 64)
        first = asyncio.create_task(queue.judge(["0"]))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(queue.judge([f"{n}a", f"{n}b"])) for n in range(1, 9)]
        await asyncio.sleep(0.05)
        model.go.set()
        return [await task for task in (first, *others)]

    answers = run(work)
    assert model.batches == [1, 16]
    assert [item.comment.text for item in answers[8]] == ["8a", "8b"]


def test_a_long_request_lets_others_pass() -> None:
    model = Model()

    async def work() -> list[str]:
        queue, done = Queue(model.judge, 64), []

        async def ask(name: str, count: int) -> None:
            assert len(await queue.judge(["x" * 1_000] * count)) == count
            done.append(name)

        tasks = [asyncio.create_task(ask("long", 100)), asyncio.create_task(ask("short", 1))]
        await asyncio.sleep(0.05)
        model.go.set()
        await asyncio.gather(*tasks)
        return done

    assert run(work) == ["short", "long"]
    assert model.batches == [SLICE // 1_000 + 1] + [SLICE // 1_000] * 9


def test_a_very_long_text_goes_by_itself_and_a_batch_has_an_end() -> None:
    model = Model()
    model.go.set()
    texts = ["a", "b" * (2 * BATCH), "c", ""]

    async def work() -> list[Judged]:
        return await Queue(model.judge, 64).judge(texts)

    assert [item.comment.text for item in run(work)] == texts
    assert model.batches == [1, 1, 2]


def test_too_many_requests_are_turned_away_and_a_broken_model_tells_everybody() -> None:
    model = Model(ModelError("The model is damaged."))

    async def work() -> list[BaseException | list[Judged]]:
        queue = Queue(model.judge, 2)
        tasks = [asyncio.create_task(queue.judge(["x"])) for _ in range(4)]
        await asyncio.sleep(0.05)
        model.go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    kinds = [type(answer) for answer in run(work)]
    assert kinds.count(BusyError) == 2
    assert kinds.count(ModelError) == 2


def test_a_caller_that_goes_away_takes_nothing_from_the_others() -> None:
    model = Model()

    async def work() -> list[Judged]:
        queue = Queue(model.judge, 64)
        gone = asyncio.create_task(queue.judge(["gone"]))
        stays = asyncio.create_task(queue.judge(["stays"]))
        await asyncio.sleep(0.05)
        gone.cancel()
        model.go.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays

    assert run(work)[0].comment.text == "stays"
