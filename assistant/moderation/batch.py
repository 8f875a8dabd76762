"""Judges all comments of a source into a file, window by window, and goes on after a crash.

Memory holds one window. Whatever ends the program, even in the midst of writing, the next run of
the same job does what is left: no comment is judged into the result twice, none is left out.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Event
from typing import BinaryIO, Protocol

from assistant.errors import InputError, StorageError
from assistant.export import Cell
from assistant.models.moderator import Progress as Tick
from assistant.moderation import output
from assistant.moderation.comments import Comment, Judged
from assistant.moderation.files import FileSource
from assistant.moderation.journal import Job, Journal, State
from assistant.moderation.output import Format, Item, Layout
from assistant.moderation.policy import Policy
from assistant.moderation.sources import Source

WINDOW = 2_000  # comments judged together, sorted by length within, and recorded as done
CHARACTERS = 1_000  # a comment in the mean, at most; where they are longer, a window has fewer


class Judging(Protocol):
    """Who judges: assistant.moderation.judging.Judge, or several of them on a cluster."""

    policy: Policy
    categories: tuple[str, ...]

    def judge(
        self, comments: Sequence[Comment], progress: Tick | None = None
    ) -> tuple[Judged, ...]:
        """Return the judgement of each comment in order."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is; ``rate`` is in comments per second since it began or went on."""

    done: int
    total: int | None
    rate: float

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at this rate, if that can be told."""
        return None if self.total is None or not self.rate else (self.total - self.done) / self.rate


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a batch.

    Attributes:
        comments: how many there are in the result.
        verdicts: verdict → how many; an empty verdict is of those that could not be read.
        resumed: how many of them had been judged before this run.
        seconds: how long this run took.
        finished: False if it was stopped; the same job then goes on from there.
    """

    comments: int
    verdicts: Mapping[str, int]
    resumed: int
    seconds: float
    finished: bool


class StoppedError(Exception):
    """A batch was asked to stop; what is recorded is kept."""


class Watch:
    """Reports progress, and stops a batch in the midst of a window when ``stop`` is set."""

    def __init__(
        self,
        report: Callable[[Progress], None] | None = None,
        stop: Event | None = None,
        total: int | None = None,
        done: int = 0,
    ) -> None:
        self._report = report
        self._stop = stop
        self._total = total
        self._before = self._done = done
        self._started = time.perf_counter()

    def within(self, count: int) -> None:
        """Note that ``count`` comments of the window are judged.

        Raises:
            StoppedError: it was asked for.
        """
        if self._stop and self._stop.is_set():
            raise StoppedError
        if self._report:
            done = self._done + count
            seconds = time.perf_counter() - self._started
            rate = (done - self._before) / seconds if seconds else 0.0
            self._report(Progress(done, self._total, rate))

    def finished(self, count: int) -> None:
        """Note that a window of so many comments is done."""
        self._done += count
        self.within(0)


def windows(comments: Iterable[Comment], size: int = WINDOW) -> Iterator[list[Comment]]:
    """Cut comments into windows that fit into memory, whatever their length."""
    window: list[Comment] = []
    characters = 0
    for comment in comments:
        window.append(comment)
        characters += len(comment.text)
        if len(window) >= size or characters >= size * CHARACTERS:
            yield window
            window, characters = [], 0
    if window:
        yield window


def judged(
    window: Sequence[Comment], judge: Judging, watch: Watch | None = None
) -> tuple[Item, ...]:
    """Return the judgement of each comment of a window, and those that nobody could read as such.

    Raises:
        StoppedError: the watch says so.
    """
    readable = [comment for comment in window if not comment.problem]

    def tick(done: int, total: int) -> None:
        if watch:
            watch.within(done)

    found = iter(judge.judge(readable, tick) if readable else ())
    return tuple(comment if comment.problem else next(found) for comment in window)


