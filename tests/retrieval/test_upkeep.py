"""The library keeps its word: what is removed is gone, what changes is followed, what is damaged
is named and mended.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from assistant.errors import InputError, StorageError
from assistant.retrieval.growing import Sizes
from assistant.retrieval.library import Library
from assistant.retrieval.watching import Watcher
from tests.benchmarks.kills import check
from tests.retrieval.files import WordEncoder, pdf

SECRET = "zanzibarquux"


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def names(library: Library) -> set[str]:
    return {document.name for document in library.documents()}


def damage(library: Library, script: str) -> None:
    """Change the store behind the library's back."""
    connection = sqlite3.connect(library._shelf.store.path)
    connection.executescript(script)
    connection.commit()
    connection.close()


def test_nothing_of_a_removed_document_stays_on_the_disk(
    library: Library, encoder: WordEncoder, tmp_path: Path
) -> None:
    library.add_text("kept", "Other words are here to stay.")
    before = library.add_text("gone", f"Only {SECRET} is said here. " * 1000)
    vector = encoder.encode([library.search(SECRET, 1)[0].text])[0].tobytes()
    held = on_disk(tmp_path / "store")
    assert SECRET.encode() in held
    assert vector in held
    library.remove(before.id)
    library._shelf._purging.wait()
    left = on_disk(tmp_path / "store")
    assert SECRET.encode() not in left
    assert SECRET[-6:].encode() not in left  # the keyword index shares beginnings of words
    assert vector not in left
    assert before.id.encode() not in left
    assert len(left) < len(held) / 2
    assert [p.document for p in library.search(SECRET)] == ["kept"]


def test_old_versions_are_gone_from_the_disk_when_the_library_closes(tmp_path: Path) -> None:
    library = Library(tmp_path, WordEncoder())
    library.add_text("a", f"Only {SECRET} is said here.")
    library.add_text("a", "Something else is said.")
    library.close()
    library.close()
    assert SECRET[-6:].encode() not in on_disk(tmp_path)


def test_a_purge_that_a_kill_prevented_is_made_up_for(tmp_path: Path) -> None:
    library = Library(tmp_path, WordEncoder())
    document = library.add_text("a", f"Only {SECRET} is said here.")
    with library._shelf.changing() as gone:  # a removal, as far as its transaction
        gone.extend(library._shelf.store.delete(document.id))
    library._shelf.store.close()
    Library(tmp_path, WordEncoder()).close()
    assert SECRET[-6:].encode() not in on_disk(tmp_path)


def test_a_document_stays_while_any_file_has_its_text(library: Library, tmp_path: Path) -> None:
    """It went with the folder's file although the user had added the same text by hand."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "copy.txt").write_text("The same words.")
    (folder / "other.txt").write_text("The same words.")
    library.sync(folder)
    library.add_text("mine", "The same words.")
    assert len(library.documents()) == 1
    (folder / "copy.txt").unlink()
    (folder / "other.txt").write_text("Other words.")
    library.sync(folder)
    assert {library.text(document.id) for document in library.documents()} == {
        "The same words.",
        "Other words.",
    }


def test_files_of_one_text_are_read_once(
    library: Library, encoder: WordEncoder, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Twice the same.")
    library.sync(tmp_path)
    encoder.encoded.clear()
    os.utime(tmp_path / "b.txt", (1, 1))
    library.sync(tmp_path)
    assert encoder.encoded == []


def test_what_the_user_removed_does_not_come_back_with_its_folder(
    library: Library, tmp_path: Path
) -> None:
    """Removed starter pages came back at the next start."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.md").write_text("Page a.")
    (folder / "b.md").write_text("Page b.")
    library.sync(folder)
    library.remove("a.md")
    library.sync(folder)
    assert names(library) == {"b.md"}
    library.add(folder / "a.md")
    library.sync(folder)
    assert names(library) == {"a.md", "b.md"}


