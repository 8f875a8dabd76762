"""The library's file: its tables, how it is opened, and what becomes of a damaged one."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import StorageError
from assistant.retrieval import keywords, membership

VERSION = 2
LARGE = 2**28  # bytes: what is larger takes too long to check before it is used
_STEPS = 100_000  # of SQLite, between two looks at whether to stop
_DOCUMENTS = """(
    id TEXT PRIMARY KEY,    -- made of the text, see content_id
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,  -- bytes
    pages TEXT NOT NULL,    -- JSON: the offset at which each page begins
    added TEXT NOT NULL,
    text TEXT NOT NULL);
"""
_BESIDE = f"""
CREATE TABLE origins (      -- every file, paste and upload that has a document's text
    id INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    source TEXT UNIQUE,     -- the file; NULL for a paste or an upload
    folder TEXT,            -- the folder it is kept in step with
    size INTEGER NOT NULL,
    modified INTEGER);      -- nanoseconds
CREATE INDEX origins_by_document ON origins(document_id);
CREATE TABLE dismissed (source TEXT PRIMARY KEY);  -- hashes of files that the user took out
{membership.SCHEMA}"""
_PASSAGES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
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
_SCHEMA = f"CREATE TABLE documents {_DOCUMENTS} {_PASSAGES} {_BESIDE} {keywords.SCHEMA}"
_FROM_1 = f"""
CREATE TABLE documents_2 {_DOCUMENTS} {_BESIDE}
INSERT INTO documents_2 SELECT id, name, kind, size, CASE pages WHEN 0 THEN '[]' ELSE (
    SELECT json_group_array(first) FROM (SELECT MIN(start) AS first FROM passages
    WHERE document_id = documents.id GROUP BY page ORDER BY page)) END, added, text FROM documents;
INSERT INTO origins (document_id, name, source, folder, size, modified)
    SELECT id, name, source, folder, size, modified FROM documents;
DROP TABLE documents;
ALTER TABLE documents_2 RENAME TO documents;
"""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A document read out of a damaged store; ``source`` is the file it was read from."""

    name: str
    kind: str
    text: str
    pages: tuple[int, ...]
    source: Path | None


def content_id(text: str) -> str:
    """Return the id of the document with this text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def open_store(path: Path, large: int = LARGE) -> sqlite3.Connection:
    """Open the file, made if it is missing, brought to this version if it is of an earlier one.

    Damage anywhere in a file of more than ``large`` bytes is found by ``check``.

    Raises:
        sqlite3.DatabaseError: the file is damaged.
        StorageError: it was made by a later version of the program.

    """
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        # What is deleted is overwritten; a document that was told to be added outlasts a power cut.
        for pragma in ("journal_mode = WAL", "secure_delete = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        if version > VERSION:
            raise StorageError(
                f"The document store {path} was made by a later version of Switchboard (format "
                f"{version}; this one reads up to {VERSION}). Update Switchboard, or choose "
                "another folder with ASSISTANT_DATA_DIR."
            )
        if checked_at_once(path, large):
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
            _suspicion(path).unlink(missing_ok=True)
        if version < VERSION:
            script = _FROM_1 if version else _SCHEMA
            connection.executescript(
                f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {VERSION}; COMMIT;"
            )
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def checked_at_once(path: Path, large: int) -> bool:
    """Say whether a store is checked when it is opened: it is small, or known to be damaged."""
    return path.stat().st_size <= large or _suspicion(path).exists()


def check(path: Path, stopped: Callable[[], bool]) -> bool:
    """Say whether the file of an open store is undamaged, by reading all of it.

    If not, the next opening moves it aside. True if it was stopped.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.set_progress_handler(stopped, _STEPS)
        try:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok":
                return True
        except sqlite3.OperationalError:
            return True  # stopped
        except sqlite3.DatabaseError:
            pass
    suspect(path)
    return False


def suspect(path: Path) -> None:
    """Leave a note beside a store, so that it is checked when it is next opened."""
    _suspicion(path).touch()


def _suspicion(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspect")


def move_aside(path: Path) -> Path:
    """Rename the store and its journals to the first free ``*.damaged-<n>``."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    _suspicion(path).unlink(missing_ok=True)
    for suffix in ("-wal", "-shm"):
        journal = path.with_name(path.name + suffix)
        if journal.exists():
            journal.rename(aside.with_name(aside.name + suffix))
    return aside


def salvage(path: Path) -> list[Salvaged]:
    """Read from a damaged store, as far as it goes, the documents that were added by hand.

    Only those whose text is certainly whole, or whose file is known.
    """
    found: list[Salvaged] = []
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute(
                "SELECT documents.id, documents.name, kind, text, pages, origins.source "
                "FROM documents JOIN origins ON document_id = documents.id WHERE folder IS NULL"
            )
            for document_id, name, kind, text, pages, source in rows:
                if source or content_id(text) == document_id:
                    starts = tuple(json.loads(pages))
                    found.append(
                        Salvaged(name, kind, text, starts, Path(source) if source else None)
                    )
    except (sqlite3.DatabaseError, UnicodeError, ValueError, TypeError):
        return found  # what could be read before the damage
    return found
