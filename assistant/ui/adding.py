"""Adds files to the library one after another and tells how each is doing. Knows no Gradio."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from assistant.errors import AssistantError
from assistant.retrieval.library import Library
from assistant.ui.work import StoppedError, follow

log = logging.getLogger("assistant")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file on its way into the library.

    While it is ``embedded``, ``done`` of ``total`` passages are. ``note`` says more of its end: how
    many passages it has, or why it was refused.
    """

    name: str
    state: Literal["waiting", "reading", "embedded", "added", "refused", "left out"] = "waiting"
    done: int = 0
    total: int = 0
    note: str = ""


def add_files(
    library: Library, files: Sequence[Path], collection: str, stop: threading.Event
) -> Iterator[tuple[Incoming, ...]]:
    """Add the files; yield how all of them are, again and again.

    ``stop`` leaves out what is not in the library yet. Files of the same name are numbered, lest
    one takes the place of the other.
    """
    names = _different([path.name for path in files])

    def work(note: Callable[[tuple[Incoming, ...]], None]) -> None:
        incoming = [Incoming(name) for name in names]
        for place, path in enumerate(files):

            def show(now: Incoming, place: int = place) -> None:
                incoming[place] = now
                note(tuple(incoming))

            show(_add(library, path, collection, stop, incoming[place], show))

    return follow(work)


def _add(
    library: Library,
    path: Path,
    collection: str,
    stop: threading.Event,
    file: Incoming,
    show: Callable[[Incoming], None],
) -> Incoming:
    """Add one file; return how it ended."""

    def progress(done: int, total: int, note: str) -> None:
        if stop.is_set():
            raise StoppedError
        show(replace(file, state="embedded", done=done, total=total))

    if stop.is_set():
        return replace(file, state="left out")
    show(replace(file, state="reading"))
    before = {document.id: document.name for document in library.documents()}
    collections = [collection] if collection.strip() else []
    try:
        document = library.add(path, file.name, progress, collections)
    except StoppedError:
        return replace(file, state="left out")
    except AssistantError as error:
        return replace(file, state="refused", note=str(error))
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("a file could not be added, reference %s", reference)
        note = f"Something went wrong; the log holds what under {reference}."
        return replace(file, state="refused", note=note)
    note = f"{document.passages:,} passage{'' if document.passages == 1 else 's'}"
    if document.id in before:
        known = before[document.id]
        same = known == file.name
        note = "as it was before" if same else f"the same text as “{known}”, kept once"
    elif document.name in before.values():
        note += ", in place of the version before"
    return replace(file, state="added", note=note)


def _different(names: Sequence[str]) -> list[str]:
    """Return the names, those that came before with a number: "a.txt", "a (2).txt"."""
    taken: set[str] = set()
    different = []
    for name in names:
        unused, number = name, 1
        while unused in taken:
            number += 1
            unused = f"{Path(name).stem} ({number}){Path(name).suffix}"
        taken.add(unused)
        different.append(unused)
    return different
