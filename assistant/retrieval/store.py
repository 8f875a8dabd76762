"""The library's one SQLite file: documents, their passages, vectors and keywords.

Every change is one transaction. Not safe for several threads at once: the library holds a lock.
Several processes may share the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import StorageError
from assistant.retrieval import keywords
from assistant.retrieval.chunking import Chunk
from assistant.retrieval.vectors import Vectors
from assistant.types import Document, Passage

VERSION = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    source TEXT UNIQUE,     -- the file it was read from
    folder TEXT,            -- the folder it is kept in step with
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,  -- bytes
    modified INTEGER,       -- nanoseconds, of the source
    pages INTEGER NOT NULL,
    added TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    heading TEXT NOT NULL,
    page INTEGER,
    text TEXT NOT NULL,
    vector BLOB NOT NULL);  -- float32
CREATE INDEX passages_by_document ON passages(document_id);
"""
_DOCUMENT = (
    "SELECT id, name, source, kind, size, pages, "
    "(SELECT COUNT(*) FROM passages WHERE document_id = documents.id), added FROM documents "
)
_PASSAGE = (
    "SELECT passages.id, document_id || ':' || number, document_id, documents.name, heading, page, "
    "passages.text, start, end FROM passages JOIN documents ON documents.id = document_id "
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from: file, folder it is synced with, time of change in ns."""

    source: str | None = None
    folder: str | None = None
    modified: int | None = None


class Store:
    """An open store. ``damaged`` is where a file that could not be used was moved to, if any."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged: Path | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self.connection = _open(path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self.damaged = _move_aside(path)
                self.connection = _open(path)
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(
                f"The document store {path} cannot be opened: {error}. Check that the folder can "
                "be written to and is on no full disk, or choose another with ASSISTANT_DATA_DIR."
            ) from error

    def close(self) -> None:
        """Close the file; the store cannot be used after this."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes made inside, or none of them."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StorageError(
                f"The document store {self.path} is busy or cannot be written: {error}. "
                "Try again; if it stays so, look for another program that uses it."
            ) from error
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise StorageError(
                    f"The document store {self.path} could not be written: {error}. Nothing was "
                    "changed. Make room on the disk or free the file, and try again."
                ) from error
            raise

    def revision(self) -> int:
        """Return a number that changes when another process has changed the store."""
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    def meta(self, key: str) -> str | None:
        """Return the value kept under ``key``."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Keep ``value`` under ``key``."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def documents(self, where: str = "", values: Sequence[str | None] = ()) -> list[Document]:
        """Return the documents that the condition holds for, oldest first."""
        condition = f"WHERE {where} " if where else ""
        rows = self.connection.execute(f"{_DOCUMENT}{condition}ORDER BY added, name", values)
        return [Document(*row) for row in rows]

    def synced(self, folder: str) -> dict[str, tuple[str, int, int | None]]:
        """Return source → (document id, size, time of change) of a folder's documents."""
        rows = self.connection.execute(
            "SELECT source, id, size, modified FROM documents WHERE folder = ?", (folder,)
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def text(self, document_id: str) -> str:
        """Return a document's whole text."""
        row = self.connection.execute(
            "SELECT text FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return str(row[0]) if row else ""

    def insert(
        self,
        document: Document,
        origin: Origin,
        text: str,
        chunks: Sequence[Chunk],
        vectors: Vectors,
    ) -> list[int]:
        """Write a document with all that belongs to it; return the numbers of its passages."""
        self.connection.execute(
            "INSERT INTO documents (id, name, source, folder, kind, size, modified, pages, added, "
            "text) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                document.id,
                document.name,
                origin.source,
                origin.folder,
                document.kind,
                document.size,
                origin.modified,
                document.pages,
                document.added,
                text,
            ),
        )
        numbers = []
        for number, (chunk, vector) in enumerate(zip(chunks, vectors, strict=True)):
            cursor = self.connection.execute(
                "INSERT INTO passages (document_id, number, start, end, heading, page, text, "
                "vector) VALUES (?,?,?,?,?,?,?,?)",
                (
                    document.id,
                    number,
                    chunk.start,
                    chunk.end,
                    chunk.heading,
                    chunk.page,
                    chunk.text,
                    np.asarray(vector, dtype=np.float32).tobytes(),
                ),
            )
            numbers.append(int(cursor.lastrowid or 0))
        return numbers

    def touch(self, document_id: str, origin: Origin) -> None:
        """Note that a source was looked at and holds what it held before."""
        self.connection.execute(
            "UPDATE documents SET modified = ? WHERE id = ? AND source = ?",
            (origin.modified, document_id, origin.source),
        )

    def delete(self, document_id: str) -> list[int]:
        """Delete a document with all that belongs to it; return its passages' numbers."""
        numbers = self.numbers([document_id])
        self.connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
        self.connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        return numbers

    def numbers(self, documents: Collection[str]) -> list[int]:
        """Return the numbers of all passages of these documents."""
        found: list[int] = []
        for document_id in documents:
            rows = self.connection.execute(
                "SELECT id FROM passages WHERE document_id = ?", (document_id,)
            )
            found.extend(int(row[0]) for row in rows)
        return found

    def passages(self, numbers: Iterable[int]) -> dict[int, Passage]:
        """Return number → passage for those numbers that are in the store."""
        found = {}
        for number in numbers:
            row = self.connection.execute(f"{_PASSAGE} WHERE passages.id = ?", (number,)).fetchone()
            if row:
                found[number] = Passage(*row[1:])
        return found

    def embeddable(self) -> list[tuple[int, str, str]]:
        """Return number, heading and text of every passage."""
        return list(self.connection.execute("SELECT id, heading, text FROM passages ORDER BY id"))

    def vectors(self, dimensions: int) -> tuple[list[int], Vectors]:
        """Return the numbers of all passages and their vectors (n, dimensions)."""
        rows = self.connection.execute("SELECT id, vector FROM passages ORDER BY id").fetchall()
        joined = b"".join(row[1] for row in rows)
        return [row[0] for row in rows], np.frombuffer(joined, np.float32).reshape(-1, dimensions)

    def set_vectors(self, numbers: Sequence[int], vectors: Vectors) -> None:
        """Replace the vectors of these passages."""
        self.connection.executemany(
            "UPDATE passages SET vector = ? WHERE id = ?",
            [(v.astype(np.float32).tobytes(), n) for n, v in zip(numbers, vectors, strict=True)],
        )

    def passage_count(self) -> int:
        """Count the passages of all documents."""
        return int(self.connection.execute("SELECT COUNT(*) FROM passages").fetchone()[0])


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} {keywords.SCHEMA} "
                f"PRAGMA user_version = {VERSION}; COMMIT;"
            )
        elif version != VERSION:
            raise sqlite3.DatabaseError(f"its format is {version}, this program's is {VERSION}")
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
    except BaseException:
        connection.close()
        raise
    return connection


def _move_aside(path: Path) -> Path:
    """Rename the store and its journals to the first free ``*.damaged-<n>``."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        journal = path.with_name(path.name + suffix)
        if journal.exists():
            journal.rename(aside.with_name(aside.name + suffix))
    return aside


def salvage(path: Path) -> list[Path]:
    """Read from a damaged store, as far as it goes, which files its documents came from."""
    found: list[Path] = []
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT source FROM documents WHERE folder IS NULL")
            found.extend(Path(row[0]) for row in rows if row[0])
    except sqlite3.DatabaseError:
        return found  # what could be read before the damage
    return found
