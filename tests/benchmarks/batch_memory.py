"""Peak memory of ``moderate FILE --out`` as the file grows: it must stay the same.

    python -m tests.benchmarks.batch_memory --rows 10000 100000 1000000

The comments are few and come again and again, each scored once by the real model, so that this
measures reading, remembering, deciding, recording and writing; it says nothing on the model's
speed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant.settings import PROJECT

TEXTS = 2_000  # different comments
WORDS = "the video was great and I learned a lot about old trains from it, thank you so much"


def write(path: Path, rows: int) -> None:
    """Write so many rows, of which every 997th is damaged."""
    words = WORDS.split()
    with path.open("w") as file:
        file.write("id,author,date,text,likes\n")
        for number in range(rows):
            kind = number % TEXTS
            text = " ".join(words[kind % 7 : 8 + kind % 9])
            line = f'{number},@user{number % 313},2024-01-02,"{text} {kind}",{number % 50}'
            file.write(f"{line if number % 997 else number}\n")


def measure(folder: Path, rows: int, format: str) -> tuple[float, float]:
    """Return the peak memory in MB and the seconds of a run."""
    path, out = folder / f"{rows}.csv", folder / f"{rows}-judged.{format}"
    write(path, rows)
    command = [sys.executable, "-m", "assistant", "moderate", str(path), "--out", str(out)]
    started = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--json", "--data-dir", str(folder / "data")],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    if format == "csv":
        with out.open("rb") as file:
            assert sum(1 for _ in file) == rows + 1
    for file in (path, out):
        file.unlink()
    return usage.ru_maxrss / 1024, time.perf_counter() - started


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--format", choices=["csv", "jsonl", "xlsx"], default="csv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for rows in options.rows:
            megabytes, seconds = measure(Path(folder), rows, options.format)
            print(f"{rows:>9,} rows: {megabytes:,.0f} MB at most, {seconds:,.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
