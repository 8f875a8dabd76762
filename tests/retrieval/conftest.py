"""A library whose encoder counts words, so that its tests are quick."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.retrieval.library import Library
from tests.benchmarks.kills import check
from tests.retrieval.files import WordEncoder


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def library(tmp_path: Path, encoder: WordEncoder) -> Iterator[Library]:
    """An empty library in ``store``, which is whole whatever a test has done to it."""
    made = Library(tmp_path / "store", encoder)
    yield made
    check(made)
    assert all("moved aside" in finding.problem for finding in made.verify(mend=False))
    made.close()