def test_an_unreadable_new_version_leaves_the_old_one(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "report.pdf"
    path.write_bytes(pdf(["The first version."]))
    library.sync(folder)
    path.write_bytes(pdf(["The second version."])[:200])
    for _ in range(3):
        library.sync(folder)
    assert len(library.warnings) == 1
    assert library.search("version", 1)[0].text == "The first version."
    assert library.update().errors
    path.write_bytes(pdf(["The third version."]))
    library.sync(folder)
    assert library.search("version", 1)[0].text == "The third version."


def test_a_file_that_is_still_being_written_is_left_for_later(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "new.txt").write_text("Half a sen")
    assert library.sync(tmp_path, quiet=60) == ()
    os.utime(tmp_path / "new.txt", (time.time() - 90, time.time() - 90))
    assert [document.name for document in library.sync(tmp_path, quiet=60)] == ["new.txt"]


def test_hidden_files_and_folders_are_left_out(library: Library, tmp_path: Path) -> None:
    for name in (".git/a.md", ".hidden.md", "deep/er/b.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"Page {name}.")
    library.sync(tmp_path)
    assert names(library) == {"b.md"}


def test_update_follows_every_file_and_names_the_missing(library: Library, tmp_path: Path) -> None:
    for name in ("same.txt", "changed.txt", "gone.txt", "touched.txt"):
        (tmp_path / name).write_text(f"Words of {name}.")
        library.add(tmp_path / name, collections=["work"])
    (tmp_path / "changed.txt").write_text("New words.")
    (tmp_path / "gone.txt").unlink()
    os.utime(tmp_path / "touched.txt", (1, 1))
    done = library.update()
    assert [document.name for document in done.changed] == ["changed.txt"]
    assert done.missing == (str(tmp_path / "gone.txt"),)
    assert (done.unchanged, done.errors) == (2, ())
    assert names(library) == {"same.txt", "changed.txt", "gone.txt", "touched.txt"}
    assert library.collections() == {"work": 4}


def test_a_collection_limits_what_is_found(library: Library) -> None:
    library.add_text("a", "Apples are red.", collections=["Fruit", "food"])
    library.add_text("b", "Apples are green.", collections=["fruit"])
    library.add_text("c", "Apples are pies.")
    assert library.collections() == {"food": 1, "Fruit": 2}
    assert {p.document for p in library.search("apples", collections=["FRUIT"])} == {"a", "b"}
    assert {p.document for p in library.search("apples", collections=["food"])} == {"a"}
    assert {d.name for d in library.documents(["fruit", "food"])} == {"a", "b"}
    assert library.collect("c", "food").collections == ("food",)
    assert library.release("a", "FOOD").collections == ("Fruit",)
    assert {p.document for p in library.search("apples", collections=["food"])} == {"c"}
    library.remove("c")
    with pytest.raises(InputError, match=r"no collection “food”\. The collections are: Fruit"):
        library.search("apples", collections=["food"])


def test_a_new_version_stays_in_its_collections(library: Library) -> None:
    library.add_text("a", "The old text.", collections=["mine"])
    assert library.add_text("a", "The new text.").collections == ("mine",)


@pytest.mark.parametrize("name", ["", "  ", "a/b", "x" * 61, "a\x1b[31m", "../up"])
def test_a_collection_needs_a_name_that_can_be_shown(library: Library, name: str) -> None:
    with pytest.raises(InputError, match="A collection cannot be called"):
        library.add_text("a", "Text.", collections=[name])
    assert library.documents() == ()


DAMAGE = {
    "orphans": (
        "PRAGMA foreign_keys = OFF; INSERT INTO passages (document_id, number, start, end, "
        "heading, text, vector) VALUES ('nobody', 0, 0, 1, '', 'lost words', x'00');",
        "1 passages belong to no document",
    ),
    "vectors": ("UPDATE passages SET vector = zeroblob(256);", "vectors are damaged"),
    "short vectors": ("UPDATE passages SET vector = x'0011';", "vectors are damaged"),
    "offsets": ("UPDATE passages SET start = start + 1;", "not where the text has them"),
    "passages": ("DELETE FROM passages WHERE number = 0;", "passages are missing"),
    "words": ("DELETE FROM keywords_data WHERE id > 10;", "keyword index"),
    "origin": ("DELETE FROM origins;", "coming from nowhere"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_verify_finds_and_mends(kind: str, library: Library) -> None:
    library.add_text("a", "Apples grow on trees. " * 60)
    library.search("apples")
    script, told = DAMAGE[kind]
    damage(library, script)
    (finding,) = library.verify(mend=False)
    assert told in finding.problem
    assert not finding.mended
    assert all(finding.mended for finding in library.verify())
    assert library.verify() == ()
    assert library.search("apples", 1)[0].text.startswith("Apples grow on trees.")


def test_verify_reads_a_damaged_text_again_from_its_file(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The true words.")
    library.add(path, collections=["mine"])
    library.add_text("pasted", "Other words.")
    damage(library, "UPDATE documents SET text = replace(text, 'words', 'wards');")
    found = library.verify()
    assert [finding.mended for finding in found] == [True, False]
    assert "Remove it and add it again" in found[1].problem
    assert library.documents(["mine"])[0].name == "a.txt"
    library.remove("pasted")
    assert library.search("words", 1)[0].text == "The true words."


def test_damaged_vectors_are_named_when_they_are_needed(tmp_path: Path) -> None:
    first = Library(tmp_path, WordEncoder())
    first.add_text("a", "Some words.")
    damage(first, "UPDATE passages SET vector = x'0011';")
    with pytest.raises(StorageError, match="documents verify"):
        first.search("words")
    first.verify()
    assert first.search("words")
    first.close()


def test_uploads_and_pastes_outlive_a_damaged_store(tmp_path: Path) -> None:
    first = Library(tmp_path / "store", WordEncoder())
    upload = tmp_path / "temporary"
    upload.write_bytes(pdf(["Page one.", "Page two."]))
    first.add(upload, name="upload.pdf")
    first.add_text("pasted", "Pasted words.")
    first.add_text("large", "Many more words. " * 1500)
    first.close()
    upload.unlink()
    path = tmp_path / "store" / "library.sqlite"
    data = bytearray(path.read_bytes())
    data[-8192:] = b"\xff" * 8192
    path.write_bytes(data)
    second = Library(tmp_path / "store", WordEncoder())
    assert "was damaged" in second.warnings[0]
    second.update()
    assert {"upload.pdf", "pasted"} <= names(second)
    assert second.search("page two", 1)[0].page == 2
    (left,) = second.verify()
    assert "library.sqlite.damaged-1 is a damaged store" in left.problem
    second.close()


def test_a_large_store_is_checked_while_it_is_used(tmp_path: Path) -> None:
    """Opening one of a million passages took 40 seconds, in which all of it was read."""
    large = Sizes(store=0)
    first = Library(tmp_path, WordEncoder(), sizes=large)
    first.add_text("a", "Some words. " * 5000)
    first._shelf._checking.wait()
    assert first.warnings == []
    first.close()
    path = tmp_path / "library.sqlite"
    data = bytearray(path.read_bytes())
    data[-8192:] = b"\xff" * 8192
    path.write_bytes(data)
    second = Library(tmp_path, WordEncoder(), sizes=large)
    second._shelf._checking.wait()
    assert "Start the program again" in second.warnings[0]
    second.close()
    third = Library(tmp_path, WordEncoder(), sizes=large)
    assert "was damaged" in third.warnings[0]
    third.add_text("b", "Other words.")
    third.close()
    fourth = Library(tmp_path, WordEncoder(), sizes=large)
    fourth._shelf._checking.wait()
    assert fourth.warnings == []
    fourth.close()


VERSION_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (id TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT UNIQUE, folder TEXT,
    kind TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER, pages INTEGER NOT NULL,
    added TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE passages (id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, heading TEXT NOT NULL, page INTEGER,
    text TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX passages_by_document ON passages(document_id);
"""


def test_a_store_of_the_first_format_is_brought_up_to_date(tmp_path: Path) -> None:
    now = Library(tmp_path / "now", WordEncoder())
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(["First page.", "Second page."]))
    document = now.add(path)
    now.close()
    (tmp_path / "old").mkdir()
    old = sqlite3.connect(tmp_path / "old" / "library.sqlite")
    triggers = "SELECT sql FROM now.sqlite_master WHERE sql LIKE '%keywords USING%' OR type = ?"
    old.executescript(VERSION_1)
    old.execute("ATTACH ? AS now", (str(tmp_path / "now" / "library.sqlite"),))
    for (statement,) in old.execute(triggers, ("trigger",)).fetchall():
        old.execute(statement)
    old.execute(
        "INSERT INTO documents SELECT d.id, d.name, source, folder, kind, d.size, modified, 2, "
        "added, text FROM now.documents d JOIN now.origins ON document_id = d.id"
    )
    old.execute("INSERT INTO passages SELECT * FROM now.passages")
    old.execute("INSERT INTO meta SELECT * FROM now.meta")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    moved = Library(tmp_path / "old", WordEncoder())
    assert moved.warnings == []
    assert moved.documents() == (document,)
    assert moved.search("second page", 1)[0].page == 2
    assert moved.update().unchanged == 1
    assert moved.verify() == ()
    check(moved)
    moved.close()


def test_a_store_of_a_later_program_is_left_alone(tmp_path: Path) -> None:
    Library(tmp_path, WordEncoder()).close()
    connection = sqlite3.connect(tmp_path / "library.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="later version of Switchboard"):
        Library(tmp_path, WordEncoder())
    assert not list(tmp_path.glob("*.damaged-*"))


def until(condition: object, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_watched_folder_is_followed_with_its_subfolders(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    (folder / "deep").mkdir(parents=True)
    old = time.time() - 60

    def write(name: str, text: str, age: float) -> None:
        (folder / name).write_text(text)
        os.utime(folder / name, (old + age, old + age))

    write("deep/a.md", "Apples are red.", 0)
    watcher = Watcher(library, [folder], interval=0.02)
    watcher.start()
    until(lambda: names(library) == {"a.md"})
    write("b.md", "Stones are grey.", 1)
    until(lambda: names(library) == {"a.md", "b.md"})
    write("deep/a.md", "Apples are green.", 2)
    until(lambda: library.search("apples", 1)[0].text == "Apples are green.")
    (folder / "b.md").unlink()
    until(lambda: names(library) == {"a.md"})
    (folder / "deep").rename(folder / "deeper")
    until(lambda: library.documents()[0].source == str(folder / "deeper" / "a.md"))
    watcher.stop()
    write("c.md", "Too late.", 3)
    time.sleep(0.1)
    assert names(library) == {"a.md"}


def test_a_document_is_read_again_from_its_file_or_else_from_its_text(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "tides.txt"
    path.write_text("High tide is at six.", encoding="utf-8")
    document = library.add(path)
    pasted = library.add_text("pasted", "Low tide is at noon.")
    assert library.states() == {document.id: "current", pasted.id: "none"}
    path.write_text("High tide is at seven.", encoding="utf-8")
    os.utime(path, (1, 1))
    assert library.states()[document.id] == "changed"
    new = library.read_again(document.id)
    assert library.text(new.id) == "High tide is at seven."
    assert library.states() == {new.id: "current", pasted.id: "none"}
    path.unlink()
    assert library.states()[new.id] == "gone"
    embedded: list[int] = []
    for each in (new, pasted):
        again = library.read_again(each.id, lambda done, total, note: embedded.append(done))
        assert (again.id, again.passages) == (each.id, 1)
    assert max(embedded) == 1
    assert names(library) == {"tides.txt", "pasted"}
    assert len(library.search("tide")) == 2
