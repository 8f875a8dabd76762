"""Batches that are stopped and killed at any point: every row once, none twice, none missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest

from assistant.errors import InputError
from assistant.models.moderator import Moderation
from assistant.models.moderator import Progress as Tick
from assistant.moderation import batch
from assistant.moderation.batch import Progress
from assistant.moderation.comments import Comment
from assistant.moderation.files import open_file
from assistant.moderation.memory import Remembering
from assistant.settings import PROJECT
from tests.benchmarks.batch_kills import IDS, ROWS, LengthJudge, make, whole


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_a_batch_that_is_stopped_goes_on_without_judging_anything_again(
    suffix: str, tmp_path: Path
) -> None:
    path, out = make(tmp_path), tmp_path / f"out.{suffix}"
    stop = Event()
    told: list[Progress] = []

    def report(progress: Progress) -> None:
        told.append(progress)
        if progress.done >= 700:
            stop.set()

    judge = LengthJudge()
    first = batch.run(open_file(path), judge, out, "m", report, stop, window=200)
    assert not first.finished
    assert 600 <= first.comments < 1000
    assert not out.exists()
    assert told[0].total == ROWS
    second = batch.run(open_file(path), judge, out, "m", window=200)
    assert second.finished
    assert second.resumed == first.comments
    assert second.comments == ROWS
    assert second.verdicts[""] == 1
    assert judge.seen <= ROWS + 200
    assert {file.name for file in tmp_path.iterdir()} == {"in.csv", out.name}
    if suffix == "csv":
        assert whole(out) == IDS


def test_a_result_that_is_there_is_not_lost_unless_that_is_wanted(tmp_path: Path) -> None:
    path, out = make(tmp_path), tmp_path / "out.csv"
    out.write_text("precious")
    with pytest.raises(InputError, match="is there already"):
        batch.run(open_file(path), LengthJudge(), out, "m")
    assert out.read_text() == "precious"
    batch.run(open_file(path), LengthJudge(), out, "m", overwrite=True)
    assert whole(out) == IDS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("input", "another input"),
        ("policy", "another policy"),
        ("model", "another moderation model"),
    ],
)
def test_a_batch_of_another_job_is_not_gone_on_with(change: str, said: str, tmp_path: Path) -> None:
    path, out = make(tmp_path), tmp_path / "out.csv"
    stop = Event()
    batch.run(open_file(path), LengthJudge(), out, "m", lambda _: stop.set(), stop, window=100)
    if change == "input":
        path.write_text(path.read_text() + "9,more\n")
    judge = LengthJudge(0.6 if change == "policy" else 0.5)
    with pytest.raises(InputError, match=said):
        batch.run(open_file(path), judge, out, "n" if change == "model" else "m")


def test_killed_at_any_point_it_goes_on_with_every_row_once() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.batch_kills", "--times", "8"]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Killed 8 times")


def test_a_torn_end_of_part_and_journal_is_cut_off(tmp_path: Path) -> None:
    path, out = make(tmp_path), tmp_path / "out.csv"
    stop = Event()
    batch.run(open_file(path), LengthJudge(), out, "m", lambda _: stop.set(), stop, window=100)
    for name in ("out.csv.part", "out.csv.journal"):
        with (tmp_path / name).open("ab") as file:
            file.write(b'{"comments": 99, "by')
    batch.run(open_file(path), LengthJudge(), out, "m")
    assert whole(out) == IDS


def test_two_programs_do_not_write_one_result(tmp_path: Path) -> None:
    path, out = make(tmp_path), tmp_path / "out.csv"
    refused = 0

    def report(_: Progress) -> None:
        nonlocal refused
        if not refused:
            with pytest.raises(InputError, match="by another program"):
                batch.run(open_file(path), LengthJudge(), out, "m")
            refused += 1

    batch.run(open_file(path), LengthJudge(), out, "m", report, window=ROWS)
    assert refused
    assert whole(out) == IDS


def test_a_window_closes_when_its_comments_are_long() -> None:
    comments = [Comment("x" * 900_000) for _ in range(5)]
    assert [len(window) for window in batch.windows(comments)] == [3, 2]


class Counting:
    """Scores every text 1 and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, texts: Sequence[str], progress: Tick | None = None) -> list[Moderation]:
        self.asked += texts
        return [Moderation({"length": 1.0}, ()) for _ in texts]


def test_what_came_before_is_not_scored_again_unless_too_much_came_between() -> None:
    counting = Counting()
    scorer = Remembering(counting, kept=3)
    scorer.score(["a", "b", "a"])
    scorer.score(["b", "c", "d"])
    scorer.score(["d", "a"])
    assert counting.asked == ["a", "b", "c", "d", "a"]
