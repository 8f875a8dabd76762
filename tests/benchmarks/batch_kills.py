"""Kills a batch of moderation at random points, as often as is wanted, and checks the result.

``python -m tests.benchmarks.batch_kills --times 200`` ends with every row there once and in order.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import signal
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from assistant.models.moderator import Progress as Tick
from assistant.moderation import batch
from assistant.moderation.batch import Progress
from assistant.moderation.comments import Comment, Judged
from assistant.moderation.files import open_file
from assistant.moderation.policy import Limits, Policy

LONGEST_LIFE = 0.25  # seconds between the beginning of a run and its end
ROWS = 3_000


class LengthJudge:
    """Judges by the length of a comment: a judge of its own, quick enough to be killed often."""

    categories = ("length",)

    def __init__(self, most: float = 0.5, pause: float = 0.0) -> None:
        self.policy = Policy(limits={"length": Limits(block=most)})
        self.seen = 0
        self._pause = pause

    def judge(
        self, comments: Sequence[Comment], progress: Tick | None = None
    ) -> tuple[Judged, ...]:
        time.sleep(self._pause)
        self.seen += len(comments)
        found = []
        for number, comment in enumerate(comments, start=1):
            scores = {"length": min(1.0, len(comment.text) / 100)}
            verdict = self.policy.decide(comment, scores, ())
            found.append(Judged(comment, scores, (), verdict))
            if progress:
                progress(number, len(comments))
        return tuple(found)


def make(folder: Path, rows: int = ROWS) -> Path:
    path = folder / "in.csv"
    lines = [f'{number},"line one of {number}\n{"x" * (number % 90)}"' for number in range(rows)]
    lines[rows // 2] = "no comment here"
    path.write_text("\n".join(["id,text", *lines]) + "\n")
    return path


def whole(path: Path) -> list[str]:
    """The ids of a result, which must be every row once and in order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[ROWS // 2]["verdict"] == ""
    assert all(row["verdict"] for number, row in enumerate(rows) if number != ROWS // 2)
    return [row["id"] for row in rows]


IDS = [str(number) if number != ROWS // 2 else "no comment here" for number in range(ROWS)]


def kill_once(path: Path, out: Path, seconds: float, begun: bool) -> int:
    """Begin or go on with a batch, kill it, and return how many comments are recorded as done.

    ``seconds`` count from its first window if ``begun``, else from its very start.
    """
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        report = partial(_tell, tell)
        batch.run(open_file(path), LengthJudge(pause=0.005), out, "m", report, window=40)
        os._exit(0)
    os.close(tell)
    if begun:
        os.read(told, 1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(told)
    journal = out.with_name(f"{out.name}.journal")
    lines = journal.read_bytes().split(b"\n")[1:-1] if journal.exists() else []
    return int(json.loads(lines[-1])["comments"]) if lines else 0


def _tell(pipe: int, progress: Progress) -> None:
    if progress.done <= ROWS // 2:  # no more than the pipe holds
        os.write(pipe, b".")


def main() -> None:
    """Read the command line and kill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    times = parser.parse_args().times
    chance = random.Random(5)
    results = went_on = done = 0
    with tempfile.TemporaryDirectory() as name:
        path, out = make(Path(name)), Path(name) / "out.csv"
        for number in range(times):
            now = kill_once(path, out, chance.uniform(0.0, LONGEST_LIFE), chance.random() < 0.7)
            assert now >= done or out.exists()
            went_on += bool(done)
            done = now
            if number == times - 1 and not out.exists():
                assert batch.run(open_file(path), LengthJudge(), out, "m").resumed == done
            if out.exists():
                assert whole(out) == IDS
                results, done = results + 1, 0
                for file in Path(name).glob("out.csv*"):
                    file.unlink()
    print(  # noqa: T201
        f"Killed {times} times, {went_on} times after a part was done: {results} results, "
        "every row in them once and in order."
    )


if __name__ == "__main__":
    main()
