"""The Documents tab: what the library holds, adding, sorting, removing, and searching it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.retrieval.library import Library
from assistant.retrieval.loaders import SUPPORTED
from assistant.types import Document
from assistant.ui.history import ACTIONS
from assistant.ui.markup import escape
from assistant.ui.results import passages_html

FOUND = 8  # passages that a search shows
SHOW_FOUND = "() => document.querySelector('#found')?.scrollIntoView({block: 'center'})"
PREVIEW = 20_000  # characters of a document that are shown


@dataclass(frozen=True, slots=True)
class Removed:
    """What it takes to bring a document back."""

    document: Document
    text: str


class Documents:
    """Builds the components and wires them to the library.

    ``collections`` is the choice, elsewhere on the page, of those that a chat is limited to.
    """

    def __init__(self, library: Library, collections: gr.Dropdown) -> None:
        self._library = library
        with gr.Column(elem_id="documents"):
            gr.HTML(
                '<header class="sb-page"><h2>Documents</h2><p>Answers are grounded in these, '
                "with the very passage shown.</p></header>",
                apply_default_css=False,
            )
            self.query = gr.Textbox(
                placeholder="Search the passages, in your own words",
                show_label=False,
                label="Search the passages",
                container=False,
                elem_id="search-documents",
            )
            self.found = gr.HTML("", elem_id="found", apply_default_css=False)
            self.collection = gr.Textbox(
                label="Collection",
                info="For the documents you add next; empty for none. Under Settings a chat can "
                "be limited to collections.",
                placeholder="such as Contracts",
                max_length=80,
                elem_id="collection",
            )
            self.upload = gr.File(
                label="Add documents",
                file_count="multiple",
                file_types=list(SUPPORTED),
                elem_id="add-documents",
                height=132,
            )
            self.removed = gr.State(None)
            self.undo = gr.Button("Undo", visible=False, size="md", elem_id="undo-remove")
            self.list = gr.HTML("", js_on_load=ACTIONS, elem_id="library", apply_default_css=False)
        quiet: dict[str, Any] = {"api_visibility": "private"}
        shown = [self.list, collections]
        self.query.submit(self._search, self.query, self.found, **quiet)
        self.upload.upload(
            self._add, [self.upload, self.collection], [self.upload, *shown], **quiet
        )
        self.list.edit(
            self._change, None, [self.removed, self.undo, *shown], show_progress="hidden", **quiet
        )
        self.list.click(self._preview, None, self.found, show_progress="hidden", **quiet).then(
            None, js=SHOW_FOUND, **quiet
        )
        self.undo.click(self._restore, self.removed, [self.removed, self.undo, *shown], **quiet)

    def shown(self) -> tuple[str, dict[str, Any]]:
        """Return the list of documents as HTML, and the collections to choose from."""
        names = list(self._library.collections())
        choice = gr.update(choices=names, visible=bool(names))
        return documents_html(self._library.documents()), choice

    def _search(self, query: str) -> str:
        if not query.strip():
            return ""
        found = self._library.search(query[:1000], FOUND)
        return passages_html(found, "Found") or '<p class="sb-quiet">The library is empty.</p>'

    def _preview(self, clicked: gr.EventData) -> str:
        try:
            document = self._library.document(str(clicked.id))
            return preview_html(document, self._library.text(document.id))
        except AssistantError as error:
            gr.Warning(str(error))
            return ""

    def _add(
        self,
        files: list[str] | None,
        collection: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[None, str, dict[str, Any]]:
        for path in files or []:
            name = Path(path).name
            try:
                document = self._library.add(
                    Path(path),
                    name=name,
                    progress=lambda done, total, note: progress((done, total), desc=note),
                )
                if collection.strip():
                    self._library.collect(document.id, collection)
                gr.Success(f"{document.name} is in the library: {document.passages} passages.")
            except AssistantError as error:
                gr.Warning(str(error))
        return None, *self.shown()

    def _change(
        self, clicked: gr.EventData
    ) -> tuple[Removed | None, dict[str, Any], str, dict[str, Any]]:
        """Put a document into a collection, take it out of one, or remove it."""
        chosen, removed = str(clicked.id), None
        try:
            if clicked.action == "collect":
                self._library.collect(chosen, str(clicked.text))
            elif clicked.action == "release":
                self._library.release(chosen, str(clicked.value))
            else:
                text = self._library.text(chosen)
                removed = Removed(self._library.remove(chosen), text)
        except AssistantError as error:
            gr.Warning(str(error))
        undo = gr.update(
            value=f"Bring back “{removed.document.name}”" if removed else "",
            visible=removed is not None,
        )
        return removed, undo, *self.shown()

    def _restore(self, removed: Removed | None) -> tuple[None, dict[str, Any], str, dict[str, Any]]:
        if removed is not None:
            document = removed.document
            try:
                if document.source and Path(document.source).is_file():
                    back = self._library.add(Path(document.source), name=document.name)
                else:
                    back = self._library.add_text(document.name, removed.text)
                for name in document.collections:
                    self._library.collect(back.id, name)
            except AssistantError as error:
                gr.Warning(str(error))
        return None, gr.update(visible=False), *self.shown()


def preview_html(document: Document, text: str) -> str:
    """Return the extracted text of a document, as it was read and not as markup."""
    more = f"<p class='sb-quiet'>The first {PREVIEW:,} characters.</p>"
    return (
        f'<details class="sb-preview" open><summary dir="auto">{escape(document.name)}</summary>'
        f'<pre dir="auto">{escape(text[:PREVIEW])}</pre>{more if len(text) > PREVIEW else ""}'
        "</details>"
    )


def documents_html(documents: Sequence[Document]) -> str:
    """Return the documents as a table, each to open, to sort and to remove."""
    if not documents:
        return '<p class="sb-quiet sb-empty">No documents yet. Drop a file above to add it.</p>'
    rows = "".join(_row(item) for item in documents)
    passages = sum(item.passages for item in documents)
    heads = "".join(
        f'<th scope="col"{kind}>{name}</th>'
        for name, kind in (
            ("Document", ""),
            ("Size", ' class="sb-figure"'),
            ("Pages", ' class="sb-figure"'),
            ("Passages", ' class="sb-figure"'),
            ("Added", ' class="sb-added"'),
            ("Collections", ""),
        )
    )
    return (
        f'<p class="sb-quiet">{len(documents):,} documents, {passages:,} passages</p>'
        f'<div class="sb-scroll"><table class="sb-table"><thead><tr>{heads}<th scope="col">'
        '<span class="sb-hidden">Remove</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(item: Document) -> str:
    name = escape(item.name)
    chips = "".join(
        f'<button type="button" class="sb-chip" data-do="release" data-value="{escape(label)}" '
        f'data-confirm="Take “{name}” out of “{escape(label)}”?">{escape(label)} ×</button>'
        for label in item.collections
    )
    return (
        f'<tr data-id="{escape(item.id)}"><td dir="auto"><button type="button" class="sb-open" '
        f'data-do="open" title="Show the text">{name}</button></td>'
        f'<td class="sb-figure">{_size(item.size)}</td>'
        f'<td class="sb-figure">{item.pages or "–"}</td>'
        f'<td class="sb-figure">{item.passages:,}</td>'
        f'<td class="sb-added">{escape(item.added[:10])}</td>'
        f'<td>{chips}<button type="button" class="sb-add" data-do="collect" '
        f'data-ask="Put “{name}” into which collection?" aria-label="Add to a collection">+'
        "</button></td>"
        '<td><button type="button" class="sb-remove" data-do="remove" '
        f'data-confirm="Remove “{name}” from the library?">Remove</button></td></tr>'
    )


def _size(size: int) -> str:
    """Return a size in bytes as people read it."""
    for unit, factor in (("MB", 1_000_000), ("KB", 1_000)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"
