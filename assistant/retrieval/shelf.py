"""What the library holds, and the ways in and out: each document whole or not at all.

A document stays for as long as anything it came from does: the files, pastes and uploads with its
text. Safe for many threads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from assistant.errors import DocumentError
from assistant.retrieval import membership
from assistant.retrieval.chunking import Chunk, chunk
from assistant.retrieval.errand import Errand
from assistant.retrieval.growing import Sizes
from assistant.retrieval.limits import Limits
from assistant.retrieval.loaders import LoadedDocument, load
from assistant.retrieval.schema import Salvaged, check, checked_at_once, content_id, salvage
from assistant.retrieval.semantic import Encoder, ProgressCallback, SemanticIndex
from assistant.retrieval.store import Origin, Store
from assistant.types import Document

log = logging.getLogger("assistant")

_MOMENT = 0.2  # seconds that who removes something waits until it is off the disk as well
_BREATH = 0.001  # seconds for others between two parts of a purge
_DONE = object()


class Shelf:
    """The store and its index, kept together.

    ``warnings`` holds sentences for the user about what went wrong and was put right.
    ``lock`` guards the store and the index and is held for moments; ``writing`` lets one change
    happen at a time and is held while it embeds.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder | Callable[[], Encoder],
        limits: Limits,
        sizes: Sizes,
    ) -> None:
        self.warnings: list[str] = []
        self.limits = limits
        self.lock = threading.RLock()
        self.writing = threading.RLock()
        self.store = Store(folder / "library.sqlite", sizes.store)
        self.unreadable: dict[str, tuple[int, int]] = {}  # file → size and time when it failed
        self.semantic = SemanticIndex(self.store, encoder, self.lock, self.warn, sizes)
        self._purging = Errand("purge", self._purge)
        self._checking = Errand("check", self._check)
        if not checked_at_once(self.store.path, sizes.store):
            self._checking.ask()
        self.purge()
        self._salvaged: list[Salvaged] = []
        if self.store.damaged:
            self._salvaged = salvage(self.store.damaged)
            self.warn(
                f"The document store was damaged. It lies in {self.store.damaged} now, and a "
                f"new one was begun. {len(self._salvaged)} of the documents that you added are "
                "read again; add those that are missing from the list."
            )

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the user, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)
            log.warning(sentence)

    def put(
        self,
        loaded: LoadedDocument,
        origin: Origin,
        progress: ProgressCallback | None = None,
        collections: Iterable[str] = (),
        *,
        named: bool = False,
    ) -> Document:
        """Hold this text, embedded if it is new, and say that it came from ``origin``.

        It takes the place of what the same file held before and, if ``named``, of what was pasted
        or uploaded under the same name, and it stays in their collections.
        """
        document = Document(
            id=content_id(loaded.text),
            name=loaded.name,
            source=origin.source,
            kind=loaded.kind,
            size=origin.size,
            pages=len(loaded.pages),
            passages=0,
            added=datetime.now(timezone.utc).isoformat(timespec="microseconds"),
        )
        with self.writing:
            chunks: tuple[Chunk, ...] = ()
            vectors = None
            if not self.present(document.id):
                chunks = chunk(loaded)
                note = f"reading {loaded.name}"
                vectors = self.semantic.embed(chunks, note, progress or _say_nothing)
            with self.changing() as gone:
                if vectors is not None and not self.present(document.id):  # by another process
                    self.store.insert(document, loaded)
                    self.store.insert_passages(document.id, chunks, vectors)
                older = self._replaced(document, origin, named=named)
                self.store.attach(document.id, origin)
                if origin.source and not origin.folder:
                    self.store.welcome(origin.source)
                for old in older:
                    collections = [*collections, *old.collections]
                    gone.extend(self.drop_if_left(old.id))
                for name in collections:
                    membership.collect(self.store.connection, document.id, name)
            with self.lock:
                return self.present(document.id) or document

    def leave(self, source: str) -> None:
        """Follow the end of a file: its document goes, unless it has another origin."""
        with self.writing, self.changing() as gone:
            for document_id, _ in self.store.origins("source = ?", (source,)):
                self.store.detach("source = ?", (source,))
                gone.extend(self.drop_if_left(document_id))

    def remove(self, document: Document) -> None:
        """Take a document out at the user's wish, also if files with its text stay."""
        with self.writing, self.changing() as gone:
            for _, origin in self.store.origins("document_id = ?", (document.id,)):
                if origin.source and origin.folder:
                    self.store.dismiss(origin.source)
            gone.extend(self.store.delete(document.id))

    def rebuild(self, document_id: str, progress: ProgressCallback | None = None) -> None:
        """Cut and embed a document anew from its stored text."""
        with self.writing:
            with self.lock:
                loaded = self.store.content(document_id)
            if loaded is None:
                return
            chunks = chunk(loaded)
            vectors = self.semantic.embed(chunks, loaded.name, progress or _say_nothing)
            with self.changing() as gone:
                gone.extend(self.store.delete_passages(document_id))
                self.store.insert_passages(document_id, chunks, vectors)

    def present(self, document_id: str) -> Document | None:
        """Return the document with this id, if it is here."""
        with self.lock:
            return next(iter(self.store.documents("id = ?", (document_id,))), None)

    @contextmanager
    def changing(self) -> Iterator[list[int]]:
        """Change the store in one transaction, then the index.

        Gives a list to fill with the numbers of the passages that went.
        """
        gone: list[int] = []
        with self.lock:
            with self.store.transaction():
                yield gone
            self.semantic.change(gone)

    def purge(self) -> None:
        """Let nothing of what went since the last purge stay on the disk.

        Takes time with the size of the library, a second for 100,000 passages: what is not done
        in a moment goes on in the background, and a new version of a document leaves it to the
        next removal, or to closing.
        """
        end = time.monotonic() + _MOMENT
        if not self._purge(lambda: time.monotonic() > end):
            self._purging.ask()

    def drop_if_left(self, document_id: str) -> list[int]:
        """Delete a document that nothing is the origin of; return its passages' numbers."""
        if self.store.origins("document_id = ?", (document_id,)):
            return []
        return self.store.delete(document_id)

    def read_again(self) -> None:
        """Hold once more what a damaged store held: read from its files, else as it was stored."""
        salvaged, self._salvaged = self._salvaged, []
        for item in salvaged:
            try:
                if item.source and item.source.is_file():
                    self.add(item.source, None)
                else:
                    loaded = LoadedDocument(item.name, item.text, item.pages, item.kind)
                    self.put(loaded, Origin(item.name, len(item.text.encode())), named=True)
            except DocumentError as error:
                self.warn(str(error))

    def add(
        self,
        path: Path,
        name: str | None,
        progress: ProgressCallback | None = None,
        collections: Iterable[str] = (),
    ) -> Document:
        """Read a file and hold it; under a ``name`` it is an upload, whose path means nothing."""
        loaded = load(path, name, self.limits)
        stat = path.stat()
        source = None if name else str(path.resolve())
        origin = Origin(loaded.name, stat.st_size, source, None, stat.st_mtime_ns)
        return self.put(loaded, origin, progress, collections, named=name is not None)

    def close(self) -> None:
        """Close the store; it cannot be used after this."""
        self._checking.stop()
        self._purging.stop()
        self.semantic.close()
        with self.writing, self.lock:
            self._purge(lambda: False)
            self.store.close()

    def _check(self, stopped: Callable[[], bool]) -> None:
        if not check(self.store.path, stopped):
            self.warn(
                f"The document store {self.store.path} is damaged. Start the program again: the "
                "store is then moved aside and made anew from its files and texts."
            )

    def _purge(self, stopped: Callable[[], bool]) -> bool:
        """Purge a part at a time, holding the lock for each; say whether it came to an end."""
        with self.lock:
            if not self.store.unpurged:
                return True
            self.semantic.wipe()
        steps = self.store.purging()
        while True:
            with self.lock:
                if next(steps, _DONE) is _DONE:
                    return True
            if stopped():
                return False
            time.sleep(_BREATH)

    def _replaced(self, document: Document, origin: Origin, *, named: bool) -> list[Document]:
        """Detach what the document takes the place of, and return those documents as they were."""
        where, values = "source = ? AND document_id != ?", [origin.source, document.id]
        if named:
            where = f"({where}) OR (name = ? AND source IS NULL AND document_id != ?)"
            values += [document.name, document.id]
        older = {document_id for document_id, _ in self.store.origins(where, values)}
        found = [old for old in map(self.present, older) if old is not None]
        self.store.detach(where, values)
        return found


def _say_nothing(done: int, total: int, note: str) -> None:
    pass
