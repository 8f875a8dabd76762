"""Seconds from ``python app.py`` to the page and to an answer, and memory with every tool used.

    python -m tests.benchmarks.startup

Run twice: the first run builds the library and the generator's copy in the data directory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from assistant import Assistant, Options, Sampling, Settings, Turn
from assistant.settings import PROJECT

PORT = 7981
TURNS = (
    "What's the sentiment of: 'the plot dragged but I loved the ending'",
    "/entities Ada Lovelace wrote to Charles Babbage from London.",
    "The bridge was opened in 1932 by the mayor.\n\nWho opened the bridge?",
    "/summarization The cat sat. The dog ran far away. The bird sang all day long. It rained.",
    "is this comment ok to publish? you absolute donkey",
    "How do I choose between top-k and top-p sampling?",
    "hi",
)


def seconds_to_page(data_dir: Path) -> float:
    """Start the server as a user would and wait for the page."""
    started = time.perf_counter()
    command = [sys.executable, "app.py", "--port", str(PORT), "--data-dir", str(data_dir)]
    server = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{PORT}/", timeout=30).raise_for_status()
                return time.perf_counter() - started
            except httpx.TransportError:
                time.sleep(0.05)
    finally:
        server.terminate()
        server.wait()


def seconds_to_answer(data_dir: Path) -> float:
    """Start a new process and ask a first question."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "assistant", "ask", TURNS[0], "--json"]
    subprocess.run(
        [*command, "--data-dir", str(data_dir)], cwd=PROJECT, check=True, capture_output=True
    )
    return time.perf_counter() - started


def megabytes(data_dir: Path) -> float:
    """Use every tool once and return the resident memory of this process."""
    assistant = Assistant.from_settings(Settings.read([], data_dir=data_dir))
    assistant.warm()
    short = Options(sampling=Sampling(max_tokens=20))
    for text in TURNS:
        reply = assistant.reply(Turn(text, options=short))
        if reply.failed:
            raise SystemExit(reply.failed)
    import gradio  # noqa: F401 - the page is part of the whole

    return psutil.Process().memory_info().rss / 1e6


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=None)
    data_dir = parser.parse_args().data_dir or Path(tempfile.mkdtemp())
    figures = {
        "seconds_to_page": min(seconds_to_page(data_dir) for _ in range(3)),
        "seconds_to_first_answer": min(seconds_to_answer(data_dir) for _ in range(3)),
        "megabytes": megabytes(data_dir),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
