"""What the Documents page shows, as HTML: the library, what comes into it, a text. No Gradio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from assistant.retrieval.folders import FileState, Updated
from assistant.types import Document
from assistant.ui.adding import Incoming
from assistant.ui.markup import bar, escape

PREVIEW = 20_000  # characters of a document that are shown
EMPTY = '<p class="sb-quiet sb-empty">No documents yet. Drop a file above to add it.</p>'
_ORDER = ("embedded", "reading", "refused", "left out", "waiting", "added")  # top to bottom
_STATES: Mapping[FileState, tuple[str, str]] = {
    "current": ("Up to date", "Its file is as it was when it was read."),
    "changed": ("Changed on disk", "Its file has changed since it was read."),
    "gone": ("File gone", "The file it was read from is not there any more. Its text is kept."),
    "none": ("Uploaded", "It has no file to follow: it was uploaded or pasted."),
}


def documents_html(
    documents: Sequence[Document], states: Mapping[str, FileState] | None = None
) -> str:
    """Return the documents as a table, each to open, to sort, to read again and to remove."""
    if not documents:
        return EMPTY
    rows = "".join(_row(item, (states or {}).get(item.id, "none")) for item in documents)
    passages = sum(item.passages for item in documents)
    return (
        f'<p class="sb-quiet">{_counted(len(documents), "document")}, '
        f"{_counted(passages, 'passage')}</p>"
        '<div class="sb-scroll"><table class="sb-table"><thead><tr><th scope="col">Document</th>'
        '<th scope="col">State</th><th scope="col">Collections</th>'
        '<th scope="col"><span class="sb-hidden">Actions</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def preview_html(document: Document, text: str) -> str:
    """Return the extracted text of a document, as it was read and not as markup."""
    more = f"<p class='sb-quiet'>The first {PREVIEW:,} characters.</p>"
    return (
        f'<details class="sb-preview" open><summary dir="auto">{escape(document.name)}</summary>'
        f'<pre dir="auto">{escape(text[:PREVIEW])}</pre>{more if len(text) > PREVIEW else ""}'
        "</details>"
    )


def incoming_html(files: Sequence[Incoming]) -> str:
    """Return how each file that comes into the library is doing, and all of them together."""
    if not files:
        return ""
    count = Counter[str](file.state for file in files)
    under_way = len(files) - count["added"] - count["refused"] - count["left out"]
    told = [f"{count['added']:,} of {_counted(len(files), 'file')} in the library"]
    told += [f"{count[end]:,} {end}" for end in ("refused", "left out") if count[end]]
    told += [f"{under_way:,} to go"] if under_way else []
    in_order = sorted(files, key=lambda file: _ORDER.index(file.state))
    return (
        f'<section class="sb-incoming" aria-label="Files added"><p role="status">{", ".join(told)}'
        f"</p>{bar(1 - under_way / len(files)) if under_way else ''}"
        f"<ul>{''.join(map(_incoming, in_order))}</ul></section>"
    )


def progress_html(done: int, total: int, note: str) -> str:
    """Return how far some other work on the library is."""
    count = f" · {done:,} of {total:,}" if total else ""
    return (
        f'<p class="sb-progress" role="status">{bar(done / total if total else 0.0)}'
        f"<span>{escape(note)}{count}</span></p>"
    )


def updated_html(done: Updated) -> str:
    """Return what reading the changed files again has brought."""
    parts = [
        f"{_counted(len(done.changed), 'document')} read again",
        f"{_counted(done.unchanged, 'file')} as before",
    ]
    parts += [f"{_counted(len(done.missing), 'file')} gone"] if done.missing else []
    errors = "".join(f"<li>{escape(error)}</li>" for error in done.errors)
    return (
        f'<p class="sb-quiet" role="status">{", ".join(parts)}.</p>'
        f"{f'<ul class=sb-remarks>{errors}</ul>' if errors else ''}"
    )


def said_html(sentence: str) -> str:
    """Return a sentence about the work that was done last."""
    return f'<p class="sb-quiet" role="status">{escape(sentence)}</p>'


def _incoming(file: Incoming) -> str:
    state = {
        "waiting": "waiting",
        "reading": "reading …",
        "embedded": f"{file.done:,} of {file.total:,} passages embedded",
        "added": "in the library",
        "refused": "refused",
        "left out": "left out: stopped",
    }[file.state]
    part = bar(file.done / file.total if file.total else 0.0) if file.state == "embedded" else ""
    note = f'<span class="sb-note" dir="auto">{escape(file.note)}</span>' if file.note else ""
    return (
        f'<li class="sb-is-{file.state.replace(" ", "-")}"><span dir="auto">{escape(file.name)}'
        f'</span><span class="sb-state">{state}</span>{part}{note}</li>'
    )


def _row(item: Document, state: FileState) -> str:
    name = escape(item.name)
    facts = [_size(item.size), f"{item.pages:,} pages" if item.pages else ""]
    facts += [_counted(item.passages, "passage"), item.added[:10]]
    words, meaning = _STATES[state]
    chips = "".join(
        f'<button type="button" class="sb-chip" data-do="release" data-value="{escape(label)}" '
        f'data-confirm="Take “{name}” out of “{escape(label)}”?">{escape(label)} ×</button>'
        for label in item.collections
    )
    return (
        f'<tr data-id="{escape(item.id)}"><td class="sb-document"><button type="button" '
        f'class="sb-open" dir="auto" data-do="open" title="Show the text of {name}">{name}</button>'
        f'<span class="sb-facts-line">{escape(" · ".join(filter(None, facts)))}</span></td>'
        f'<td><span class="sb-file-{state}" title="{meaning}">{words}</span></td>'
        f'<td>{chips}<button type="button" class="sb-add" data-do="collect" '
        f'data-ask="Put “{name}” into which collection?" aria-label="Add to a collection">+'
        "</button></td>"
        '<td><button type="button" class="sb-action" data-do="read" '
        f'aria-label="Read {name} again">Read again</button>'
        '<button type="button" class="sb-remove" data-do="remove" '
        f'data-confirm="Remove “{name}” from the library?" aria-label="Remove {name}">Remove'
        "</button></td></tr>"
    )


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _size(size: int) -> str:
    """Return a size in bytes as people read it."""
    for unit, factor in (("MB", 1_000_000), ("KB", 1_000)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"
