"""Damage to the index of a large library, or another's in its place, is named and mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.retrieval import embeddings
from assistant.retrieval.library import Library
from tests.retrieval.many import (
    MIXTURE,
    QUESTIONS,
    SIZES,
    brute_force,
    folders,
    opened,
    recall,
    settled,
)


def shortened(segment: Path) -> None:
    file = segment / "lists.faiss"
    file.write_bytes(file.read_bytes()[:-100])


def changed(first: int, last: int | None) -> Callable[[Path], None]:
    def change(segment: Path) -> None:
        data = bytearray((segment / "lists.faiss").read_bytes())
        data[first:last] = b"U" * len(data[first:last])
        (segment / "lists.faiss").write_bytes(data)

    return change


def codes_lost(segment: Path) -> None:
    data = bytearray((segment / "lists.faiss").read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    (segment / "lists.faiss").write_bytes(data)


def info_lost(segment: Path) -> None:
    (segment / "info.json").unlink()


def told(**values: object) -> Callable[[Path], None]:
    def tell(segment: Path) -> None:
        info = json.loads((segment / "info.json").read_text())
        (segment / "info.json").write_text(json.dumps(info | values))

    return tell


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "shortened": (shortened, "is damaged"),
    "beginning": (changed(40, 240), "is damaged"),
    "centres": (changed(5000, 5200), "is damaged"),
    "end": (changed(-200, None), "does not hold the passages"),
    "lists": (codes_lost, "is damaged"),
    "no information": (info_lost, "is damaged"),
    "no JSON": (lambda segment: (segment / "info.json").write_text("{") and None, "is damaged"),
    "rows": (told(rows=10**9), "is damaged"),
    "version": (told(version=2), "another version of Switchboard"),
    "encoder": (told(encoder="other"), "another encoder"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_segment_is_named_and_made_anew(kind: str, tmp_path: Path) -> None:
    library = opened(tmp_path, count=1200)
    library.close()
    [segment] = folders(tmp_path)
    damage, words = DAMAGE[kind]
    damage(segment)
    library = Library(tmp_path, MIXTURE, sizes=SIZES)
    with library._shelf.lock:
        found, _ = library._shelf.semantic.fresh().search(QUESTIONS[0], 10)
    assert found.tolist() == brute_force(library, QUESTIONS[0], 10)
    [warning] = library.warnings
    assert words in warning
    assert "made anew" in warning
    settled(library)
    assert len(folders(tmp_path)) == 1
    assert folders(tmp_path) != [segment]
    assert recall(library) >= 0.95
    library.close()


def test_verify_finds_a_vector_that_opening_does_not_look_at(tmp_path: Path) -> None:
    library = opened(tmp_path, count=1200)
    [segment] = settled(library)._segments
    at = segment._codes_at(segment._rows[5:6])[0]
    segment._bytes[at : at + 300] ^= 0x7F
    assert library._shelf.semantic.differs(mend=False)
    assert library._shelf.semantic.differs(mend=True)
    settled(library)
    assert not library._shelf.semantic.differs(mend=False)
    assert recall(library) >= 0.95
    library.close()


def test_a_segment_of_another_library_is_not_taken(tmp_path: Path) -> None:
    """Two copies of a store that went apart have passages of the same numbers."""
    first, second = (opened(tmp_path / name, count=1200) for name in ("first", "second"))
    with second._shelf.lock, second._shelf.store.transaction():
        connection = second._shelf.store.connection
        embeddings.replace(connection, range(1, 1201), MIXTURE.draw(1200, 77))
    second.close()
    first.close()
    [mine], [theirs] = folders(tmp_path / "first"), folders(tmp_path / "second")
    for file in mine.iterdir():
        (theirs / file.name).write_bytes(file.read_bytes())
    second = opened(tmp_path / "second")
    assert "does not hold the vectors" in second.warnings[0]
    assert recall(second) >= 0.95
    second.close()


def test_a_name_in_the_store_is_no_path(tmp_path: Path) -> None:
    library = opened(tmp_path / "store", count=1200)
    precious = tmp_path / "precious"
    precious.mkdir()
    with library._shelf.store.transaction():
        library._shelf.store.set_meta("segments", json.dumps([["../../precious", 1200]]))
    library.close()
    library = opened(tmp_path / "store")
    assert recall(library) >= 0.95
    library.remove("3.txt")
    library.close()
    assert precious.is_dir()


def test_an_index_that_cannot_be_written_is_told_of_and_not_needed(tmp_path: Path) -> None:
    (tmp_path / "library.vectors").write_text("A file where the folder should be.")
    library = opened(tmp_path, count=1200)
    assert "could not be written" in library.warnings[0]
    assert recall(library) == 1.0
    assert not settled(library).crowded
    library.close()
