"""Builds a segment out of the store's vectors, a batch at a time, in one thread.

What is in memory is a byte a dimension and vector, beside the sample that the lists are learned
from.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assistant.retrieval import embeddings, segments
from assistant.retrieval.vectors import Ids, Vectors

LISTS = 4.0  # lists for the square root of the number of vectors
RECALL = 0.98  # share of the ten nearest that the lists read must hold, in the trial
_SAMPLE = 32  # vectors for each list that the centres are learned from
_LEAST = 8  # of the sample, that a centre is made of
_ROUNDS = 8  # of k-means
_TRIALS = 256  # queries of the trial
_LIKE = 0.7  # cosine of a trial's query and the passage that it was made of
_NEAREST = 10


class StoppedError(Exception):
    """The building was told to stop."""


def build(
    folder: Path,
    connection: sqlite3.Connection,
    numbers: Ids,
    dimensions: int,
    encoder: str,
    stopped: Callable[[], bool],
) -> None:
    """Write a segment of the passages with these ``numbers`` (ascending); makes the folder.

    Passages that are removed meanwhile may be in it or not.

    Raises:
        StoppedError: ``stopped()`` was true, or no passage is left.
        OSError: the segment could not be written.

    """

    def pause() -> None:
        if stopped():
            raise StoppedError

    count = max(1, round(LISTS * len(numbers) ** 0.5))
    step = max(1, len(numbers) // (count * _SAMPLE))
    sample = embeddings.pick(connection, dimensions, numbers[::step].tolist())[1]
    if not len(sample):
        raise StoppedError  # all were removed
    index = _empty(_learn(sample, min(count, len(sample)), pause), sample)
    trial = Trial(sample)
    for found, vectors in embeddings.read(
        connection, dimensions, int(numbers[0]) - 1, int(numbers[-1])
    ):
        pause()
        wanted = np.isin(found, numbers)
        index.add_with_ids(vectors[wanted], found[wanted])
        trial.see(found[wanted], vectors[wanted])
    nearest = embeddings.pick(connection, dimensions, np.unique(trial.nearest))
    pause()
    segments.write(folder, index, encoder, trial.probes(index.quantizer, *nearest))


def _learn(sample: Vectors, count: int, pause: Callable[[], None]) -> Vectors:
    """Return at most ``count`` centres of unit length, by k-means."""
    import faiss

    faiss.omp_set_num_threads(1)  # of this thread alone; the rest is for those who search
    centres: Vectors = sample[np.random.default_rng(0).permutation(len(sample))[:count]]
    for _ in range(_ROUNDS):
        pause()
        means = faiss.Kmeans(
            sample.shape[1],
            len(centres),
            niter=1,
            spherical=True,
            min_points_per_centroid=1,
            max_points_per_centroid=2 * _SAMPLE,
        )
        means.train(sample, init_centroids=centres)
        centres = np.ascontiguousarray(means.centroids, dtype=np.float32)
    return _means(sample, _flat(centres).search(sample, 1)[1][:, 0])


def _means(sample: Vectors, lists: Ids) -> Vectors:
    """Return the mean of each list, at unit length, but of those with less than ``_LEAST``.

    A centre of few would tell, in a file where nothing of it is wiped, what a passage was like.
    """
    sizes = np.bincount(lists)
    sums = np.zeros((len(sizes), sample.shape[1]), dtype=np.float32)
    np.add.at(sums, lists, sample)
    sums = sums[sizes >= _LEAST] if (sizes >= _LEAST).any() else sums.sum(axis=0, keepdims=True)
    means: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return means


def _flat(centres: Vectors) -> Any:
    import faiss

    index = faiss.IndexFlatIP(centres.shape[1])
    index.add(centres)
    return index


def _empty(centres: Vectors, sample: Vectors) -> Any:
    """Return an inverted file with these centres, which rounds as the sample asks for."""
    import faiss

    index = faiss.IndexIVFScalarQuantizer(
        _flat(centres),
        centres.shape[1],
        len(centres),
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,  # a code is of the vector, not of its difference from the centre
    )
    index.train(sample)
    return index


class Trial:
    """Finds out how many lists a search must read.

    Its queries are as far from passages as questions are: passages turned aside in a random
    direction.
    """

    def __init__(self, sample: Vectors) -> None:
        draw = np.random.default_rng(1)
        queries = sample[draw.permutation(len(sample))[:_TRIALS]]
        aside = draw.standard_normal(queries.shape)
        aside *= (1 / _LIKE**2 - 1) ** 0.5 / np.linalg.norm(aside, axis=1, keepdims=True)
        self._queries = (queries + aside).astype(np.float32)
        self._scores = np.empty((len(queries), 0), dtype=np.float32)
        self.nearest = np.empty((len(queries), 0), dtype=np.int64)
        """Ids of the nearest of what was seen, for each query."""

    def see(self, ids: Ids, vectors: Vectors) -> None:
        """Compare the queries with more vectors."""
        scores = np.hstack([self._scores, self._queries @ vectors.T])
        seen = np.hstack([self.nearest, np.tile(ids, (len(scores), 1))])
        last = min(_NEAREST, scores.shape[1]) - 1
        top = np.argpartition(-scores, last, axis=1)[:, : last + 1]
        self._scores = np.take_along_axis(scores, top, 1)
        self.nearest = np.take_along_axis(seen, top, 1)

    def probes(self, quantizer: Any, ids: Ids, vectors: Vectors) -> int:
        """Return how many lists hold ``RECALL`` of the nearest.

        ``vectors`` are those of ``ids``, ascending: of all in ``nearest`` that are still there.
        """
        lists = quantizer.search(vectors, 1)[1][:, 0]
        order = quantizer.search(self._queries, quantizer.ntotal)[1]
        ranks = np.argsort(order, axis=1)  # of each list, for each query
        query, place = np.nonzero(np.isin(self.nearest, ids))
        needed = ranks[query, lists[np.searchsorted(ids, self.nearest[query, place])]]
        return int(np.quantile(needed, RECALL, method="higher")) + 1 if len(needed) else 1
