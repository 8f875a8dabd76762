"""The Documents tab: what the library holds, adding, removing, and searching it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.retrieval.library import Library
from assistant.types import Document
from assistant.ui.chat import FILES
from assistant.ui.history import ACTIONS
from assistant.ui.markup import escape
from assistant.ui.results import passages_html

FOUND = 8  # passages that a search shows


class Documents:
    """Builds the components and wires them to the library."""

    def __init__(self, library: Library) -> None:
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
            self.upload = gr.File(
                label="Add documents",
                file_count="multiple",
                file_types=list(FILES),
                elem_id="add-documents",
                height=132,
            )
            self.list = gr.HTML("", js_on_load=ACTIONS, elem_id="library", apply_default_css=False)
        quiet: dict[str, Any] = {"api_visibility": "private"}
        self.query.submit(self._search, self.query, self.found, **quiet)
        self.upload.upload(self._add, self.upload, [self.upload, self.list], **quiet)
        self.list.edit(self._remove, None, self.list, show_progress="hidden", **quiet)

    def shown(self) -> str:
        """Return the list of documents as HTML."""
        return documents_html(self._library.documents())

    def _search(self, query: str) -> str:
        if not query.strip():
            return ""
        found = self._library.search(query[:1000], FOUND)
        return passages_html(found, "Found") or '<p class="sb-quiet">The library is empty.</p>'

    def _add(
        self,
        files: list[str] | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[None, str]:
        for path in files or []:
            name = Path(path).name
            try:
                document = self._library.add(
                    Path(path),
                    name=name,
                    progress=lambda done, total, note: progress((done, total), desc=note),
                )
                gr.Success(f"{document.name} is in the library: {document.passages} passages.")
            except AssistantError as error:
                gr.Warning(str(error))
        return None, self.shown()

    def _remove(self, clicked: gr.EventData) -> str:
        try:
            self._library.remove(str(clicked.id))
        except AssistantError as error:
            gr.Warning(str(error))
        return self.shown()


def documents_html(documents: Sequence[Document]) -> str:
    """Return the documents as a table, each with a button to remove it."""
    if not documents:
        return '<p class="sb-quiet sb-empty">No documents yet. Drop a file above to add it.</p>'
    rows = "".join(
        f'<tr data-id="{escape(item.id)}"><td dir="auto">{escape(item.name)}</td>'
        f'<td class="sb-figure">{item.passages:,}</td>'
        f'<td class="sb-added">{escape(item.added[:10])}</td>'
        '<td><button type="button" class="sb-remove" data-do="remove" '
        f'data-confirm="Remove “{escape(item.name)}” from the library?">Remove</button></td></tr>'
        for item in documents
    )
    passages = sum(item.passages for item in documents)
    return (
        f'<p class="sb-quiet">{len(documents):,} documents, {passages:,} passages</p>'
        '<div class="sb-scroll"><table class="sb-table"><thead><tr><th scope="col">Document</th>'
        '<th scope="col" class="sb-figure">Passages</th>'
        '<th scope="col" class="sb-added">Added</th><th scope="col">'
        '<span class="sb-hidden">Remove</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
