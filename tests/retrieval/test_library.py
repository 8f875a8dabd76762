"""The library keeps documents whole, finds their passages, and survives what goes wrong."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import DocumentError, InputError, StorageError
from assistant.retrieval import keywords
from assistant.retrieval.library import Library
from tests.benchmarks.kills import check, kill_once
from tests.retrieval.files import WordEncoder


def test_an_added_document_is_found_listed_and_removed(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "fruit.md"
    path.write_text("# Fruit\n\n## Apples\n\nApples grow on trees.\n\n## Rocks\n\nRocks are hard.")
    steps: list[tuple[int, int, str]] = []
    document = library.add(path, progress=lambda *step: steps.append(step))
    assert (document.name, document.kind, document.passages) == ("fruit.md", "md", 2)
    assert library.documents() == (document,)
    assert steps[-1] == (2, 2, "reading fruit.md")
    (best, *_) = library.search("apples on trees", k=1)
    assert (best.heading, best.text, best.document) == (
        "Fruit › Apples",
        "Apples grow on trees.",
        "fruit.md",
    )
    assert library.text(document.id)[best.start : best.end] == best.text
    check(library)
    assert library.remove(document.id[:5]) == document
    assert library.documents() == library.search("apples") == ()
    assert library.passage_count == 0
    check(library)


def test_the_score_is_the_cosine_with_the_passage_and_its_heading(
    library: Library, encoder: WordEncoder
) -> None:
    library.add_text("a.md", "# Heading\n\nSome words are here.")
    (passage,) = library.search("other words")
    expected = (
        encoder.encode(["other words"])[0] @ encoder.encode(["Heading: Some words are here."])[0]
    )
    assert passage.score == pytest.approx(float(expected), abs=1e-5)


def test_the_same_content_is_embedded_once(
    library: Library, encoder: WordEncoder, tmp_path: Path
) -> None:
    first = library.add_text("a.txt", "Only once, please.")
    encoder.encoded.clear()
    (tmp_path / "b.txt").write_text("Only once, please.")
    assert library.add(tmp_path / "b.txt") == first
    assert encoder.encoded == []


def test_a_new_version_replaces_the_old_one(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The first version.")
    library.add(path)
    library.add_text("note", "An old note.")
    path.write_text("The second version.")
    library.add(path)
    library.add_text("note", "A new note.")
    texts = {library.text(document.id) for document in library.documents()}
    assert texts == {"The second version.", "A new note."}
    check(library)


def test_two_files_of_one_name_from_two_folders_are_two_documents(
    library: Library, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(f"Text of {folder}.")
        library.add(tmp_path / folder / "a.txt")
    assert len(library.documents()) == 2
    with pytest.raises(InputError, match="means several documents"):
        library.remove("a.txt")


def test_an_unknown_document_is_refused_with_near_names(library: Library) -> None:
    library.add_text("sampling.md", "Text.")
    with pytest.raises(InputError, match=r"no document “samplin.md”. Near it are sampling.md"):
        library.remove("samplin.md")
    with pytest.raises(InputError, match="no document"):
        library.document("")


def test_search_can_be_limited_to_documents(library: Library) -> None:
    library.add_text("a", "Apples are red.")
    other = library.add_text("b", "Apples are green.")
    assert {p.document for p in library.search("apples red", documents=[other.id])} == {"b"}
    assert library.search("apples", documents=[]) == ()
    assert library.search("  ") == ()


def test_search_leaves_out_near_duplicates(library: Library) -> None:
    library.add_text("a", "The quick brown fox jumps over the lazy dog today.")
    library.add_text("b", "The quick brown fox jumps over the lazy dog today!")
    assert len(library.search("quick fox", k=5)) == 1


def test_sync_follows_the_folder_and_touches_nothing_else(
    library: Library, encoder: WordEncoder, tmp_path: Path
) -> None:
    folder = tmp_path / "pages"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.md").write_text("Page a.")
    (folder / "deep" / "b.md").write_text("Page b.")
    (folder / "broken.pdf").write_text("not a pdf")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    library.add_text("a.md", "The user's own.")
    assert {d.name for d in library.sync(folder)} == {"a.md", "b.md"}
    assert len(library.warnings) == 1
    assert "broken.pdf" in library.warnings[0]
    encoder.encoded.clear()
    assert library.sync(folder) == ()
    assert encoder.encoded == []
    (folder / "a.md").write_text("Page a, changed.")
    (folder / "deep" / "b.md").unlink()
    assert [library.text(d.id) for d in library.sync(folder)] == ["Page a, changed."]
    assert {library.text(d.id) for d in library.documents()} == {
        "The user's own.",
        "Page a, changed.",
    }
    check(library)


def test_a_missing_folder_removes_nothing(library: Library, tmp_path: Path) -> None:
    library.add_text("a", "Stay.")
    assert library.sync(tmp_path / "gone") == ()
    assert "is missing" in library.warnings[0]
    assert library.passage_count == 1


def test_the_store_is_read_again_without_the_encoder(tmp_path: Path) -> None:
    first = Library(tmp_path, WordEncoder())
    document = first.add_text("a", "Remember me.")
    first.close()

    def refuse() -> WordEncoder:
        raise AssertionError("the encoder was loaded")

    second = Library(tmp_path, refuse)
    assert second.documents() == (document,)
    assert second.text("a") == "Remember me."
    second.close()


def test_another_encoder_embeds_everything_anew_and_says_so(tmp_path: Path) -> None:
    first = Library(tmp_path, WordEncoder())
    first.add_text("a", "Apples are red.")
    first.add_text("b", "Stones are grey.")
    first.close()
    second = Library(tmp_path, lambda: WordEncoder(dimensions=32, fingerprint="other"))
    assert second.search("apples", k=1)[0].document == "a"
    assert "encoder has changed" in second.warnings[0]
    second.close()
    third = Library(tmp_path, lambda: WordEncoder(dimensions=32, fingerprint="other"))
    assert third.search("stones", k=1)[0].document == "b"
    assert third.warnings == []
    third.close()


def test_two_processes_see_each_others_documents(library: Library, tmp_path: Path) -> None:
    library.add_text("a", "Apples are red.")
    assert library.search("stones grey", k=1)[0].document == "a"
    other = Library(tmp_path / "store", WordEncoder())
    other.add_text("b", "Stones are grey.")
    assert library.search("stones grey", k=1)[0].document == "b"
    other.remove("b")
    assert library.search("stones grey", k=1)[0].document == "a"
    other.close()


@pytest.mark.parametrize("damage", ["noise", "header", "middle"])
def test_a_damaged_store_is_moved_aside_and_its_sources_are_read_again(
    damage: str, tmp_path: Path
) -> None:
    source = tmp_path / "mine.txt"
    source.write_text("My own words. " * 400)
    store = tmp_path / "store"
    first = Library(store, WordEncoder())
    first.add(source)
    first.close()
    path = store / "library.sqlite"
    data = bytearray(path.read_bytes())
    if damage == "noise":
        data = bytearray(np.random.default_rng(0).bytes(len(data)))
    elif damage == "header":
        data[:16] = b"not a database!!"
    else:
        data[len(data) // 2 : len(data) // 2 + 8192] = b"\xff" * 8192
    path.write_bytes(data)
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "page.md").write_text("A starter page.")
    second = Library(store, WordEncoder())
    assert "was damaged" in second.warnings[0]
    assert (store / "library.sqlite.damaged-1").read_bytes() == data
    second.sync(pages)
    names = {document.name for document in second.documents()}
    assert names == ({"page.md", "mine.txt"} if damage == "middle" else {"page.md"})
    check(second)
    second.close()


def test_a_store_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="ASSISTANT_DATA_DIR"):
        Library(tmp_path / "file" / "store", WordEncoder())


def test_an_interrupted_addition_leaves_nothing(tmp_path: Path) -> None:
    class Breaking(WordEncoder):
        def encode(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if any("bad" in text for text in texts):
                raise MemoryError
            return super().encode(texts)

    library = Library(tmp_path, Breaking())
    library.add_text("a", "A good text.")
    with pytest.raises(MemoryError):
        library.add_text("a", "A bad text.")
    assert library.text("a") == "A good text."
    check(library)
    library.close()


def test_a_store_that_cannot_grow_changes_nothing(library: Library) -> None:
    library.add_text("a", "Small and safe.")
    connection = library._shelf.store.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="Nothing was changed"):
        library.add_text("a", "Far too large for the disk. " * 9000)
    assert library.text("a") == "Small and safe."
    check(library)


def test_an_empty_text_is_refused(library: Library) -> None:
    with pytest.raises(DocumentError, match="holds no text"):
        library.add_text("a", " \n\x00 ")


def test_many_threads_add_search_and_remove_at_once(library: Library) -> None:
    problems: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(8):
                document = library.add_text(f"{number}", f"Worker {number} in turn {turn}. " * 9)
                assert all(p.text for p in library.search(f"worker {number}"))
                if turn % 3 == 0:
                    library.remove(document.id)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(library.documents()) == 6
    check(library)


def test_a_killed_process_leaves_each_document_whole_or_absent(tmp_path: Path) -> None:
    """Three times here; ``python -m tests.benchmarks.kills`` does it as often as one likes."""
    for attempt in range(3):
        assert kill_once(tmp_path / str(attempt), seed=attempt) > 0


@settings(max_examples=150)
@given(st.text())
def test_no_query_is_ever_syntax(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE passages (id INTEGER PRIMARY KEY, document_id, heading, text);"
        + keywords.SCHEMA
    )
    assert keywords.search(connection, text, 5) == []
    assert keywords.search(connection, f'{text} AND NOT ( " * ^ NEAR', 5, ["x"]) == []
    connection.close()


def test_stop_words_are_not_searched() -> None:
    assert keywords.expression("How do I choose between top-k and top-p?") == (
        '"choose" OR "top-k" OR "top-p"'
    )
    assert keywords.expression("what is the") == ""
