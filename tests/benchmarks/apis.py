"""How many comments a second the Perspective API scores, for one client and for eight at once.

python -m tests.benchmarks.apis [--seconds 10]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from assistant.api.keys import Keys
from assistant.api.routes import api_routes
from assistant.models.catalogue import Models
from assistant.settings import Settings
from tests.server.conftest import start

SENTENCE = (
    "I watched this twice and still do not see why everybody is so angry about the ending of it "
    "when the first half had all the same problems and nobody said a word about any of them"
)
WORDS = SENTENCE.split(" ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.read([], data_dir=Path(folder))
        models = Models(settings)
        site, stop = start(
            Path(folder),
            None,
            apis=lambda _, storage: api_routes(lambda: models, storage, settings, Keys()),
        )
        try:
            post(site.url, 0)  # loads the model
            for clients in (1, 8, 1, 8):
                report(clients, measure(site.url, clients, seconds), seconds)
        finally:
            stop()


def measure(url: str, clients: int, seconds: float) -> list[float]:
    """Return the milliseconds of each request that ``clients`` made one after the other."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    def work(client: int) -> None:
        with httpx.Client(base_url=url, timeout=60) as visitor:
            number = client
            while (started := time.perf_counter()) < end:
                post_with(visitor, number)
                times.append((time.perf_counter() - started) * 1000)
                number += clients

    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def post(url: str, number: int) -> None:
    with httpx.Client(base_url=url, timeout=120) as visitor:
        post_with(visitor, number)


def post_with(visitor: httpx.Client, number: int) -> None:
    """Ask about a comment of 5 to 34 words that no other request has."""
    text = f"{number}: {' '.join(WORDS[: 5 + number * 7 % 30])}"
    body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"]}
    visitor.post("/v1alpha1/comments:analyze", json=body).raise_for_status()


def report(clients: int, times: list[float], seconds: float) -> None:
    ordered = sorted(times)
    late = ordered[int(len(ordered) * 0.99)]
    median = statistics.median(times)
    sys.stdout.write(
        f"{clients} clients: {len(times) / seconds:.0f} requests/s, median {median:.0f} ms, "
        f"99th percentile {late:.0f} ms\n"
    )


if __name__ == "__main__":
    main()
