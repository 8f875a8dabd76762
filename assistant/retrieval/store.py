"""The library's one SQLite file: documents, where they came from, passages, vectors and keywords.

Every change is one transaction. Not safe for several threads at once: the library holds a lock.
Several processes may share the file.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.errors import StorageError
from assistant.private_files import make_file, make_folder
from assistant.retrieval import embeddings, keywords
from assistant.retrieval.chunking import Chunk
from assistant.retrieval.loaders import LoadedDocument
from assistant.retrieval.schema import LARGE, move_aside, open_store
from assistant.retrieval.vectors import Vectors
from assistant.types import Document, Passage

_DOCUMENT = (
    "SELECT id, name, (SELECT source FROM origins WHERE document_id = documents.id "
    "ORDER BY origins.id LIMIT 1), kind, size, json_array_length(pages), "
    "(SELECT COUNT(*) FROM passages WHERE document_id = documents.id), added, "
    "(SELECT json_group_array(collections.name) FROM collections "
    "WHERE document_id = documents.id) FROM documents "
)
_PASSAGE = (
    "SELECT passages.id, document_id || ':' || number, document_id, documents.name, heading, page, "
    "passages.text, start, end FROM passages JOIN documents ON documents.id = document_id "
)

_UNPURGED = "unpurged"
_FREED = 256  # pages that a part of a purge frees


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from. Without a ``source`` it was pasted or uploaded."""

    name: str
    size: int  # bytes
    source: str | None = None  # the file
    folder: str | None = None  # the folder it is kept in step with
    modified: int | None = None  # nanoseconds


