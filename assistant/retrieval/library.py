"""The library of documents: add, remove, collect, keep in step with folders, search, verify.

A document is in the library whole or not at all, whatever happens while it is added. Search joins
meaning (cosine of embeddings) and words (BM25). Safe for many threads.
"""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.errors import DocumentError, InputError
from assistant.retrieval import folders, keywords, membership, verification
from assistant.retrieval.folders import FileState, Updated
from assistant.retrieval.growing import SIZES, Sizes
from assistant.retrieval.limits import LIMITS, Limits
from assistant.retrieval.loaders import LoadedDocument, clean, display_name
from assistant.retrieval.ranking import BOTH, CANDIDATES, Weights, rank
from assistant.retrieval.semantic import Encoder, ProgressCallback
from assistant.retrieval.shelf import Shelf
from assistant.retrieval.store import Origin
from assistant.retrieval.verification import Finding
from assistant.retrieval.workers import WORKERS
from assistant.types import Document, Passage

LONGEST_COLLECTION = 60  # characters of a collection's name


class Library:
    """The documents in ``folder`` (made if missing); the encoder loads when it is first needed."""

    def __init__(
        self,
        folder: Path,
        encoder: Encoder | Callable[[], Encoder],
        limits: Limits = LIMITS,
        sizes: Sizes = SIZES,
    ) -> None:
        self._shelf = Shelf(folder, encoder, limits, sizes)

    @property
    def warnings(self) -> list[str]:
        """Sentences for the user about what went wrong and was put right."""
        return self._shelf.warnings

    def add(
        self,
        path: Path,
        name: str | None = None,
        progress: ProgressCallback | None = None,
        collections: Iterable[str] = (),
    ) -> Document:
        """Add the file, or return the document that already has its content.

        It replaces an earlier version: the document read from the same path, or, if ``name`` is
        given, one pasted or uploaded under the same name. With a ``name`` the file is an upload,
        whose path is forgotten. The document joins ``collections`` and those of its old version.

        Raises:
            DocumentError: the file cannot be read; see ``loaders.load``.
            InputError: a collection's name cannot be used.
            StorageError: the store cannot be written.

        """
        wanted = [_collection(each) for each in collections]
        return self._shelf.add(path, name, progress, wanted)

    def add_text(
        self,
        name: str,
        text: str,
        progress: ProgressCallback | None = None,
        collections: Iterable[str] = (),
    ) -> Document:
        """Add ``text`` under ``name``, replacing a document added under the same name."""
        loaded = LoadedDocument(display_name(name), clean(text), (), "txt")
        if not loaded.text.strip():
            raise DocumentError(f"“{loaded.name}” holds no text. Give me some text to keep.")
        wanted = [_collection(each) for each in collections]
        origin = Origin(loaded.name, len(text.encode(errors="replace")))
        return self._shelf.put(loaded, origin, progress, wanted, named=True)

    def remove(self, document_id: str) -> Document:
        """Remove a document, given its id, the beginning of its id, or its exact name.

        Nothing of it stays in the store. Files that it came from are left alone, and left out of
        the library from now on, until one is added by hand.

        Raises:
            InputError: no document, or more than one, is meant.

        """
        with self._shelf.writing:
            document = self.document(document_id)
            self._shelf.remove(document)
            self._shelf.purge()
            return document

    def document(self, document_id: str) -> Document:
        """Find a document by its id, the beginning of its id, or its exact name.

        Raises:
            InputError: no document, or more than one, is meant.

        """
        everything = self.documents()
        exact = [d for d in everything if document_id in (d.id, d.name)]
        begins = [d for d in everything if document_id and d.id.startswith(document_id)]
        found = exact or begins
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(f"{d.name} ({d.id})" for d in found[:5])
            raise InputError(f"“{document_id}” means several documents: {ids}. Give me one id.")
        near = difflib.get_close_matches(document_id, [d.name for d in everything], 3, 0.4)
        hint = f"Near it are {', '.join(near)}." if near else "List the documents to see them all."
        raise InputError(f"The library holds no document “{display_name(document_id)}”. {hint}")

    def documents(self, collections: Collection[str] = ()) -> tuple[Document, ...]:
        """Return all documents, or those in any of the ``collections``, oldest first.

        Raises:
            InputError: there is no such collection.

        """
        with self._shelf.lock:
            found = tuple(self._shelf.store.documents())
            if not collections:
                return found
            wanted = self._members(collections)
        return tuple(document for document in found if document.id in wanted)

    def text(self, document_id: str) -> str:
        """Return the whole text of a document, found as ``document`` finds it."""
        with self._shelf.lock:
            content = self._shelf.store.content(self.document(document_id).id)
            return content.text if content else ""

    @property
    def passage_count(self) -> int:
        """How many passages the library holds."""
        with self._shelf.lock:
            return self._shelf.store.passage_count()

    def collections(self) -> dict[str, int]:
        """Return each collection's name and how many documents it has, by name.

        A collection is there for as long as a document is in it; a document may be in several.
        """
        with self._shelf.lock:
            held = membership.collections(self._shelf.store.connection)
        return {name: len(ids) for name, ids in held.items()}

    def collect(self, document_id: str, collection: str) -> Document:
        """Put a document, found as ``document`` finds it, into a collection, made if new.

        Raises:
            InputError: no one document is meant, or the name cannot be used.

        """
        return self._change_collection(document_id, _collection(collection), membership.collect)

    def release(self, document_id: str, collection: str) -> Document:
        """Take a document out of a collection; it stays in the library.

        Raises:
            InputError: no one document is meant.

        """
        return self._change_collection(document_id, _collection(collection), membership.release)

    def search(
        self,
        text: str,
        k: int = 5,
        documents: Collection[str] | None = None,
        collections: Collection[str] = (),
        weights: Weights = BOTH,
    ) -> tuple[Passage, ...]:
        """Return at most ``k`` passages that bear on ``text``, best first, none twice.

        ``score`` is the cosine similarity between ``text`` and the passage, 0 to 1. ``documents``
        limits the search to those document ids, ``collections`` to documents in any of those.

        Raises:
            InputError: there is no such collection.

        """
        if not text.strip() or k < 1:
            return ()
        query = self._shelf.semantic.query(text)
        store = self._shelf.store
        with self._shelf.lock:
            if collections:
                members = self._members(collections)
                documents = members if documents is None else members & set(documents)
            index = self._shelf.semantic.fresh()
            among = None if documents is None else store.numbers(documents)
            numbers, _ = index.search(query, CANDIDATES, among)
            words = dict(keywords.search(store.connection, text, CANDIDATES, documents))
            candidates = list(dict.fromkeys([*map(int, numbers), *words]))
            vectors = index.get(candidates)
            passages = store.passages(candidates)
        order = rank(query, candidates, vectors, words, k, weights)
        cosines = dict(zip(candidates, np.clip(vectors @ query, 0.0, 1.0), strict=True))
        return tuple(
            replace(passages[number], score=float(cosines[number]))
            for number in order
            if number in passages
        )

    def sync(
        self, folder: Path, progress: ProgressCallback | None = None, quiet: float = 0.0
    ) -> tuple[Document, ...]:
        """Hold exactly the files that ``folder`` and its subfolders hold; return what is new.

        Unchanged files (same size and time) are not read, nor are hidden ones, those that the
        user removed from the library, and those changed within the last ``quiet`` seconds. A file
        that cannot be read is left out and told in ``warnings``; if it could be read before, that
        version stays. Documents added by hand are not touched.
        """
        return folders.sync(self._shelf, folder, progress, quiet)

    def update(self, progress: ProgressCallback | None = None) -> Updated:
        """Read again every file that has changed since it was read.

        A new version replaces the old one when it is complete; one that cannot be read leaves it.
        Documents whose file is gone stay, unless a folder that is kept in step held it.
        """
        return folders.update(self._shelf, progress)

    def read_again(self, document_id: str, progress: ProgressCallback | None = None) -> Document:
        """Read a document's file again, and cut and embed it anew even if it is as it was.

        New content takes the place of the old. Without a file (pasted, uploaded, or gone) it is
        made anew of the text that is kept. Stays as it was if it cannot be read.

        Raises:
            InputError: no document, or more than one, is meant.
            DocumentError: its file cannot be read any more.

        """
        return folders.read_again(self._shelf, self.document(document_id), progress)

    def states(self) -> dict[str, FileState]:
        """Return document id → whether the file it came from is as it was when it was read."""
        return folders.states(self._shelf)

    def verify(
        self, mend: bool = True, progress: ProgressCallback | None = None
    ) -> tuple[Finding, ...]:
        """Check everything in the store against everything else; return what is wrong with it."""
        return verification.verify(self._shelf, mend, progress)

    def close(self) -> None:
        """Close the store; the library cannot be used after this."""
        WORKERS.close()
        self._shelf.close()

    def _members(self, collections: Collection[str]) -> set[str]:
        there = membership.collections(self._shelf.store.connection)
        held = {name.casefold(): ids for name, ids in there.items()}
        members: set[str] = set()
        for name in collections:
            if name.casefold() not in held:
                raise InputError(
                    f"There is no collection “{display_name(name)}”. "
                    f"The collections are: {', '.join(there) or 'none yet'}."
                )
            members.update(held[name.casefold()])
        return members

    def _change_collection(
        self, document_id: str, name: str, change: Callable[[sqlite3.Connection, str, str], None]
    ) -> Document:
        with self._shelf.writing, self._shelf.lock:
            document = self.document(document_id)
            with self._shelf.store.transaction():
                change(self._shelf.store.connection, document.id, name)
            return self.document(document.id)


def _collection(name: str) -> str:
    shown = display_name(name)
    if not name.strip() or shown != " ".join(name.split()) or len(shown) > LONGEST_COLLECTION:
        raise InputError(
            f"A collection cannot be called “{shown}”: a name has 1 to {LONGEST_COLLECTION} "
            "characters, without slashes and control characters."
        )
    return shown
