"""The page: history on the left, settings on the right, chat and documents between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from assistant.chat import Assistant
from assistant.errors import AssistantError
from assistant.storage import Storage
from assistant.ui.chat import Chat, Update
from assistant.ui.documents import Documents
from assistant.ui.feedback import OwnerOf
from assistant.ui.history import History
from assistant.ui.panel import Panel
from assistant.ui.theme import theme
from assistant.ui.turns import Turns

HERE = Path(__file__).parent
CLEAN_UPLOADS = (3600, 86_400)  # seconds: look every hour for uploads older than a day


def look() -> dict[str, Any]:
    """Return what ``mount_gradio_app`` needs to know about the looks of the page."""
    return {
        "theme": theme(),
        "css": (HERE / "style.css").read_text(encoding="utf-8"),
        "js": (HERE / "page.js").read_text(encoding="utf-8"),
        "favicon_path": str(HERE / "favicon.svg"),
    }


def build(assistant: Assistant, storage: Storage, owner_of: OwnerOf) -> gr.Blocks:
    """Return the page for this assistant, its conversations kept in ``storage``.

    ``owner_of`` says whose conversations a request may see.
    """
    turns = Turns(assistant, storage)
    page: gr.Blocks = gr.Blocks(
        title="Switchboard",
        fill_height=True,
        fill_width=True,
        analytics_enabled=False,
        delete_cache=CLEAN_UPLOADS,
    )
    with page:
        with gr.Sidebar(width=272, elem_id="left", label="Chats"):
            history = History(storage)
        with gr.Sidebar(width=320, position="right", open=False, elem_id="right", label="Settings"):
            panel = Panel(assistant)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Chat", id="chat", scale=1):
                chat = Chat(assistant, turns, owner_of, history, panel)
            with gr.Tab("Documents", id="documents") as documents_tab:
                documents = Documents(assistant.library)
        _wire(page, storage, owner_of, chat, history, tabs)
        documents_tab.select(
            documents.shown, None, documents.list, show_progress="hidden", api_visibility="private"
        )
    return page


def _wire(
    page: gr.Blocks,
    storage: Storage,
    owner_of: OwnerOf,
    chat: Chat,
    history: History,
    tabs: gr.Tabs,
) -> None:
    chatting = [chat.conversation, chat.bot, chat.box, chat.reason_row, history.list]

    def load(request: gr.Request) -> Update:
        owner, wanted = owner_of(request), request.query_params.get("chat", "")
        shown: Update = {}  # a new chat needs no update, which could come after its first message
        try:
            shown = chat.open(owner, wanted) if wanted else {}
        except AssistantError:
            wanted = ""
        return {**shown, history.list: history.shown(owner, wanted)}

    def new(query: str, request: gr.Request) -> Update:
        chat.leave(request)
        listed = history.shown(owner_of(request), "", query)
        return {**chat.empty(), history.list: listed, tabs: gr.Tabs(selected="chat")}

    def search(query: str, current: str, request: gr.Request) -> str:
        return history.shown(owner_of(request), current, query[:200])

    def open_chat(query: str, clicked: gr.EventData, request: gr.Request) -> Update:
        owner, wanted = owner_of(request), str(clicked.id)
        chat.leave(request)
        try:
            shown = chat.open(owner, wanted)
        except AssistantError as error:
            gr.Warning(str(error))
            wanted, shown = "", chat.empty()
        listed = history.shown(owner, wanted, query)
        return {**shown, history.list: listed, tabs: gr.Tabs(selected="chat")}

    def change(current: str, query: str, clicked: gr.EventData, request: gr.Request) -> Update:
        owner, chosen = owner_of(request), str(clicked.id)
        shown: Update = {}
        try:
            if clicked.action == "rename":
                storage.rename(owner, chosen, str(clicked.text))
            elif clicked.action == "delete":
                storage.delete(owner, chosen)
                if chosen == current:
                    shown, current = chat.empty(), ""
        except AssistantError as error:
            gr.Warning(str(error))
        return {**shown, history.list: history.shown(owner, current, query)}

    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    page.load(load, None, chatting, **quick)
    history.new.click(new, history.search, [*chatting, tabs], **quick)
    history.list.click(open_chat, history.search, [*chatting, tabs], **quick)
    history.list.edit(change, [chat.conversation, history.search], chatting, **quick)
    history.search.change(search, [history.search, chat.conversation], history.list, **quick)
    # The address names the chat, so that a reload shows it again.
    chat.conversation.change(
        None,
        chat.conversation,
        None,
        js="(id) => history.replaceState(null, '', id ? `?chat=${id}` : location.pathname)",
        api_visibility="private",
    )
