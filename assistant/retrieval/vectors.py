"""Exact nearest neighbours by cosine similarity, in memory, through FAISS.

Knows ids and unit vectors, nothing of passages. Not safe to change while another thread searches:
the library holds a lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


class VectorIndex:
    """Vectors of unit length under integer ids."""

    def __init__(self, dimensions: int) -> None:
        import faiss

        self.dimensions = dimensions
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def ids(self) -> Ids:
        """The ids that are here, in no order."""
        import faiss

        found: Ids = faiss.vector_to_array(self._index.id_map)
        return found

    def add(self, ids: Iterable[int], vectors: Vectors) -> None:
        """Add ``vectors`` (n, dimensions), one under each of the ``ids``, which must be new."""
        numbers = np.fromiter(ids, dtype=np.int64)
        if len(numbers):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), numbers)

    def remove(self, ids: Iterable[int]) -> None:
        """Forget these ids; those that are not here are passed over."""
        self._index.remove_ids(np.fromiter(ids, dtype=np.int64))

    def search(
        self, vector: Vectors, k: int, among: Iterable[int] | None = None
    ) -> tuple[Ids, Vectors]:
        """Return the ids of the ``k`` nearest vectors and their cosines, best first.

        ``among`` limits the search to those ids. Fewer than ``k`` come back if there are fewer.
        """
        import faiss

        if not len(self) or k < 1:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        parameters = None
        if among is not None:
            selector = faiss.IDSelectorBatch(np.fromiter(among, dtype=np.int64))
            # FAISS gives its constructors keywords only when it is imported
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        scores, ids = self._index.search(query, min(k, len(self)), params=parameters)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def get(self, ids: Iterable[int]) -> Vectors:
        """Return the vectors of these ids, (n, dimensions); each id must be here."""
        rows = [self._index.reconstruct(int(number)) for number in ids]
        return np.array(rows, dtype=np.float32).reshape(-1, self.dimensions)
