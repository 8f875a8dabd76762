"""Checks that the store is what it should be, and mends what is not.

Every passage lies in its document's text where it says, has one vector of unit length and its
words in the keyword index; every document has the text that its id was made of, passages, and an
origin; nothing refers to what is not there.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import DocumentError, StorageError
from assistant.retrieval import keywords
from assistant.retrieval.loaders import load
from assistant.retrieval.schema import content_id, suspect
from assistant.retrieval.semantic import ProgressCallback
from assistant.retrieval.shelf import Shelf
from assistant.retrieval.store import Origin
from assistant.types import Document

_BELONGING = ("passages", "origins", "collections")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was wrong: a sentence for the user, and whether it is now right."""

    problem: str
    mended: bool


def verify(
    shelf: Shelf, mend: bool = True, progress: ProgressCallback | None = None
) -> tuple[Finding, ...]:
    """Check the whole store; change it only if ``mend``."""
    found: list[Finding] = []
    with shelf.writing:
        with shelf.lock:
            found += _check_file(shelf, mend)
            found += _check_orphans(shelf, mend)
            documents = shelf.store.documents()
        for number, document in enumerate(documents):
            if progress:
                progress(number, len(documents), document.name)
            found += _check_document(shelf, document, mend)
        with shelf.lock:
            found += _check_words(shelf, mend)
        found += _check_index(shelf, mend)
        with shelf.lock:
            if any(finding.mended for finding in found):
                shelf.semantic.forget()
        shelf.purge()
    return (*found, *_left_over(shelf.store.path))


def _check_file(shelf: Shelf, mend: bool) -> list[Finding]:
    """Check the file's own structure, beyond what is checked each time it is opened."""
    connection = shelf.store.connection

    def wrong() -> str:
        rows = connection.execute("PRAGMA integrity_check(3)").fetchall()
        told = "; ".join(str(row[0]) for row in rows)
        return "" if told == "ok" else told

    problem = wrong()
    if not problem:
        return []
    if mend:
        connection.execute("REINDEX")
    mended = mend and not wrong()
    if mend and not mended:
        suspect(shelf.store.path)
    cure = "" if mended or not mend else " Start again: the store is then made anew from its texts."
    return [Finding(f"The store's file is damaged: {problem}.{cure}", mended)]


def _check_orphans(shelf: Shelf, mend: bool) -> list[Finding]:
    found = []
    for table in _BELONGING:
        left = f"FROM {table} WHERE document_id NOT IN (SELECT id FROM documents)"
        count = shelf.store.connection.execute(f"SELECT COUNT(*) {left}").fetchone()[0]
        if count:
            if mend:
                with shelf.store.transaction():
                    shelf.store.connection.execute(f"DELETE {left}")
            found.append(Finding(f"{count} {table} belong to no document.", mend))
    return found


def _check_document(shelf: Shelf, document: Document, mend: bool) -> list[Finding]:
    with shelf.lock:
        content = shelf.store.content(document.id)
        origins = shelf.store.origins("document_id = ?", (document.id,))
    if content is None:
        return []  # removed by another process meanwhile
    if content_id(content.text) != document.id:
        return [_read_again(shelf, document, mend)]
    found = []
    if not origins:
        if mend:
            with shelf.lock, shelf.store.transaction():
                shelf.store.attach(document.id, Origin(document.name, document.size))
        found.append(Finding(f"“{document.name}” is noted as coming from nowhere.", mend))
    problem = _wrong_passages(shelf, document, content.text)
    if problem:
        if mend:
            shelf.rebuild(document.id)
        found.append(Finding(f"“{document.name}”: {problem}.", mend))
    return found


def _wrong_passages(shelf: Shelf, document: Document, text: str) -> str:
    """Say what is wrong with a document's passages; empty if nothing is."""
    dimensions = shelf.semantic.dimensions
    with shelf.lock:
        rows = shelf.store.connection.execute(
            "SELECT number, start, end, text, vector FROM passages WHERE document_id = ? "
            "ORDER BY number",
            (document.id,),
        ).fetchall()
    if [row[0] for row in rows] != list(range(len(rows))) or not rows:
        return "passages are missing"
    if any(text[start:end] != part for _, start, end, part, _ in rows):
        return "passages are not where the text has them"
    if any(len(row[4]) != 4 * dimensions for row in rows):
        return "vectors are damaged"
    vectors = np.frombuffer(b"".join(row[4] for row in rows), np.float32)
    lengths = np.linalg.norm(vectors.reshape(-1, dimensions), axis=1)
    sound = np.isfinite(lengths) & (np.abs(lengths - 1) < 0.01)  # False for NaN as well
    return "" if bool(sound.all()) else "vectors are damaged"


def _read_again(shelf: Shelf, document: Document, mend: bool) -> Finding:
    """Replace a document's damaged text by what its file holds, then or now."""
    source = Path(document.source) if document.source else None
    problem = f"The text of “{document.name}” is damaged"
    if source is None or not source.is_file():
        return Finding(f"{problem}, and its file is not there. Remove it and add it again.", False)
    if not mend:
        return Finding(f"{problem}; its file {source} can be read again.", False)
    try:
        loaded = load(source, limits=shelf.limits)
        if content_id(loaded.text) == document.id:
            with shelf.lock, shelf.store.transaction():
                shelf.store.restore(document.id, loaded)
            shelf.rebuild(document.id)
        else:
            shelf.add(source, None)
    except DocumentError as error:
        return Finding(f"{problem}. {error}", False)
    return Finding(f"{problem}; {source} was read again.", True)


def _check_words(shelf: Shelf, mend: bool) -> list[Finding]:
    connection = shelf.store.connection
    if keywords.is_sound(connection):
        return []
    mended = False
    if mend:
        try:
            keywords.rebuild(connection)
            mended = keywords.is_sound(connection)
        except sqlite3.DatabaseError:
            mended = False
    return [Finding("The keyword index does not hold the words of the passages.", mended)]


def _check_index(shelf: Shelf, mend: bool) -> list[Finding]:
    try:
        if not shelf.semantic.differs(mend):
            return []
    except StorageError:
        return []  # the store's own vectors are damaged, which their documents tell of
    return [Finding("The search index holds other vectors than the store.", mend)]


def _left_over(path: Path) -> list[Finding]:
    """Name the stores that were moved aside; they may hold what the user wants back."""
    return [
        Finding(
            f"{aside} is a damaged store that was moved aside, with {aside.stat().st_size:,} bytes "
            "of text from then. Delete it when you miss nothing.",
            False,
        )
        for aside in sorted(path.parent.glob(f"{path.name}.damaged-*"))
        if not aside.name.endswith(("-wal", "-shm"))
    ]
