"""Times reading and keeping documents: ``python -m tests.benchmarks.documents``.

Vectors are random, so that only the library's own work is timed.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.retrieval.library import Library
from assistant.retrieval.loaders import load
from tests.retrieval import files

LINE = "The quick brown fox jumps over the lazy dog and runs into the deep wood."
FILES = 250
WORDS = [f"word{number}" for number in range(20_000)]


class RandomEncoder:
    """Vectors of the default encoder's size, at no cost."""

    dimensions = 384
    fingerprint = "random"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.random.default_rng(len(texts)).standard_normal((len(texts), 384))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def timed(what: str, work: Callable[[], object]) -> None:
    """Do it once and print how long it took."""
    started = time.perf_counter()
    work()
    print(f"{what:<48} {(time.perf_counter() - started) * 1000:10.1f} ms")  # noqa: T201


def reading(folder: Path) -> None:
    """Time the readers."""
    small, word, long = folder / "small.md", folder / "word.docx", folder / "long.pdf"
    small.write_text("# Title\n\nSome words.\n" * 100)
    word.write_bytes(files.docx("Title", LINE))
    long.write_bytes(files.pdf([f"{n}\n" + "\n".join([LINE] * 30) for n in range(10_000)]))
    timed("read a small Markdown file", lambda: load(small))
    timed("read a Word file, starting the process for it", lambda: load(word))
    timed("read it again", lambda: load(word))
    timed("read a PDF of 10,000 pages, 22 million characters", lambda: load(long))


def keeping(folder: Path) -> None:
    """Time the library with some 50,000 passages."""
    draw = random.Random(1)
    pages = folder / "pages"
    pages.mkdir()
    for number in range(FILES):
        sentences = [" ".join(draw.choices(WORDS, k=20)).capitalize() for _ in range(200)]
        (pages / f"{number}.md").write_text(f"# Page\n\n{'. '.join(sentences)}.")
    library = Library(folder / "store", RandomEncoder())
    timed(f"read {FILES} files of a folder", lambda: library.sync(pages))
    print(f"{library.passage_count} passages")  # noqa: T201
    timed("look at the unchanged folder again", lambda: library.sync(pages))
    library.search("word1")
    timed("add a small text", lambda: library.add_text("note", LINE))
    timed("replace it", lambda: library.add_text("note", f"{LINE} Twice."))
    timed("search", lambda: library.search("word5 word7 word9"))
    library.collect("7.md", "one")
    timed("search one collection", lambda: library.search("word5 word7", collections=["one"]))
    timed("remove a document, from the disk as well", lambda: library.remove("77.md"))
    timed("verify everything", library.verify)
    library.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        reading(Path(temporary))
        keeping(Path(temporary))
