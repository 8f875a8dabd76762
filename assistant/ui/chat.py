"""The chat itself: its components, and the handlers that leave each action for the painter."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.chatbot import ExampleMessage

from assistant.chat import Assistant
from assistant.retrieval.loaders import SUPPORTED
from assistant.storage import Storage
from assistant.ui import render
from assistant.ui.feedback import REASONS, Feedback, OwnerOf, position
from assistant.ui.history import History
from assistant.ui.markup import excerpt, plain
from assistant.ui.painter import Painter, Parts, message
from assistant.ui.panel import Panel
from assistant.ui.tabs import Action, Tab, Tabs, Update, Visitor
from assistant.ui.turns import Turns

EXAMPLES = (  # tools whose example the empty state shows, those that people look for first
    "documents",
    "sentiment",
    "summarization",
    "entities",
    "moderation",
    "conversation",
)
SIDE_BY_SIDE = 32  # painters at once, of Gradio's 40 threads; the rest take the quick handlers
TOOLS = (Path(__file__).parent / "tools.js").read_text(encoding="utf-8")
# Not through the queue, where one could wait behind the answer that it is to stop; and every
# click counts, also one that comes before the last has reached the server.
QUICK: dict[str, Any] = {
    "queue": False,
    "show_progress": "hidden",
    "trigger_mode": "multiple",
    "api_visibility": "private",
}
# Requests may overtake each other on their way, so the page counts what the user does.
COUNTED = """(_, ...inputs) => {
  window.switchboardActions = (window.switchboardActions ?? 0) + 1;
  return [window.switchboardActions, ...inputs];
}"""
ACTION = QUICK | {"js": COUNTED}
# Tags that Markdown never makes: written by a model or a user, they show as text.
LITERAL_TAGS = [
    *("img", "picture", "source", "video", "audio", "track", "canvas", "map", "area", "math"),
    *("iframe", "object", "embed", "template", "noscript", "script", "style", "link", "meta"),
    *("base", "title", "form", "input", "textarea", "select", "option", "dialog", "marquee"),
]


class Chat:
    """Builds the components of the chat and wires them to the turns."""

    def __init__(
        self,
        assistant: Assistant,
        turns: Turns,
        storage: Storage,
        owner_of: OwnerOf,
        history: History,
        panel: Panel,
    ) -> None:
        self._assistant = assistant
        self._owner_of = owner_of
        self._tabs = Tabs()
        self._panel = panel
        self.conversation = gr.Textbox(visible="hidden", elem_id="conversation", label="Chat id")
        self.bot = gr.Chatbot(
            elem_id="chat",
            show_label=False,
            container=False,
            label="Conversation",
            height="100%",
            layout="bubble",
            editable="user",
            buttons=["copy"],
            feedback_options=("Like", "Dislike", *REASONS),
            allow_tags=LITERAL_TAGS,
            latex_delimiters=[],
            placeholder=_welcome(),
            examples=self._examples(),
        )
        self.feedback = Feedback(turns, owner_of)
        self.box = gr.MultimodalTextbox(
            value="",
            elem_id="message",
            show_label=False,
            container=False,
            label="Message",
            placeholder="Ask anything, paste a text, or attach a file",
            file_types=list(SUPPORTED),
            file_count="multiple",
            sources=["upload"],
            lines=1,
            max_lines=12,
            max_plain_text_length=assistant.settings.max_text,
            autofocus=True,
            stop_btn=False,
            html_attributes=gr.InputHTMLAttributes(spellcheck=True),
        )
        self.number = gr.Number(0, visible="hidden", label="Actions so far")
        self._sent = gr.MultimodalTextbox("", visible="hidden", label="On its way")
        self._chosen = gr.HTML(visible="hidden", js_on_load=TOOLS)
        self.bell = gr.Textbox(visible="hidden", label="Something to do")
        self._answering = gr.Textbox(visible="hidden", label="Answering")
        self._returned = gr.Textbox(visible="hidden", label="Come back")
        self.parts = Parts(
            self.conversation, self.bot, self._answering, self._returned, history.list
        )
        self.painter = Painter(self.parts, turns, storage, history)
        self._wire()

    def post(
        self,
        request: gr.Request,
        number: float,
        conversation_id: str,
        carry_out: Callable[[Tab], Iterator[Update]],
        given: Mapping[str, Any] | None = None,
    ) -> str:
        """Leave an action for the painter; return what makes the page call it.

        ``number`` is what ``COUNTED`` made of the first input. ``conversation_id`` is the chat
        shown as far as the page knows.
        """
        self._tab(request, conversation_id).post(Action(int(number), carry_out, given))
        return secrets.token_hex(8)

    def skip(self, request: gr.Request, number: float) -> str:
        """Leave word that an action came to nothing, so that the next one does not wait for it."""
        return self.post(request, number, "", lambda _: iter(()), {})

    def _wire(self) -> None:
        inputs = [self.number, self.conversation, *self._panel.components]
        bell, quick = self.bell, QUICK
        # The box is empty before anything reaches the server: what is typed next stays in it, and
        # a second Enter sends nothing twice.
        sent = self.box.submit(
            None,
            self.box,
            [self._sent, self.box],
            js="(message) => [{ ...message }, { text: '', files: [] }]",
            api_visibility="private",
        )
        said = sent.then(self._say, [*inputs[:1], self._sent, *inputs[1:]], bell, **ACTION)
        # What did not reach the server comes back, unless something new was typed meanwhile.
        said.failure(
            None,
            [self._sent, self.box],
            self.box,
            js="(sent, box) => (box.text || box.files.length ? { __type__: 'update' } : sent)",
            api_visibility="private",
        )
        self.bot.example_select(self._example, inputs, bell, **ACTION)
        self.bot.retry(self._retry, inputs, bell, **ACTION)
        self.bot.edit(self._edit, inputs, bell, **ACTION)
        self.bot.option_select(self._option, inputs, bell, **ACTION)
        self._chosen.click(self._tool, inputs, bell, **ACTION)
        self.bot.undo(self._undo, inputs[:2], bell, **ACTION)
        self.box.stop(self._stop, None, None, **quick)
        self._answering.change(
            None,
            self._answering,
            self.box,
            js="(answering) => ({ __type__: 'update', submit_btn: !answering, "
            "stop_btn: Boolean(answering) })",
            api_visibility="private",
        )
        self._returned.change(
            None,
            self._returned,
            self.box,
            js="(message) => (message ? JSON.parse(message).value : { __type__: 'update' })",
            api_visibility="private",
        )
        # Whatever the user does, the question what was wrong with an answer goes.
        bell.change(
            None,
            None,
            self.feedback.row,
            js="() => ({ __type__: 'update', visible: false })",
            api_visibility="private",
        )
        # One painter at a time in a tab: while it is at work, Gradio notes that it was called
        # again and calls it when it has ended.
        painting = bell.change(
            self._paint,
            None,
            self.parts.all,
            trigger_mode="always_last",
            show_progress="hidden",
            concurrency_limit=SIDE_BY_SIDE,
            api_visibility="private",
        )
        painting.failure(self._turned_away, None, self._returned, **quick)
        self.feedback.wire(self.bot, self.conversation)

    def _say(
        self,
        request: gr.Request,
        number: float,
        given: dict[str, Any],
        conversation_id: str,
        *values: Any,
    ) -> str:
        if not (given.get("text") or "").strip() and not given.get("files"):
            return self.post(request, number, conversation_id, self.painter.remind, {})
        carry_out = partial(self.painter.say, given=given, values=values)
        return self.post(request, number, conversation_id, carry_out, given)

    def _example(
        self, request: gr.Request, chosen: gr.SelectData, number: float, chat: str, *values: Any
    ) -> str:
        given = {"text": str(chosen.value["text"])[:1000], "files": []}
        carry_out = partial(self.painter.say, given=given, values=values)
        return self.post(request, number, chat, carry_out, given)

    def _retry(self, request: gr.Request, number: float, chat: str, *values: Any) -> str:
        return self.post(request, number, chat, partial(self.painter.again, values=values))

    def _edit(
        self, request: gr.Request, edited: gr.EditData, number: float, chat: str, *values: Any
    ) -> str:
        place, text = position(edited.index), plain(_words(edited.value))
        carry_out = partial(self.painter.edit, position=place, text=text, values=values)
        return self.post(request, number, chat, carry_out)

    def _option(
        self, request: gr.Request, chosen: gr.SelectData, number: float, chat: str, *values: Any
    ) -> str:
        if chosen.value == render.KEEP:
            return self.post(request, number, chat, self.painter.keep)
        tool = str(chosen.value).removeprefix(render.TOOL)
        carry_out = partial(self.painter.again, values=values, tool=tool)
        return self.post(request, number, chat, carry_out)

    def _tool(
        self, request: gr.Request, chosen: gr.EventData, number: float, chat: str, *values: Any
    ) -> str:
        tool, answer = str(chosen.tool), str(chosen.answer)
        carry_out = partial(self.painter.again, values=values, tool=tool, answer=answer)
        return self.post(request, number, chat, carry_out)

    def _undo(self, request: gr.Request, number: float, conversation_id: str) -> str:
        return self.post(request, number, conversation_id, self.painter.undo)

    def _stop(self, request: gr.Request) -> None:
        self._tab(request).stop()

    def _paint(self, request: gr.Request) -> Iterator[Update]:
        yield from self.painter.paint(self._tab(request))

    def _turned_away(self, request: gr.Request) -> Any:
        """Give back what was said when Gradio's queue was too long to take it."""
        given = self._tab(request).take_back()
        if not given:
            return gr.skip()
        text = "\n\n".join(item.get("text") or "" for item in given)
        files = [path for item in given for path in item.get("files") or ()]
        return message({"text": text, "files": files})

    def _tab(self, request: gr.Request, conversation_id: str = "") -> Tab:
        visitor = Visitor(self._owner_of(request), str(request.session_hash))
        return self._tabs.of(visitor, conversation_id)

    def _examples(self) -> list[ExampleMessage]:
        known = self._assistant.tools
        tools = [known[name] for name in EXAMPLES if name in known]
        return [
            ExampleMessage(
                text=tool.examples[0],
                display_text=f"{tool.title}\n{excerpt(tool.examples[0], 90)}",
            )
            for tool in tools
        ]


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "".join(str(block.get("text", "")) for block in value)
    return str(value)


def _welcome() -> str:
    return (
        '<div class="sb-welcome"><h2>What would you like to know?</h2>'
        "<p>Ask in your own words, paste a text, or attach a file.</p></div>"
    )
