"""How long the review queue takes with many comments: ``python -m tests.benchmarks.reviews``."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from assistant.models.heads import CATEGORIES
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.moderation.reviews import ReviewFilter
from assistant.storage import Storage
from assistant.storage.database import open_file, open_url
from assistant.types import Span, VerdictName

WORDS = ("you", "are", "so", "the", "nice", "video", "what", "why", "how", "love", "hate", "thanks")
MODERATOR = "user:moderator"
Found = TypeVar("Found")


def comments(count: int) -> Iterator[Judged]:
    """Yield comments of 5 to 80 words with scores of which most are low."""
    chance = random.Random(0)
    for number in range(count):
        scores = {name: chance.random() ** 4 for name in CATEGORIES}
        worst = max(scores, key=lambda name: scores[name])
        top = scores[worst]
        verdict: VerdictName = "block" if top > 0.9 else "review" if top > 0.5 else "allow"
        text = " ".join(chance.choices(WORDS, k=chance.randint(5, 80)))
        date = f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}T10:00:00Z"
        yield Judged(
            Comment(text, str(number), f"author {chance.randint(0, 5000)}", date),
            scores,
            (Span(0, 3, "toxicity", 0.8),),
            Decision(verdict, worst if verdict != "allow" else "", "made up"),
        )


def timed(what: str, action: Callable[[], Found]) -> Found:
    """Do something and print the wall clock and this process's processor time."""
    wall, own = time.perf_counter(), time.process_time()
    found = action()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    sys.stdout.write(f"{what:<42}{wall:9.3f} s {own:9.3f} s of processor\n")
    return found


def main() -> None:
    """Fill a queue and use it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database-url", help="such as a PostgreSQL server; a new file if not")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        storage = (
            Storage(open_url(options.database_url))
            if options.database_url
            else Storage(*open_file(Path(folder) / "queue.db"))
        )
        measure(storage, list(comments(options.rows)))
        storage.close()


def measure(storage: Storage, judged: list[Judged]) -> None:
    """Print what each use of the queue costs."""
    queue, who = storage.reviews, MODERATOR
    job = queue.begin(who, "benchmark", "standard@0", "shipped")
    far = len(judged) * 9 // 10
    high, words = ReviewFilter(category="threat", above=0.99), ReviewFilter(search="hate hate")
    timed("add", lambda: queue.add(who, job, judged))
    timed("jobs", lambda: queue.jobs(who))
    timed("first page", lambda: queue.items(who, job))
    timed("page nine tenths down", lambda: queue.items(who, job, offset=far))
    timed("by score, halfway", lambda: queue.items(who, job, sort="score", offset=far // 2))
    timed("by date", lambda: queue.items(who, job, sort="date"))
    timed("one verdict", lambda: queue.items(who, job, ReviewFilter(verdict="block")))
    timed("a category's score", lambda: queue.items(who, job, high))
    timed("how many of these", lambda: queue.count(who, job, high))
    timed("search", lambda: queue.items(who, job, words))
    timed("how many of these", lambda: queue.count(who, job, words))
    timed("charts", lambda: queue.counts(who, job))
    for _ in range(2):
        item = timed("next", lambda: queue.next(who, job))
        assert item is not None
        number = item.id
        timed("decide", lambda number=number: queue.decide(who, number, "block"))  # type: ignore[misc]
    timed("second opinion", lambda: queue.next("user:other", job, second_opinion=True))
    timed("undo", lambda: queue.undo(who, job))
    timed("bulk", lambda: queue.bulk(who, job, ReviewFilter(verdict="review"), "block"))
    timed("undo all of it", lambda: queue.undo(who, job))
    timed("all decisions", lambda: sum(1 for _ in queue.decisions(who)))
    timed("all comments", lambda: sum(1 for _ in queue.each(who, job)))


if __name__ == "__main__":
    main()
