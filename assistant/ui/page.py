"""The page: history on the left, settings on the right, and the tabs between them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.chat import Assistant
from assistant.moderation.classroom import Classroom
from assistant.moderation.desk import Desk
from assistant.storage import Storage
from assistant.training.workshop import Workshop
from assistant.ui.chat import ACTION, Chat
from assistant.ui.documents import Documents
from assistant.ui.feedback import OwnerOf
from assistant.ui.history import History
from assistant.ui.moderate import Moderate
from assistant.ui.panel import Panel
from assistant.ui.tabs import Update
from assistant.ui.theme import theme
from assistant.ui.training import Training
from assistant.ui.training_view import CLOSED
from assistant.ui.turns import Turns
from assistant.uploads import Uploads

HERE = Path(__file__).parent
STYLES = ("style.css", "moderate.css")


def look() -> dict[str, Any]:
    """Return what ``mount_gradio_app`` needs to know about the looks of the page."""
    return {
        "theme": theme(),
        "css": "\n".join((HERE / name).read_text(encoding="utf-8") for name in STYLES),
        "js": (HERE / "page.js").read_text(encoding="utf-8"),
        "favicon_path": str(HERE / "favicon.svg"),
    }


def build(
    assistant: Assistant,
    storage: Storage,
    uploads: Uploads,
    owner_of: OwnerOf,
    workshop: Workshop | None,
    desk: Desk,
    classroom: Classroom,
) -> gr.Blocks:
    """Return the page for this assistant, its conversations kept in ``storage``.

    ``owner_of`` says whose conversations a request may see. Without a ``workshop`` nobody who
    opens the page may train, change policies or put models in use. Comments are moderated at
    the ``desk``, and their decisions learned in the ``classroom``.
    """
    turns = Turns(assistant, storage)
    page: gr.Blocks = gr.Blocks(
        title="Switchboard",
        fill_height=True,
        fill_width=True,
        analytics_enabled=False,
    )
    with page:
        with gr.Sidebar(width=272, elem_id="left", label="Chats"):
            history = History(storage)
        with gr.Sidebar(
            width=320, position="right", open=False, elem_id="right", label="Settings"
        ) as right:
            panel = Panel(assistant)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Chat", id="chat", scale=1):
                chat = Chat(assistant, turns, storage, owner_of, history, panel)
            with gr.Tab("Documents", id="documents") as documents_tab:
                documents = Documents(assistant, uploads, panel.collections)
            with gr.Tab("Moderate", id="moderate") as moderate_tab:
                school = None if workshop is None else classroom
                moderate = Moderate(assistant, storage, owner_of, desk, school)
                moderate.follow(moderate_tab)
            with gr.Tab("Train", id="train") as train_tab:
                if workshop is None:
                    gr.HTML(CLOSED, elem_id="train", apply_default_css=False)
                else:
                    training = Training(assistant, workshop)
                    training.follow(train_tab)
        _wire(page, owner_of, chat, history, tabs)
        documents_tab.select(
            documents.shown,
            None,
            [documents.list, panel.collections],
            show_progress="hidden",
            api_visibility="private",
        )
        # Not when the page is loaded: an event that ends while a message is sent may take the
        # message's answer with it.
        right.expand(
            documents.shown,
            None,
            [documents.list, panel.collections],
            show_progress="hidden",
            api_visibility="private",
        )
    return page


def _wire(page: gr.Blocks, owner_of: OwnerOf, chat: Chat, history: History, tabs: gr.Tabs) -> None:
    def load(number: float, request: gr.Request) -> Update:
        owner, wanted = owner_of(request), request.query_params.get("chat", "")
        if not wanted:
            return {history.list: history.shown(owner), chat.bell: chat.skip(request, number)}
        return {chat.bell: chat.post(request, number, "", partial(painter.open, chosen=wanted))}

    def new(number: float, query: str, current: str, request: gr.Request) -> Update:
        carry_out = partial(painter.open, chosen="", query=query)
        return {
            chat.bell: chat.post(request, number, current, carry_out),
            tabs: gr.Tabs(selected="chat"),
        }

    def open_chat(
        number: float, query: str, current: str, clicked: gr.EventData, request: gr.Request
    ) -> Update:
        carry_out = partial(painter.open, chosen=str(clicked.id), query=query)
        return {
            chat.bell: chat.post(request, number, current, carry_out),
            tabs: gr.Tabs(selected="chat"),
        }

    def change(
        number: float, query: str, current: str, clicked: gr.EventData, request: gr.Request
    ) -> str:
        chosen = str(clicked.id)
        if clicked.action == "delete":
            carry_out = partial(painter.delete, chosen=chosen, query=query)
        else:
            carry_out = partial(painter.rename, chosen=chosen, title=str(clicked.text), query=query)
        return chat.post(request, number, current, carry_out)

    def search(query: str, current: str, request: gr.Request) -> str:
        return history.shown(owner_of(request), current, query[:200])

    painter, inputs = chat.painter, [chat.number, history.search, chat.conversation]
    page.load(load, chat.number, [history.list, chat.bell], **ACTION)
    history.new.click(new, inputs, [chat.bell, tabs], **ACTION)
    history.list.click(open_chat, inputs, [chat.bell, tabs], **ACTION)
    history.list.edit(change, inputs, chat.bell, **ACTION)
    history.search.change(
        search, inputs[1:], history.list, show_progress="hidden", api_visibility="private"
    )
    # The address names the chat, so that a reload shows it again.
    chat.conversation.change(
        None,
        chat.conversation,
        None,
        js="(id) => history.replaceState(null, '', id ? `?chat=${id}` : location.pathname)",
        api_visibility="private",
    )
