"""Keeps documents in step with the files they came from.

Files are told apart by size and time of change, and by their content where those differ; only new
content is embedded.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.errors import DocumentError
from assistant.retrieval.loaders import SUPPORTED, load
from assistant.retrieval.semantic import ProgressCallback
from assistant.retrieval.shelf import Shelf
from assistant.retrieval.store import Origin
from assistant.types import Document

FileState = Literal["current", "changed", "gone", "none"]  # "none": pasted or uploaded


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did: documents with new content, files that are gone, what went wrong."""

    changed: tuple[Document, ...]
    missing: tuple[str, ...]
    errors: tuple[str, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Inside:
    files: tuple[Path, ...]
    closed: tuple[Path, ...]  # subfolders that cannot be read now


def readable_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of ``folder`` and its subfolders that can be documents, in order."""
    return _inside(folder).files


def sync(
    shelf: Shelf, folder: Path, progress: ProgressCallback | None = None, quiet: float = 0.0
) -> tuple[Document, ...]:
    """Hold exactly the files of ``folder``; see ``Library.sync``."""
    root = folder.resolve()
    if not root.is_dir():
        shelf.warn(f"The documents folder {root} is missing; the library stays as it is.")
        return ()
    inside = _inside(root)
    new: list[Document] = []
    with shelf.writing:
        shelf.read_again()
        with shelf.lock:
            held = {document.id for document in shelf.store.documents()}
            known = {
                str(origin.source): origin
                for _, origin in shelf.store.origins("folder = ?", (str(root),))
            }
        for number, path in enumerate(inside.files):
            if progress:
                progress(number, len(inside.files), path.name)
            document = _follow(shelf, path, root, known.get(str(path)), quiet)
            if document is not None and document.id not in held:
                new.append(document)
        here = {str(path) for path in inside.files}
        gone = [
            source
            for source in known.keys() - here
            if not any(Path(source).is_relative_to(closed) for closed in inside.closed)
        ]
        for source in gone:
            shelf.leave(source)
        if gone:
            shelf.purge()
    if progress and inside.files:
        progress(len(inside.files), len(inside.files), "ready")
    return tuple(new)


def states(shelf: Shelf) -> dict[str, FileState]:
    """Return document id → how the file it came from is now; of several files, the worst."""
    with shelf.lock:
        origins = shelf.store.origins("TRUE")
    worst: list[FileState] = ["none", "current", "changed", "gone"]
    found: dict[str, FileState] = {}
    for document_id, origin in origins:
        known = found.get(document_id, "none")
        found[document_id] = max(known, _state(origin), key=worst.index)
    return found


def read_again(shelf: Shelf, document: Document, progress: ProgressCallback | None) -> Document:
    """Read a document's file again; see ``Library.read_again``."""
    with shelf.writing:
        with shelf.lock:
            origins = shelf.store.origins("document_id = ?", (document.id,))
        for _, origin in origins:
            if origin.source and Path(origin.source).is_file():
                new = _read(shelf, Path(origin.source), origin.folder, progress)
                if new.id != document.id:
                    return new
        shelf.rebuild(document.id, progress)
        return shelf.present(document.id) or document


def update(shelf: Shelf, progress: ProgressCallback | None = None) -> Updated:
    """Read again the files that have changed since they were read; see ``Library.update``."""
    changed: list[Document] = []
    missing: list[str] = []
    errors: list[str] = []
    unchanged = 0
    with shelf.writing:
        shelf.read_again()
        with shelf.lock:
            origins = shelf.store.origins("source IS NOT NULL ORDER BY id")
        for number, (document_id, origin) in enumerate(origins):
            path = Path(str(origin.source))
            if progress:
                progress(number, len(origins), path.name)
            try:
                stat = path.stat()
            except OSError:
                if origin.folder and Path(origin.folder).is_dir():
                    shelf.leave(str(path))
                missing.append(str(path))
                continue
            if (stat.st_size, stat.st_mtime_ns) == (origin.size, origin.modified):
                unchanged += 1
                continue
            try:
                document = _read(shelf, path, origin.folder)
            except DocumentError as error:
                errors.append(str(error))
                continue
            if document.id == document_id:
                unchanged += 1
            else:
                changed.append(document)
        if missing:
            shelf.purge()
    return Updated(tuple(changed), tuple(missing), tuple(errors), unchanged)


def _follow(
    shelf: Shelf, path: Path, root: Path, before: Origin | None, quiet: float
) -> Document | None:
    """Hold one file of a folder, unless it is as it was, still being written, or unwanted."""
    try:
        stat = path.stat()
    except OSError:
        return None  # gone since the folder was listed
    seen = (stat.st_size, stat.st_mtime_ns)
    if before is not None and seen == (before.size, before.modified):
        return None
    if shelf.unreadable.get(str(path)) == seen or 0 <= time.time() - stat.st_mtime < quiet:
        return None
    with shelf.lock:
        if shelf.store.dismissed(str(path)):
            return None
    try:
        document = _read(shelf, path, str(root))
    except DocumentError as error:
        shelf.unreadable[str(path)] = seen
        shelf.warn(str(error))
        return None
    shelf.unreadable.pop(str(path), None)
    return document


def _state(origin: Origin) -> FileState:
    if origin.source is None:
        return "none"
    try:
        stat = Path(origin.source).stat()
    except OSError:
        return "gone"
    same = (stat.st_size, stat.st_mtime_ns) == (origin.size, origin.modified)
    return "current" if same else "changed"


def _read(
    shelf: Shelf, path: Path, folder: str | None, progress: ProgressCallback | None = None
) -> Document:
    stat = path.stat()
    loaded = load(path, limits=shelf.limits)
    origin = Origin(loaded.name, stat.st_size, str(path), folder, stat.st_mtime_ns)
    return shelf.put(loaded, origin, progress)


def _inside(folder: Path) -> _Inside:
    files: list[Path] = []
    closed: list[Path] = []

    def note(error: OSError) -> None:
        closed.append(Path(error.filename))

    for parent, folders, names in os.walk(folder, onerror=note):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [
            path
            for path in (Path(parent, name) for name in names if not name.startswith("."))
            if path.suffix.lower() in SUPPORTED and path.is_file()
        ]
    return _Inside(tuple(sorted(files)), tuple(closed))
