"""A library of many passages in small, so that the tests of it are quick: its index begins to be
approximate at a thousand passages.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assistant.retrieval import embeddings
from assistant.retrieval.growing import GrowingIndex, Sizes
from assistant.retrieval.library import Library
from assistant.retrieval.vectors import Ids, Vectors
from tests.benchmarks.growth import Mixture, put

SIZES = Sizes(exact=1000, newest=300)
MIXTURE = Mixture()
QUESTIONS = MIXTURE.draw(40, 10**9)


def opened(folder: Path, count: int = 0) -> Library:
    """Open a library, with so many passages in documents of 100, and let it settle."""
    library = Library(folder, MIXTURE, sizes=SIZES)
    library._shelf.semantic.query("the encoder")  # as yet without the index
    for number in range(count // 100):
        put(library, MIXTURE, number, 100)
    settled(library)
    return library


def settled(library: Library) -> GrowingIndex:
    """Return the index when nothing goes on in the background."""
    library.search("the encoder")
    library._shelf.semantic._growing.wait()
    with library._shelf.lock:
        return library._shelf.semantic.fresh()


def brute_force(library: Library, query: Vectors, k: int, among: Ids | None = None) -> list[int]:
    connection = library._shelf.store.connection
    parts = list(embeddings.read(connection, MIXTURE.dimensions))
    ids = np.concatenate([part[0] for part in parts])
    scores = np.concatenate([part[1] @ query for part in parts])
    if among is not None:
        scores[~np.isin(ids, among)] = -2
    return [int(number) for number in ids[np.argsort(-scores)[:k]]]


def recall(library: Library, among: Ids | None = None) -> float:
    index = settled(library)
    hits = 0
    for question in QUESTIONS:
        found, scores = index.search(question, 10, among)
        np.testing.assert_allclose(scores, index.get(found.tolist()) @ question, atol=1e-6)
        assert (np.diff(scores) <= 0).all()
        hits += len({*found.tolist()} & {*brute_force(library, question, 10, among)})
    return hits / (10 * len(QUESTIONS))


def folders(folder: Path) -> list[Path]:
    return sorted((folder / "library.vectors").glob("*"))
