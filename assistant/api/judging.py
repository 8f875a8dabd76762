"""Judges the comments of all requests: those that wait at the same time are judged together.

While one batch is with the model, whatever arrives gathers for the next. So a single caller never
waits for company, and many share the model's speed on batches.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant.errors import BusyError, InputError, SettingsError
from assistant.models.catalogue import Models
from assistant.moderation.comments import Comment, Judged
from assistant.moderation.judging import Judge
from assistant.moderation.policies import Policies
from assistant.moderation.policy import Policy, standard
from assistant.moderation.scoring import ModerationModel
from assistant.settings import Settings

SLICE = 10_000  # characters of one request that are judged before others get their turn
BATCH = 40_000  # characters that go to the model together
LEAST = 100  # characters that even a shorter text costs

JudgeTexts = Callable[[Sequence[str]], Sequence[Judged]]


class Moderators:
    """The moderation model and the policy in use, asked for anew each time: both may change."""

    def __init__(self, models: Callable[[], Models], settings: Settings) -> None:
        self._models = models
        self._settings = settings
        self._known: tuple[ModerationModel, int, Policy] | None = None

    def categories(self) -> tuple[str, ...]:
        """Return what the model scores; loads, or downloads, it when that was not done yet."""
        models = self._models()
        for _ in models.fetch("moderation"):
            pass
        models.refresh()
        return tuple(models.moderation.categories)

    def labels(self) -> tuple[str, str]:
        """Return what review decisions record: the policy's label, and the model's."""
        return self.policy().label, self._models().label("moderation")

    def policy(self) -> Policy:
        """Return the policy that ``--policy`` names; a word list is read once a version."""
        model, asked = self._models().moderation, self._settings.policy
        policies = Policies(self._settings.data_dir, standard(model.thresholds, model.experimental))
        newest = max(policies.versions(asked.partition("@")[0]), default=0)
        if self._known is None or self._known[0] is not model or self._known[1] != newest:
            try:
                self._known = model, newest, policies.get(asked)
            except InputError as error:  # of the setting, not of the request
                raise SettingsError(str(error)) from error
        return self._known[2]

    def judge(self, texts: Sequence[str]) -> Sequence[Judged]:
        """Return the judgement of each text in order."""
        self.categories()
        judge = Judge(self._models().moderation, self.policy())
        return judge.judge([Comment(text) for text in texts])


@dataclass(slots=True)
class _Waiting:
    texts: Sequence[str]
    judged: asyncio.Future[Sequence[Judged]]


class Queue:
    """Takes the texts of concurrent requests; all must come from one event loop.

    ``judge`` runs in a thread, one batch after the other; ``most`` requests may wait for it.
    """

    def __init__(self, judge: JudgeTexts, most: int) -> None:
        self._judge = judge
        self._most = most
        self._waiting: deque[_Waiting] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def judge(self, texts: Sequence[str]) -> list[Judged]:
        """Return the judgement of each text in order.

        Raises:
            BusyError: too many requests wait already.
            AssistantError: what ``judge`` raised.
        """
        judged: list[Judged] = []
        for part in _slices(texts):
            judged += await self._slice(part)
        return judged

    async def _slice(self, texts: Sequence[str]) -> Sequence[Judged]:
        if len(self._waiting) >= self._most:
            raise BusyError(
                f"{self._most} requests wait already. Send this one again in a second, or start "
                "the server with a larger --queue-size."
            )
        waiting = _Waiting(texts, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await waiting.judged

    async def _work(self) -> None:
        while batch := self._next_batch():
            texts = [text for waiting in batch for text in waiting.texts]
            work = asyncio.create_task(asyncio.to_thread(self._judge, texts))
            await asyncio.wait([work])
            error = work.exception()
            judged = () if error else work.result()
            for waiting in batch:
                mine, judged = judged[: len(waiting.texts)], judged[len(waiting.texts) :]
                if waiting.judged.done():  # the caller has gone
                    continue
                if error:
                    waiting.judged.set_exception(error)
                else:
                    waiting.judged.set_result(mine)

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and (not batch or size + _size(self._waiting[0].texts) <= BATCH):
            batch.append(self._waiting.popleft())
            size += _size(batch[-1].texts)
        return batch


def _slices(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield stretches of texts in order; one that is longer than a slice has its own."""
    start = size = 0
    for place, text in enumerate(texts):
        if size and size + _size([text]) > SLICE:
            yield texts[start:place]
            start, size = place, 0
        size += _size([text])
    yield texts[start:]


def _size(texts: Sequence[str]) -> int:
    return sum(max(len(text), LEAST) for text in texts)