class Store:
    """An open store. ``damaged`` is where a file that could not be used was moved to, if any."""

    def __init__(self, path: Path, large: int = LARGE) -> None:
        self.path = path
        self.damaged: Path | None = None
        try:
            make_folder(path.parent)
            make_file(path)
            try:
                self.connection = open_store(path, large)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self.damaged = move_aside(path)
                make_file(path)
                self.connection = open_store(path, large)
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

    @property
    def unpurged(self) -> bool:
        """Whether something was deleted and not yet purged; no for a store that is closed."""
        try:
            return self.meta(_UNPURGED) is not None
        except sqlite3.ProgrammingError:
            return False

    def purging(self) -> Iterator[None]:
        """Let nothing that was deleted stay in the file or its journal, and free its space.

        Does a small part of it each time the next value is asked for, so that others can use the
        store in between. While another process reads the file, what it reads stays in the
        journal, until a later purge.
        """
        try:
            while (note := self.meta(_UNPURGED)) is not None:
                yield from keywords.purging(self.connection)
                before = self._free_pages() + 1
                while 0 < (free := self._free_pages()) < before:
                    before = free
                    # A step frees a page, and only a script is stepped to its end.
                    self.connection.executescript(f"PRAGMA incremental_vacuum({_FREED})")
                    yield
                if self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    return
                # Another note means that more was deleted meanwhile.
                self.connection.execute(
                    "DELETE FROM meta WHERE key = ? AND value = ?", (_UNPURGED, note)
                )
        except (sqlite3.OperationalError, sqlite3.ProgrammingError):
            return  # busy, so the next purge does it; or closed before

    def _free_pages(self) -> int:
        return int(self.connection.execute("PRAGMA freelist_count").fetchone()[0])

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
        return [
            replace(Document(*row[:-1]), collections=tuple(sorted(json.loads(row[-1]))))
            for row in rows
        ]

    def origins(self, where: str, values: Sequence[str | None] = ()) -> list[tuple[str, Origin]]:
        """Return document id and origin for the origins that the condition holds for."""
        rows = self.connection.execute(
            f"SELECT document_id, name, size, source, folder, modified FROM origins WHERE {where}",
            values,
        )
        return [(row[0], Origin(*row[1:])) for row in rows]

    def content(self, document_id: str) -> LoadedDocument | None:
        """Return a document's text and pages, as they were read."""
        row = self.connection.execute(
            "SELECT name, text, pages, kind FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return LoadedDocument(row[0], row[1], tuple(json.loads(row[2])), row[3]) if row else None

    def insert(self, document: Document, loaded: LoadedDocument) -> None:
        """Write a document, as yet without passages and origins."""
        self.connection.execute(
            "INSERT INTO documents (id, name, kind, size, pages, added, text) "
            "VALUES (?,?,?,?,?,?,?)",
            (
                document.id,
                document.name,
                document.kind,
                document.size,
                json.dumps(loaded.pages),
                document.added,
                loaded.text,
            ),
        )

    def restore(self, document_id: str, loaded: LoadedDocument) -> None:
        """Write a document's text again."""
        self.connection.execute(
            "UPDATE documents SET text = ?, pages = ? WHERE id = ?",
            (loaded.text, json.dumps(loaded.pages), document_id),
        )

    def insert_passages(self, document_id: str, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Write the passages of a document."""
        for number, (chunk, vector) in enumerate(zip(chunks, vectors, strict=True)):
            self.connection.execute(
                "INSERT INTO passages (document_id, number, start, end, heading, page, text, "
                "vector) VALUES (?,?,?,?,?,?,?,?)",
                (
                    document_id,
                    number,
                    chunk.start,
                    chunk.end,
                    chunk.heading,
                    chunk.page,
                    chunk.text,
                    np.asarray(vector, dtype=np.float32).tobytes(),
                ),
            )

    def attach(self, document_id: str, origin: Origin) -> None:
        """Note where a document comes from; a file gives one document at a time."""
        if origin.source is None:
            self.detach("source IS NULL AND name = ?", (origin.name,))
        self.connection.execute(
            "INSERT INTO origins (document_id, name, size, source, folder, modified) "
            "VALUES (?,?,?,?,?,?) ON CONFLICT (source) DO UPDATE SET "
            "document_id = excluded.document_id, name = excluded.name, size = excluded.size, "
            "folder = COALESCE(excluded.folder, folder), modified = excluded.modified",
            (document_id, origin.name, origin.size, origin.source, origin.folder, origin.modified),
        )

    def detach(self, where: str, values: Sequence[str | None]) -> None:
        """Forget the origins that the condition holds for."""
        self.connection.execute(f"DELETE FROM origins WHERE {where}", values)

    def delete(self, document_id: str) -> list[int]:
        """Delete a document with all that belongs to it; return its passages' numbers."""
        numbers = self.delete_passages(document_id)
        self.connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        return numbers

    def delete_passages(self, document_id: str) -> list[int]:
        """Delete a document's passages; return their numbers.

        A note of it makes the next purge work, also after the program was killed.
        """
        self.set_meta(_UNPURGED, secrets.token_hex(8))
        numbers = self.numbers([document_id])
        self.connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
        return numbers

    def dismiss(self, source: str) -> None:
        """Note that the user took this file out of the library."""
        self.connection.execute("INSERT OR IGNORE INTO dismissed VALUES (?)", (_hash(source),))

    def welcome(self, source: str) -> None:
        """Forget that the user once took this file out."""
        self.connection.execute("DELETE FROM dismissed WHERE source = ?", (_hash(source),))

    def dismissed(self, source: str) -> bool:
        """Say whether the user took this file out."""
        query = "SELECT 1 FROM dismissed WHERE source = ?"
        return self.connection.execute(query, (_hash(source),)).fetchone() is not None

    def numbers(self, documents: Collection[str]) -> list[int]:
        """Return the numbers of all passages of these documents."""
        rows = self.connection.execute(
            "SELECT id FROM passages WHERE document_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(documents)),),
        )
        return [int(row[0]) for row in rows]

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

    def passage_count(self) -> int:
        """Count the passages of all documents."""
        return embeddings.count(self.connection)


def _hash(source: str) -> str:
    return hashlib.sha256(source.encode(errors="surrogateescape")).hexdigest()
