"""A library of many passages finds what exact search finds, whatever happens to it."""

from __future__ import annotations

import json
import logging
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.retrieval import embeddings
from assistant.retrieval.library import Library
from assistant.settings import PROJECT
from tests.benchmarks.growth import put
from tests.retrieval.many import MIXTURE, QUESTIONS, SIZES, folders, opened, recall, settled


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library that tests do not change."""
    library = opened(tmp_path_factory.mktemp("grown"), count=4000)
    for number in range(90, 95):
        put(library, MIXTURE, number, 100)
        if number == 93:
            settled(library)
    yield library
    assert library.warnings == []
    library.close()


def test_few_passages_are_searched_exactly(tmp_path: Path) -> None:
    library = opened(tmp_path, count=1000)
    assert recall(library) == 1.0
    assert folders(tmp_path) == []
    library.close()


def test_many_are_found_nearly_as_exactly(grown: Library) -> None:
    index = settled(grown)
    assert len(index) == grown.passage_count == 4500
    assert [len(segment) for segment in index._segments] == [4000, 400]
    assert len(index._newest) == 100
    assert recall(grown) >= 0.95


def test_a_limited_search_finds_all_of_few_and_nearly_all_of_many(grown: Library) -> None:
    numbers = embeddings.numbers(grown._shelf.store.connection)
    assert recall(grown, numbers[7::9]) == 1.0
    assert recall(grown, np.delete(numbers, slice(None, None, 3))) >= 0.95  # of 3,000
    found, _ = settled(grown).search(QUESTIONS[0], 10, [int(numbers[3])])
    assert found.tolist() == [numbers[3]]
    assert settled(grown).search(QUESTIONS[0], 10, [])[0].tolist() == []


def test_opening_does_not_read_what_lies_in_segments(grown: Library) -> None:
    folder = grown._shelf.store.path.parent
    again = opened(folder)
    index = settled(again)
    assert len(index._newest) <= SIZES.newest
    assert len(index) == 4500
    assert again.warnings == []
    again.close()


def test_adding_costs_what_is_added(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="assistant")
    library = opened(tmp_path)
    for number in range(20):
        put(library, MIXTURE, number, 400)
        settled(library)
    built = [int(size) for size in re.findall(r"segment of (\d+) passages was built", caplog.text)]
    total = library.passage_count
    assert sum(built) <= total * np.log2(total / SIZES.newest)
    assert sorted(built)[len(built) // 2] <= total / 8  # most of the time little is done
    assert len(settled(library)._segments) <= np.log2(total / SIZES.newest) + 1
    assert recall(library) >= 0.95
    library.close()


def test_what_is_removed_is_gone_from_search_and_from_the_files(tmp_path: Path) -> None:
    library = opened(tmp_path, count=2000)
    index = settled(library)
    gone = library._shelf.store.numbers(["3", "4"])
    vectors = index.get(gone)
    codes = [index._segments[0]._index.sq.compute_codes(vector[None]) for vector in vectors]
    [file] = [path / "lists.faiss" for path in folders(tmp_path)][:1]
    before = file.read_bytes()
    assert all(code.tobytes() in before for code in codes)
    library.remove("3.txt")
    library.remove("4.txt")
    library._shelf._purging.wait()
    for vector in vectors:
        assert not {*gone} & {*settled(library).search(vector, 50)[0].tolist()}
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(
        code.tobytes() in left or v.tobytes() in left
        for code, v in zip(codes, vectors, strict=True)
    )
    assert recall(library) >= 0.95
    library.close()
    again = opened(tmp_path)
    assert len(settled(again)) == 1800
    assert again.warnings == []
    again.close()


def test_a_segment_that_is_mostly_removed_is_made_anew(tmp_path: Path) -> None:
    library = opened(tmp_path, count=2000)
    before = folders(tmp_path)
    for number in range(12):
        library.remove(f"{number}.txt")
    settled(library)
    assert len(settled(library)) == 800
    assert folders(tmp_path) != before
    assert recall(library) >= 0.95
    for number in range(12, 20):
        library.remove(f"{number}.txt")
    assert settled(library).search(QUESTIONS[0], 5)[0].tolist() == []
    assert folders(tmp_path) == []
    library.close()


def test_two_programs_may_share_a_library(tmp_path: Path) -> None:
    first = opened(tmp_path, count=1500)
    second = opened(tmp_path)
    put(first, MIXTURE, 50, 100)
    first.remove("2.txt")
    vector = MIXTURE.draw(100, 50)[0]
    assert settled(second).search(vector, 1)[1][0] > 0.999
    assert len(settled(second)) == 1500
    for number in range(51, 58):  # so that the second moves its passages into segments
        put(second, MIXTURE, number, 100)
    settled(second)
    put(first, MIXTURE, 60, 100)
    second.remove("3.txt")
    second.remove("60.txt")
    for library in (first, second):
        assert len(settled(library)) == library.passage_count == 2100
        assert recall(library) >= 0.95
        assert library.warnings == []
        library.close()


def grow_for_ever(folder: Path) -> None:
    library = Library(folder, MIXTURE, sizes=SIZES)
    library.search("the encoder")
    for number in range(10**6):
        put(library, MIXTURE, number, 100)
        print(number, flush=True)  # noqa: T201


def test_a_kill_leaves_every_passage_findable(tmp_path: Path) -> None:
    code = "from tests.retrieval.test_growing import *; grow_for_ever(Path(sys.argv[1]))"
    for attempt in range(2):
        folder = tmp_path / str(attempt)
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, cwd=PROJECT
        )
        assert process.stdout is not None
        for _ in range(12 + 4 * attempt):
            process.stdout.readline()
        time.sleep(0.02 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        library = opened(folder)
        assert library.warnings == []
        assert library.passage_count == len(settled(library)) >= 1200
        assert recall(library) >= 0.95
        library.close()
        named = json.loads(library_meta(folder))
        assert [path.name for path in folders(folder)] == sorted(name for name, _ in named)


def library_meta(folder: Path) -> str:
    library = Library(folder, MIXTURE, sizes=SIZES)
    value = library._shelf.store.meta("segments") or "[]"
    library.close()
    return value


def test_a_purge_lets_others_search_between_its_parts(tmp_path: Path) -> None:
    library = opened(tmp_path, count=2000)
    store = library._shelf.store
    with library._shelf.changing() as gone:
        gone.extend(store.delete("7"))
    steps = 0
    for _ in store.purging():
        assert len(settled(library).search(QUESTIONS[0], 5)[0]) == 5
        steps += 1
    assert steps > 1
    assert not store.unpurged
    library.close()
