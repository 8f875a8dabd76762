"""The left side: a new chat, a search, and the list of past chats of this visitor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from assistant.storage import ConversationInfo, Storage
from assistant.ui.markup import escape

HERE = Path(__file__).parent
ACTIONS = (HERE / "actions.js").read_text(encoding="utf-8")
LOGO = (HERE / "favicon.svg").read_text(encoding="utf-8").strip()


class History:
    """Builds the components; what clicking them does is wired in ``page``."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        gr.HTML(f'<h1 class="sb-brand">{LOGO}Switchboard</h1>', apply_default_css=False)
        self.new = gr.Button("New chat", variant="primary", elem_id="new-chat", size="md")
        self.search = gr.Textbox(
            placeholder="Search chats",
            show_label=False,
            container=False,
            elem_id="search-chats",
            label="Search chats",
            html_attributes=gr.InputHTMLAttributes(enterkeyhint="search"),
        )
        self.list = gr.HTML(
            "", js_on_load=ACTIONS, elem_id="chats", apply_default_css=False, container=False
        )

    def shown(self, owner: str, current: str = "", query: str = "") -> str:
        """Return the list as HTML, the current chat highlighted."""
        return chats_html(self._storage.conversations(owner, query), current, query)


def chats_html(chats: Sequence[ConversationInfo], current: str = "", query: str = "") -> str:
    """Return the past chats, each to open, rename, export and delete."""
    if not chats:
        words = "No chat holds these words." if query.strip() else "Your chats will be listed here."
        return f'<p class="sb-quiet sb-empty">{words}</p>'
    items = "".join(_item(chat, chat.id == current) for chat in chats)
    return f'<nav aria-label="Past chats"><ul class="sb-chats">{items}</ul></nav>'


def _item(chat: ConversationInfo, current: bool) -> str:
    title, identity = escape(chat.title or "New chat"), escape(chat.id)
    here = ' aria-current="page"' if current else ""
    return (
        f'<li data-id="{identity}"{here}>'
        f'<button type="button" class="sb-open" data-do="open" dir="auto" title="{title}">{title}'
        '</button><details class="sb-menu"><summary aria-label="More about this chat">⋯</summary>'
        f'<div><button type="button" data-do="rename" data-ask="Name of this chat" '
        f'data-value="{title}">Rename</button>'
        f'<a href="/conversations/{identity}/export.md" download>Export</a>'
        f'<button type="button" data-do="delete" '
        f'data-confirm="Delete “{title}” for good?">Delete</button></div></details></li>'
    )
