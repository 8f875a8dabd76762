"""The Documents tab: what the library holds; adding, sorting, renewing, removing, searching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.chat import Assistant
from assistant.errors import AssistantError
from assistant.retrieval.semantic import ProgressCallback
from assistant.types import Document
from assistant.ui import documents_view as view
from assistant.ui.adding import add_files
from assistant.ui.history import ACTIONS
from assistant.ui.own_test import OwnTest
from assistant.ui.results import passages_html
from assistant.ui.toasts import warn
from assistant.ui.work import StoppedError, Stops, follow
from assistant.uploads import Uploads

FOUND = 8  # passages that a search shows
SHOW_FOUND = "() => document.querySelector('#found')?.scrollIntoView({block: 'center'})"
HEADING = (
    '<header class="sb-page"><h2>Documents</h2><p>Answers are grounded in these, with the very '
    "passage shown.</p></header>"
)

Update = dict[Any, Any]  # component → what it shows


@dataclass(frozen=True, slots=True)
class Removed:
    """What it takes to bring a document back."""

    document: Document
    text: str


class Documents:
    """Builds the components and wires them to the library.

    ``collections`` is the choice, elsewhere on the page, of those that a chat is limited to.
    """

    def __init__(self, assistant: Assistant, uploads: Uploads, collections: gr.Dropdown) -> None:
        self._library = assistant.library
        self._uploads = uploads
        self._collections = collections
        self._stops = Stops()
        with gr.Column(elem_id="documents"):
            gr.HTML(HEADING, apply_default_css=False)
            self.query = gr.Textbox(
                placeholder="Search the passages, in your own words",
                show_label=False,
                label="Search the passages",
                container=False,
                elem_id="search-documents",
            )
            self.found = gr.HTML("", elem_id="found", apply_default_css=False)
            self._build_adding()
            with gr.Row(elem_id="library-buttons"):
                self.stop = gr.Button("Stop", visible=False, size="md", elem_id="stop-library")
                self.renew = gr.Button(
                    "Read changed files again", size="md", elem_id="renew-documents"
                )
                test = OwnTest(assistant)
            test.build_report(collections)
            self.removed = gr.State(None)
            self.undo = gr.Button("Undo", visible=False, size="md", elem_id="undo-remove")
            self.list = gr.HTML("", js_on_load=ACTIONS, elem_id="library", apply_default_css=False)
        self._wire()

    def _build_adding(self) -> None:
        self.collection = gr.Textbox(
            label="Collection",
            info="For the documents you add next; empty for none. Under Settings a chat can "
            "be limited to collections.",
            placeholder="such as Contracts",
            max_length=80,
            elem_id="collection",
        )
        # Without file types: what cannot be read is refused one by one, with the reason.
        self.upload = gr.File(
            label="Add documents", file_count="multiple", elem_id="add-documents", height=132
        )
        self.work = gr.HTML("", elem_id="library-work", apply_default_css=False)

    def _wire(self) -> None:
        quiet: dict[str, Any] = {"api_visibility": "private"}
        still: dict[str, Any] = {**quiet, "show_progress": "hidden"}
        shown = [self.list, self._collections]
        working = [self.upload, self.work, self.stop, self.renew, *shown]
        self.query.submit(self._search, self.query, self.found, **quiet)
        self.upload.upload(self._add, [self.upload, self.collection], working, **still)
        self.renew.click(self._renew, None, working, **still)
        self.stop.click(self._stop, None, self.stop, **still)
        changed = [self.removed, self.undo, *working]
        # Several presses may follow one another quickly, and none is to be lost.
        self.list.edit(self._change, None, changed, trigger_mode="multiple", **still)
        self.list.click(self._preview, None, self.found, **still).then(None, js=SHOW_FOUND, **quiet)
        self.undo.click(self._restore, self.removed, [self.removed, self.undo, *shown], **quiet)

    def shown(self) -> Update:
        """Return the list of documents, and the collections to choose from."""
        names = list(self._library.collections())
        listed = view.documents_html(self._library.documents(), self._library.states())
        return {
            self.list: listed,
            self._collections: gr.update(choices=names, visible=bool(names)),
        }

    def _search(self, query: str) -> str:
        if not query.strip():
            return ""
        found = self._library.search(query[:1000], FOUND)
        return passages_html(found, "Found") or '<p class="sb-quiet">The library is empty.</p>'

    def _preview(self, clicked: gr.EventData) -> str:
        try:
            document = self._library.document(str(clicked.id))
            return view.preview_html(document, self._library.text(document.id))
        except AssistantError as error:
            warn(error)
            return ""

    def _stop(self, request: gr.Request) -> gr.Button:
        self._stops.stop(request.session_hash)
        return gr.Button("Stopping …", interactive=False)

    def _add(
        self, files: list[str] | None, collection: str, request: gr.Request
    ) -> Iterator[Update]:
        """Add the files, showing how each is doing; the list stays until the next upload."""
        stop = self._stops.begin(request.session_hash)
        yield {**self._busy(), self.upload: gr.File(None, visible=False)}
        added, paths = 0, [Path(path) for path in files or ()]
        for seen in add_files(self._library, paths, collection, stop):
            update: Update = {self.work: view.incoming_html(seen)}
            now = sum(file.state == "added" for file in seen)
            yield {**update, **(self.shown() if now > added else {})}
            added = now
        for path in paths:  # the library keeps what it needs of it
            self._uploads.discard(path)
        yield {**self._idle(), self.upload: gr.File(visible=True), **self.shown()}

    def _renew(self, request: gr.Request) -> Iterator[Update]:
        """Read the changed files again."""
        stop = self._stops.begin(request.session_hash)

        def work(progress: ProgressCallback) -> str:
            return view.updated_html(self._library.update(progress))

        yield from self._work(work, stop.is_set, "reading what has changed")

    def _work(
        self, work: Callable[[ProgressCallback], str], stopped: Callable[[], bool], doing: str
    ) -> Iterator[Update]:
        """Do some work on the library, showing how far it is, and at its end what it returned."""

        def with_notes(note: Callable[[str], None]) -> None:
            def progress(done: int, total: int, name: str) -> None:
                if stopped():
                    raise StoppedError
                note(view.progress_html(done, total, name or doing))

            note(work(progress))

        yield {**self._busy(), self.work: view.progress_html(0, 0, doing)}
        try:
            for seen in follow(with_notes):
                yield {self.work: seen}
        except StoppedError:
            yield {self.work: view.said_html("Stopped. What was read is kept.")}
        except AssistantError as error:
            warn(error)
            yield {self.work: view.said_html(str(error))}
        yield {**self._idle(), **self.shown()}

    def _busy(self) -> Update:
        return {
            self.stop: gr.Button("Stop", visible=True, interactive=True),
            self.renew: gr.Button(visible=False),
        }

    def _idle(self) -> Update:
        return {self.stop: gr.Button(visible=False), self.renew: gr.Button(visible=True)}

    def _change(self, clicked: gr.EventData, request: gr.Request) -> Iterator[Update]:
        """Put a document into a collection, take it out of one, read it again, or remove it."""
        chosen, removed = str(clicked.id), None
        if clicked.action == "read":
            stop = self._stops.begin(request.session_hash)
            yield from self._work(partial(self._read_again, chosen), stop.is_set, "reading")
            return
        try:
            if clicked.action == "collect":
                self._library.collect(chosen, str(clicked.text))
            elif clicked.action == "release":
                self._library.release(chosen, str(clicked.value))
            else:
                text = self._library.text(chosen)
                removed = Removed(self._library.remove(chosen), text)
        except AssistantError as error:
            warn(error)
        undo = gr.update(
            value=f"Bring back “{removed.document.name}”" if removed else "",
            visible=removed is not None,
        )
        yield {self.removed: removed, self.undo: undo, **self.shown()}

    def _read_again(self, chosen: str, progress: ProgressCallback) -> str:
        document = self._library.read_again(chosen, progress)
        return view.said_html(f"“{document.name}” was read again: {document.passages:,} passages.")

    def _restore(self, removed: Removed | None) -> Update:
        if removed is not None:
            document = removed.document
            try:
                if document.source and Path(document.source).is_file():
                    back = self._library.add(Path(document.source))
                else:
                    back = self._library.add_text(document.name, removed.text)
                for name in document.collections:
                    self._library.collect(back.id, name)
            except AssistantError as error:
                warn(error)
        return {self.removed: None, self.undo: gr.update(visible=False), **self.shown()}
