"""The library of documents: add, remove, keep in step with a folder, search.

A document is in the library whole or not at all, whatever happens while it is added. Search joins
meaning (cosine of embeddings) and words (BM25). Safe for many threads.
"""

from __future__ import annotations

import difflib
import hashlib
import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from assistant.errors import DocumentError, InputError
from assistant.retrieval import keywords
from assistant.retrieval.chunking import Chunk, chunk
from assistant.retrieval.limits import LIMITS, Limits
from assistant.retrieval.loaders import (
    SUPPORTED,
    LoadedDocument,
    clean,
    display_name,
    load,
)
from assistant.retrieval.ranking import CANDIDATES, rank
from assistant.retrieval.semantic import Encoder, ProgressCallback, SemanticIndex
from assistant.retrieval.store import Origin, Store, salvage
from assistant.retrieval.workers import WORKERS
from assistant.types import Document, Passage

log = logging.getLogger("assistant")


class Library:
    """The documents in ``folder`` (made if missing); the encoder loads when it is first needed.

    ``warnings`` holds sentences for the user about what went wrong and was put right.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder | Callable[[], Encoder],
        limits: Limits = LIMITS,
    ) -> None:
        self.warnings: list[str] = []
        self._limits = limits
        self._lock = threading.RLock()  # the store and the index, held for moments
        self._writing = threading.RLock()  # one change at a time, held while it embeds
        self._store = Store(folder / "library.sqlite")
        self._semantic = SemanticIndex(self._store, encoder, self._lock, self._warn)
        self._to_read_again: list[Path] = []
        if self._store.damaged:
            self._to_read_again = salvage(self._store.damaged)
            self._warn(
                f"The document store was damaged. It lies in {self._store.damaged} now, and a "
                "new one was begun; add again the documents that are missing from the list."
            )

    def add(
        self, path: Path, name: str | None = None, progress: ProgressCallback | None = None
    ) -> Document:
        """Add the file, or return the document that already has its content.

        It replaces an earlier version: the document read from the same path, and, if ``name``
        is given, one added under the same name.

        Raises:
            DocumentError: the file cannot be read; see ``loaders.load``.
            StorageError: the store cannot be written.

        """
        loaded = load(path, name, self._limits)
        stat = path.stat()
        origin = Origin(str(path.resolve()), None, stat.st_mtime_ns)
        return self._put(loaded, stat.st_size, origin, progress, named=name is not None)

    def add_text(self, name: str, text: str, progress: ProgressCallback | None = None) -> Document:
        """Add ``text`` under ``name``, replacing a document added under the same name."""
        loaded = LoadedDocument(display_name(name), clean(text), (), "txt")
        if not loaded.text.strip():
            raise DocumentError(f"“{loaded.name}” holds no text. Give me some text to keep.")
        return self._put(loaded, len(text.encode(errors="replace")), Origin(), progress, named=True)

    def remove(self, document_id: str) -> Document:
        """Remove a document, given its id, the beginning of its id, or its exact name.

        Raises:
            InputError: no document, or more than one, is meant.

        """
        with self._writing, self._lock:
            document = self.document(document_id)
            with self._store.transaction():
                gone = self._store.delete(document.id)
            self._semantic.change(gone, (), None)
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

    def documents(self) -> tuple[Document, ...]:
        """Return all documents, oldest first."""
        with self._lock:
            return tuple(self._store.documents())

    def text(self, document_id: str) -> str:
        """Return the whole text of a document, found as ``document`` finds it."""
        with self._lock:
            return self._store.text(self.document(document_id).id)

    @property
    def passage_count(self) -> int:
        """How many passages the library holds."""
        with self._lock:
            return self._store.passage_count()

    def search(
        self, text: str, k: int = 5, documents: Collection[str] | None = None
    ) -> tuple[Passage, ...]:
        """Return at most ``k`` passages that bear on ``text``, best first, none twice.

        ``score`` is the cosine similarity between ``text`` and the passage, 0 to 1. ``documents``
        limits the search to those document ids.
        """
        if not text.strip() or k < 1:
            return ()
        query = self._semantic.query(text)
        with self._lock:
            index = self._semantic.fresh()
            among = None if documents is None else self._store.numbers(documents)
            numbers, _ = index.search(query, CANDIDATES, among)
            words = dict(keywords.search(self._store.connection, text, CANDIDATES, documents))
            candidates = list(dict.fromkeys([*map(int, numbers), *words]))
            vectors = index.get(candidates)
            passages = self._store.passages(candidates)
        order = rank(query, candidates, vectors, words, k)
        cosines = dict(zip(candidates, np.clip(vectors @ query, 0.0, 1.0), strict=True))
        return tuple(
            replace(passages[number], score=float(cosines[number]))
            for number in order
            if number in passages
        )

    def sync(self, folder: Path, progress: ProgressCallback | None = None) -> tuple[Document, ...]:
        """Hold exactly the files that ``folder`` and its subfolders hold; return what is new.

        Unchanged files (same size and time) are not read. A file that cannot be read is left out
        and told in ``warnings``. Documents added by hand are not touched.
        """
        root = folder.resolve()
        if not root.is_dir():
            self._warn(f"The documents folder {root} is missing; the library stays as it is.")
            return ()
        files = [
            path
            for path in sorted(root.rglob("*"))
            if path.suffix.lower() in SUPPORTED and path.is_file() and path.name[0] != "."
        ]
        new: list[Document] = []
        with self._writing:
            self._read_again()
            held = {document.id for document in self.documents()}
            with self._lock:
                known = self._store.synced(str(root))
            for source in known.keys() - {str(path) for path in files}:
                self.remove(known[source][0])
            for number, path in enumerate(files):
                if progress:
                    progress(number, len(files), path.name)
                stat = path.stat()
                before = known.get(str(path))
                if before and before[1:] == (stat.st_size, stat.st_mtime_ns):
                    continue
                origin = Origin(str(path), str(root), stat.st_mtime_ns)
                try:
                    loaded = load(path, limits=self._limits)
                    document = self._put(loaded, stat.st_size, origin, None, named=False)
                except DocumentError as error:
                    self._warn(str(error))
                    continue
                if document.id not in held:
                    new.append(document)
        if progress and files:
            progress(len(files), len(files), "ready")
        return tuple(new)

    def close(self) -> None:
        """Close the store; the library cannot be used after this."""
        WORKERS.close()
        with self._writing, self._lock:
            self._store.close()

    def _put(
        self,
        loaded: LoadedDocument,
        size: int,
        origin: Origin,
        progress: ProgressCallback | None,
        *,
        named: bool,
    ) -> Document:
        document = Document(
            id=hashlib.sha256(loaded.text.encode()).hexdigest()[:16],
            name=loaded.name,
            source=origin.source,
            kind=loaded.kind,
            size=size,
            pages=len(loaded.pages),
            passages=0,
            added=datetime.now(timezone.utc).isoformat(timespec="microseconds"),
        )
        progress = progress or (lambda done, total, note: None)
        with self._writing:
            chunks: tuple[Chunk, ...] = ()
            vectors = None
            if not self._present(document.id):
                chunks = chunk(loaded)
                vectors = self._semantic.embed(chunks, f"reading {loaded.name}", progress)
            with self._lock:
                with self._store.transaction():
                    present = self._present(document.id)  # another process may have added it
                    gone = self._delete_older(document, origin, named)
                    numbers: list[int] = []
                    if present:
                        self._store.touch(document.id, origin)
                        vectors = None
                    elif vectors is not None:
                        numbers = self._store.insert(document, origin, loaded.text, chunks, vectors)
                self._semantic.change(gone, numbers, vectors)
        return present or replace(document, passages=len(chunks))

    def _present(self, document_id: str) -> Document | None:
        with self._lock:
            return next(iter(self._store.documents("id = ?", (document_id,))), None)

    def _delete_older(self, document: Document, origin: Origin, named: bool) -> list[int]:
        """Delete what the document replaces: its source's last content, and its namesake."""
        older = self._store.documents("source = ? AND id != ?", (origin.source, document.id))
        if named:
            older += self._store.documents(
                "name = ? AND id != ? AND folder IS NULL", (document.name, document.id)
            )
        return [number for old in {d.id for d in older} for number in self._store.delete(old)]

    def _read_again(self) -> None:
        """Add what a damaged store held and can still be read from where it came from."""
        paths, self._to_read_again = self._to_read_again, []
        for path in paths:
            try:
                self.add(path)
            except DocumentError as error:
                self._warn(str(error))

    def _warn(self, sentence: str) -> None:
        self.warnings.append(sentence)
        log.warning(sentence)
