"""Times the search index of a library as it grows, and compares what it finds with exact search.

    OMP_NUM_THREADS=1 taskset -c 0 python -m tests.benchmarks.growth --sizes 50000 200000 1000000

The vectors are made up: 60 fields hold 4,000 topics, of which the first have far more passages
than the last (1 / (rank + 50)). A passage is 0.3 of its field's random direction, 0.3 of its
topic's and the rest its own; the spread of the last two falls with the square root of the
dimension. So made, the nearest ten are as near, and lie in about as many lists, as those of real
questions among 70,000 real sentences under the default encoder (cosine of the tenth 0.46; 95 % of
them in 7 to 9 % of the lists). Questions are new draws, so none of them is a passage.

Each library is made, then opened by a fresh process that measures. Where it says “processor”, time
that others took on a busy machine is left out. ``--step N`` lets the library grow N passages at a
time; ``--rivals`` tries FAISS's own indexes on the same vectors.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from assistant.retrieval import embeddings
from assistant.retrieval.chunking import Chunk
from assistant.retrieval.library import Library
from assistant.retrieval.loaders import LoadedDocument
from assistant.retrieval.ranking import CANDIDATES
from assistant.retrieval.vectors import Ids, VectorIndex, Vectors
from assistant.settings import PROJECT
from assistant.types import Document

FIELDS, TOPICS = 60, 4_000
FIELD, TOPIC = 0.3, 0.3  # their parts in a passage
BLOCK = 1_000  # passages of a document
WORDS = np.array([f"word{number}" for number in range(20_000)])
QUESTIONS = 500
NEAREST = 10


class Mixture:
    """Made-up vectors of the default encoder's size; those of one seed are always the same."""

    dimensions = 384
    fingerprint = "mixture"

    def __init__(self) -> None:
        draw = np.random.default_rng(0)
        turned, _ = np.linalg.qr(draw.standard_normal((self.dimensions, self.dimensions)))
        spread = (1 + np.arange(self.dimensions)) ** -0.5
        self._spread = (spread[:, None] * turned / np.linalg.norm(spread)).astype(np.float32)
        fields = _units(draw.standard_normal((FIELDS, self.dimensions)))
        own = draw.standard_normal((TOPICS, self.dimensions)) @ self._spread
        self._topics = FIELD * fields[draw.integers(0, FIELDS, TOPICS)] + TOPIC * own
        weights = 1 / (50 + np.arange(TOPICS))
        self._shares = weights / weights.sum()

    def draw(self, count: int, seed: int) -> Vectors:
        """Return so many vectors of unit length."""
        draw = np.random.default_rng([seed])
        topics = draw.choice(TOPICS, count, p=self._shares)
        own = draw.standard_normal((count, self.dimensions), dtype=np.float32) @ self._spread
        return _units(self._topics[topics] + (1 - FIELD**2 - TOPIC**2) ** 0.5 * own)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a vector for each text, which says nothing of its meaning."""
        return self.draw(len(texts), zlib.crc32("".join(texts).encode()))


def _units(rows: Any) -> Vectors:
    units: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return units


def put(library: Library, mixture: Mixture, number: int, count: int = BLOCK) -> None:
    """Add a document of so many passages, in the way that reading a file does."""
    draw = np.random.default_rng([number, 1])
    texts = [" ".join(words) for words in draw.choice(WORDS, (count, 12))]
    document = Document(str(number), f"{number}.txt", "", "txt", 0, 0, count, str(number))
    shelf = library._shelf
    with shelf.writing, shelf.changing():
        shelf.store.insert(document, LoadedDocument(document.name, "", (), "txt"))
        chunks = [Chunk(text, 0, len(text), "", None) for text in texts]
        shelf.store.insert_passages(document.id, chunks, mixture.draw(count, number))


def make(folder: Path, size: int, step: int) -> dict[str, float]:
    """Fill a library and let it build its index, after every ``step`` passages or at the end."""
    mixture = Mixture()
    library = Library(folder, mixture)
    library._shelf.semantic.query("the encoder is noted in the store")
    filled = built = worked = 0.0
    for number in range(size // BLOCK):
        started = time.perf_counter()
        put(library, mixture, number)
        filled += time.perf_counter() - started
        if (number + 1) % (step // BLOCK) == 0 or number + 1 == size // BLOCK:
            started, worked_before = time.perf_counter(), time.process_time()
            with library._shelf.lock:
                library._shelf.semantic.fresh()
            library._shelf.semantic._growing.wait()
            built += time.perf_counter() - started
            worked += time.process_time() - worked_before
    library.close()
    return {"fill_s": filled, "build_s": built, "build_processor_s": worked}


def measure(folder: Path) -> dict[str, float]:
    """Open a library and time what is done with it."""
    mixture = Mixture()
    started = time.perf_counter()
    library = Library(folder, mixture)
    figures = {"open_store_s": time.perf_counter() - started}
    started = time.perf_counter()
    with library._shelf.lock:
        index = library._shelf.semantic.fresh()
    figures["open_index_s"] = time.perf_counter() - started
    memory = psutil.Process().memory_info()
    figures["memory_mb"] = (memory.rss - memory.shared) / 1e6
    figures["segments"] = len(index._segments)
    questions = mixture.draw(QUESTIONS, 10**9)
    for question in questions[:50]:
        index.search(question, CANDIDATES)
    taken, worked, found = [], [], []
    for question in questions:
        started, worked_before = time.perf_counter(), time.thread_time()
        ids, _ = index.search(question, CANDIDATES)
        taken.append(time.perf_counter() - started)
        worked.append(time.thread_time() - worked_before)
        found.append(ids[:NEAREST])
    figures |= _spread("search", taken) | _spread("search_processor", worked)
    figures["recall_at_10"] = _recall(found, exact(library, questions))
    taken = []
    for number in range(30):
        started = time.perf_counter()
        library.search(f"word{number} word{number + 400} and word{number + 9000}")
        taken.append(time.perf_counter() - started)
    figures |= _spread("library_search", taken)
    started = time.perf_counter()
    put(library, mixture, 10**6, 100)
    figures["add_100_ms"] = 1000 * (time.perf_counter() - started)
    figures |= removal(library, questions)
    library.close()
    return figures


def removal(library: Library, questions: Vectors) -> dict[str, float]:
    """Remove a document while others search."""
    shelf = library._shelf
    taken = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            started = time.perf_counter()
            with shelf.lock:
                shelf.semantic.fresh().search(questions[0], CANDIDATES)
            taken.append(time.perf_counter() - started)
            time.sleep(0.005)

    searching = threading.Thread(target=ask)
    searching.start()
    started = time.perf_counter()
    library.remove("7.txt")
    returned = time.perf_counter() - started
    shelf._purging.wait()
    purged = time.perf_counter() - started
    over.set()
    searching.join()
    return {"remove_1000_s": returned, "off_disk_s": purged} | _spread("search_meanwhile", taken)


def exact(library: Library, questions: Vectors) -> list[Ids]:
    """Return the nearest passages of each question, out of all vectors of the store."""
    shelf = library._shelf
    ids, scores = np.empty((len(questions), 0), np.int64), np.empty((len(questions), 0), np.float32)
    for numbers, vectors in embeddings.read(shelf.store.connection, Mixture.dimensions):
        scores = np.hstack([scores, questions @ vectors.T])
        ids = np.hstack([ids, np.tile(numbers, (len(questions), 1))])
        top = np.argpartition(-scores, NEAREST - 1, axis=1)[:, :NEAREST]
        scores, ids = np.take_along_axis(scores, top, 1), np.take_along_axis(ids, top, 1)
    return list(ids)


def rivals(size: int) -> Iterator[dict[str, float | str]]:
    """Measure indexes of FAISS, all in memory, with one thread."""
    import faiss

    faiss.omp_set_num_threads(1)
    mixture = Mixture()
    vectors = np.concatenate([mixture.draw(BLOCK, number) for number in range(size // BLOCK)])
    questions = mixture.draw(QUESTIONS, 10**9)
    true = VectorIndex(mixture.dimensions)
    true.add(range(len(vectors)), vectors)
    expected = [true.search(question, NEAREST)[0] for question in questions]
    lists = round(4 * len(vectors) ** 0.5)
    kinds = {
        "HNSW32,Flat": "efSearch={}",
        "HNSW32,SQ8": "efSearch={}",
        f"IVF{lists},Flat": "nprobe={}",
        f"IVF{lists},SQ8": "nprobe={}",
    }
    for kind, setting in kinds.items():
        index = faiss.index_factory(mixture.dimensions, kind, faiss.METRIC_INNER_PRODUCT)
        started = time.perf_counter()
        index.train(vectors[:: max(1, len(vectors) // (32 * lists))])
        index.add(vectors)
        built = time.perf_counter() - started
        for breadth in (16, 32, 64, 128, 256, 512):
            faiss.ParameterSpace().set_index_parameters(index, setting.format(breadth))
            taken, found = [], []
            for question in questions:
                started = time.perf_counter()
                found.append(index.search(question[None], CANDIDATES)[1][0, :NEAREST])
                taken.append(time.perf_counter() - started)
            recall = _recall(found, expected)
            if recall >= 0.97:
                break
        yield {
            "kind": f"{kind} {setting.format(breadth)}",
            "build_s": built,
            "recall_at_10": recall,
            **_spread("search", taken),
        }


def _recall(found: Sequence[Ids], expected: Sequence[Ids]) -> float:
    pairs = zip(found, expected, strict=True)
    return float(np.mean([len(np.intersect1d(*pair)) / NEAREST for pair in pairs]))


def _spread(name: str, seconds: Sequence[float]) -> dict[str, float]:
    p50, p99 = np.quantile(seconds, [0.5, 0.99])
    return {
        f"{name}_p50_ms": 1000 * float(p50),
        f"{name}_p99_ms": 1000 * float(p99),
        f"{name}_most_ms": 1000 * max(seconds),
    }


def apart(*arguments: str) -> dict[str, float]:
    """Run a part of this in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.growth", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=PROJECT, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def show(figures: dict[str, Any]) -> None:
    """Print figures as a line of JSON."""
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}))  # noqa: T201


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000, 1_000_000])
    parser.add_argument("--step", type=int, default=10**9)
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.make:
        show(make(chosen.make, chosen.sizes[0], chosen.step))
    elif chosen.measure:
        show(measure(chosen.measure))
    elif chosen.rivals:
        for size in chosen.sizes:
            for figures in rivals(size):
                show({"size": size, **figures})
    else:
        for size in chosen.sizes:
            with tempfile.TemporaryDirectory() as folder:
                sized = ("--sizes", str(size), "--step", str(chosen.step))
                made = apart("--make", folder, *sized)
                show({"size": size, **made, **apart("--measure", folder)})


if __name__ == "__main__":
    main()
