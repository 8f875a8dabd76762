"""FAISS must agree with brute force in NumPy, whatever is added and removed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.vectors import VectorIndex


@given(
    seed=st.integers(0, 10_000),
    size=st.integers(1, 60),
    gone=st.sets(st.integers(0, 59)),
    among=st.none() | st.sets(st.integers(0, 59)),
    k=st.integers(1, 70),
)
def test_search_equals_brute_force(
    seed: int, size: int, gone: set[int], among: set[int] | None, k: int
) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(size, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = random.permutation(1000)[:size]
    removed = {int(ids[i]) for i in gone if i < size}
    allowed = None if among is None else {int(ids[i]) for i in among if i < size}
    index = VectorIndex(16)
    index.add(ids, rows)
    index.remove(removed)
    query = rows[0] + np.float32(0.1)
    found, scores = index.search(query, k, allowed)
    left = [
        i
        for i in range(size)
        if int(ids[i]) not in removed and (allowed is None or int(ids[i]) in allowed)
    ]
    expected = sorted(((float(rows[i] @ query), int(ids[i])) for i in left), reverse=True)[:k]
    assert [int(number) for number in found] == [number for _, number in expected]
    np.testing.assert_allclose(scores, [score for score, _ in expected], atol=1e-5)
    np.testing.assert_array_equal(
        index.get([number for _, number in expected]),
        rows[[list(ids).index(number) for _, number in expected]].reshape(-1, 16),
    )


def test_an_empty_index_finds_nothing() -> None:
    index = VectorIndex(4)
    ids, scores = index.search(np.ones(4, dtype=np.float32), 3)
    assert len(index) == len(ids) == len(scores) == 0
    index.remove([1, 2])