def run(
    source: FileSource,
    judge: Judging,
    out: Path,
    model: str,
    report: Callable[[Progress], None] | None = None,
    stop: Event | None = None,
    overwrite: bool = False,
    window: int = WINDOW,
) -> Summary:
    """Judge every comment of a file into ``out``, or what is left of it.

    Args:
        source: the comments.
        judge: who judges them.
        out: the result: .csv, .xlsx or .jsonl.
        model: what says which model the judge has; another one cannot go on.
        report: is told of the progress.
        stop: ends the batch soon when it is set, keeping what is done.
        overwrite: begin anew, whatever there is.
        window: how many comments are judged together.

    Raises:
        InputError: the result is there already, or is of another job; says what to do.
        StorageError: the result cannot be written.
    """
    started = time.perf_counter()
    written = output.format_of(out)
    # A workbook cannot grow; it is made of JSON lines at the end.
    format: Format = "jsonl" if written == "xlsx" else written
    layout = output.layout_of(source, judge.categories)
    form = repr((written, layout.all_columns))
    job = Job(source.fingerprint(), judge.policy.model_dump_json(), model, form)
    journal = Journal(out)
    with journal.opened(job, overwrite) as found:
        before, state = found.comments, found
        if not found.finished:
            watch = Watch(report, stop, source.total, before)
            with journal.part.open("ab") as part:
                batch = _Batch(journal, part, layout, format)
                state = batch.work(source.comments(), judge, watch, found, window)
        if state.finished:
            journal.end(partial(_to_workbook, layout) if written == "xlsx" else None)
    seconds = time.perf_counter() - started
    return Summary(state.comments, state.verdicts, before, seconds, state.finished)


def run_once(
    source: Source, judge: Judging, out: Path, watch: Watch | None = None, overwrite: bool = False
) -> Counter[str]:
    """Judge a source that can be read only once into ``out``; return verdict → how many.

    Raises:
        InputError: the result is there already, or the source gives nothing.
    """
    format = output.format_of(out)
    if out.exists() and not overwrite:
        raise InputError(f"{out} is there already. Choose another --out, or add --overwrite.")
    layout = output.layout_of(source, judge.categories)
    verdicts: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, Cell]]:
        for window in windows(source.comments()):
            items = judged(window, judge, watch)
            verdicts.update(map(verdict_of, items))
            yield from map(layout.row, items)
            if watch:
                watch.finished(len(window))

    part = out.with_name(f"{out.name}.part")
    try:
        output.write_rows(part, layout.all_columns, rows(), format)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return verdicts


@dataclass(frozen=True, slots=True)
class _Batch:
    """The open part of a result."""

    journal: Journal
    part: BinaryIO
    layout: Layout
    format: Format

    def work(
        self,
        comments: Iterator[Comment],
        judge: Judging,
        watch: Watch,
        state: State,
        size: int,
    ) -> State:
        """Judge what is left, and return how far that is recorded."""
        verdicts = Counter(state.verdicts)
        written = 0
        if not state.comments:
            written = self.part.write(output.head(self.layout.all_columns, self.format))
        try:
            for window in windows(islice(comments, state.comments, None), size):
                items = judged(window, judge, watch)
                rows = map(self.layout.row, items)
                written += self.part.write(output.lines(rows, self.layout.all_columns, self.format))
                verdicts.update(verdict_of(item) for item in items)
                state = State(state.comments + len(window), state.bytes + written, dict(verdicts))
                written = 0
                self.journal.append(self.part, state)
                watch.finished(len(window))
        except StoppedError:
            return state
        except OSError as error:
            raise StorageError(
                f"{self.journal.out} cannot be written: {error.strerror or error}. Make room "
                "there, and start the same command again: it goes on from where it stopped."
            ) from error
        state = State(state.comments, state.bytes, dict(verdicts), finished=True)
        self.journal.append(self.part, state)
        return state


def verdict_of(item: Item) -> str:
    """Return the verdict, or nothing for what could not be read."""
    return item.decision.verdict if isinstance(item, Judged) else ""


def _to_workbook(layout: Layout, lines: Path, made: Path) -> None:
    """Make a workbook of lines of JSON."""
    with lines.open("rb") as file:
        rows = (json.loads(line) for line in file)
        output.write_rows(made, layout.all_columns, rows, "xlsx")
