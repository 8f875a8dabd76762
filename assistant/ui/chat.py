"""The chat itself: messages, input, feedback, and the handlers between them and ``Turns``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.chatbot import ExampleMessage

from assistant.chat import Assistant
from assistant.errors import AssistantError
from assistant.types import Attachment
from assistant.ui import render
from assistant.ui.feedback import REASONS, Feedback, OwnerOf, position, told
from assistant.ui.history import History
from assistant.ui.markup import excerpt, plain
from assistant.ui.panel import Panel, options
from assistant.ui.turns import Request, Turns, Visitor

FILES = (".txt", ".md", ".pdf", ".docx", ".html", ".csv", ".xlsx", ".pptx", ".json", ".jsonl")
EXAMPLES = 6  # cards of the empty state
SIDE_BY_SIDE = 16  # turns at once; the generator itself batches them
# Tags that Markdown never makes: written by a model or a user, they show as text.
LITERAL_TAGS = [
    *("img", "picture", "source", "video", "audio", "track", "canvas", "map", "area", "math"),
    *("iframe", "object", "embed", "template", "noscript", "script", "style", "link", "meta"),
    *("base", "title", "form", "input", "textarea", "select", "option", "dialog", "marquee"),
]

Update = dict[Any, Any]


class Chat:
    """Builds the components of the chat and wires them to the turns."""

    def __init__(
        self,
        assistant: Assistant,
        turns: Turns,
        owner_of: OwnerOf,
        history: History,
        panel: Panel,
    ) -> None:
        self._assistant = assistant
        self._owner_of = owner_of
        self._turns = turns
        self._history = history
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
        self.reason_row = self.feedback.row
        self.box = gr.MultimodalTextbox(
            elem_id="message",
            show_label=False,
            container=False,
            label="Message",
            placeholder="Ask anything, paste a text, or attach a file",
            file_types=list(FILES),
            file_count="multiple",
            sources=["upload"],
            lines=1,
            max_lines=12,
            max_plain_text_length=assistant.settings.max_text,
            autofocus=True,
            stop_btn=False,
            html_attributes=gr.InputHTMLAttributes(spellcheck=True),
        )
        self._wire()

    def leave(self, request: gr.Request) -> None:
        """End what runs in this tab, lest it write into the chat that is opened next."""
        self._turns.leave(self._visitor(request))

    def open(self, owner: str, conversation_id: str) -> Update:
        """Return the updates that show a stored conversation."""
        return {
            self.conversation: conversation_id,
            self.bot: gr.update(
                value=self._turns.shown(owner, conversation_id),
                feedback_value=self._turns.judgements(owner, conversation_id),
            ),
            self.reason_row: gr.Row(visible=False),
            self.box: gr.MultimodalTextbox(submit_btn=True, stop_btn=False),
        }

    def empty(self) -> Update:
        """Return the updates that show a new chat; it is stored with its first turn."""
        return {
            self.conversation: "",
            self.bot: gr.update(value=[], feedback_value=None),
            self.reason_row: gr.Row(visible=False),
            self.box: gr.MultimodalTextbox(submit_btn=True, stop_btn=False),
        }

    def _wire(self) -> None:
        inputs = [self.conversation, *self._panel.components]
        outputs = [self.conversation, self.bot, self.box, self._history.list, self.reason_row]
        turn: dict[str, Any] = {
            "outputs": outputs,
            "show_progress": "hidden",
            "concurrency_limit": SIDE_BY_SIDE,
            "concurrency_id": "turn",
            "api_visibility": "private",
        }
        quick: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        self.box.submit(self._say, [self.box, *inputs], **turn)
        self.bot.example_select(self._example, inputs, **turn)
        self.bot.retry(self._retry, inputs, **turn)
        self.bot.edit(self._edit, inputs, **turn)
        self.bot.option_select(self._option, inputs, **turn)
        # Not through the queue, where it could wait behind what it is to stop.
        self.box.stop(self._stop, None, None, queue=False, **quick)
        self.bot.undo(
            self._undo,
            [self.conversation],
            [self.bot, self.box, self.conversation, self.reason_row],
            **quick,
        )
        self.feedback.wire(self.bot, self.conversation)

    def _say(
        self, request: gr.Request, message: dict[str, Any], conversation_id: str, *values: Any
    ) -> Iterator[Update]:
        text, files = message.get("text") or "", message.get("files") or []
        if not text.strip() and not files:
            gr.Info("Write a question, paste a text, or attach a file first.")
            yield {self.box: gr.skip()}
            return
        try:
            attachments = tuple(self._attach(path) for path in files)
        except AssistantError as error:
            shown = self._shown(request, conversation_id)
            yield {
                self.bot: [*shown, render.trouble(str(error))],
                self.box: gr.MultimodalTextbox(value={"text": text, "files": []}),
            }
            return
        wanted = Request(conversation_id or None, text, attachments, None, options(values))
        yield from self._run(request, wanted)

    def _example(
        self, request: gr.Request, chosen: gr.SelectData, conversation_id: str, *values: Any
    ) -> Iterator[Update]:
        text = str(chosen.value["text"])[:1000]
        yield from self._run(
            request, Request(conversation_id or None, text, options=options(values))
        )

    def _retry(self, request: gr.Request, conversation_id: str, *values: Any) -> Iterator[Update]:
        wanted = told(self._turns.again, self._owner_of(request), conversation_id, options(values))
        yield from self._run(request, wanted)

    def _edit(
        self, request: gr.Request, edited: gr.EditData, conversation_id: str, *values: Any
    ) -> Iterator[Update]:
        text = plain(_words(edited.value))
        owner = self._owner_of(request)
        if not text.strip():
            gr.Info("The message would be empty. Undo takes back the last turn.")
            yield self.open(owner, conversation_id)
            return
        place = position(edited.index)
        wanted = told(self._turns.edited, owner, conversation_id, place, text, options(values))
        yield from self._run(request, wanted)

    def _option(
        self, request: gr.Request, chosen: gr.SelectData, conversation_id: str, *values: Any
    ) -> Iterator[Update]:
        owner = self._owner_of(request)
        if chosen.value == render.KEEP:
            kept = told(self._turns.keep_attachments, owner, conversation_id)
            names = ", ".join(
                f"{document.name} ({document.passages} passages)" for document in kept
            )
            gr.Success(f"In the library now: {names}. Ask about it.")
            yield {self.conversation: gr.skip()}
            return
        tool = str(chosen.value).removeprefix(render.TOOL)
        wanted = told(self._turns.again, owner, conversation_id, options(values), tool)
        yield from self._run(request, wanted)

    def _stop(self, request: gr.Request) -> None:
        self._turns.stop(self._visitor(request))

    def _undo(self, conversation_id: str, request: gr.Request) -> Update:
        owner = self._owner_of(request)
        text = told(self._turns.undo, owner, conversation_id)
        return {
            **self.open(owner, conversation_id),
            self.box: gr.MultimodalTextbox(value={"text": text, "files": []}),
        }

    def _run(self, request: gr.Request, wanted: Request) -> Iterator[Update]:
        """Show a turn from its first word to its last, with Stop in place of Send."""
        visitor = self._visitor(request)
        conversation_id = wanted.conversation_id or ""
        running = gr.MultimodalTextbox(value=None, submit_btn=False, stop_btn=True)
        update: Update = {self.box: running, self.reason_row: gr.Row(visible=False)}
        try:
            for picture in self._turns.say(visitor, wanted):
                conversation_id = picture.conversation_id
                if picture.final:
                    update = self.open(visitor.owner, conversation_id)
                    listed = self._history.shown(visitor.owner, conversation_id)
                    yield {**update, self._history.list: listed}
                else:
                    yield {
                        **update,
                        self.conversation: conversation_id,
                        self.bot: picture.messages,
                    }
                    update = {}
        except AssistantError as error:
            shown = self._shown(request, conversation_id)
            yield {
                self.bot: [*shown, render.trouble(str(error))],
                self.box: gr.MultimodalTextbox(submit_btn=True, stop_btn=False),
            }

    def _visitor(self, request: gr.Request) -> Visitor:
        return Visitor(self._owner_of(request), str(request.session_hash))

    def _shown(self, request: gr.Request, conversation_id: str) -> list[render.MessageDict]:
        try:
            return (
                self._turns.shown(self._owner_of(request), conversation_id)
                if conversation_id
                else []
            )
        except AssistantError:
            return []

    def _attach(self, path: str) -> Attachment:
        return self._assistant.attach(Path(path), Path(path).name)

    def _examples(self) -> list[ExampleMessage]:
        tools = [tool for tool in self._assistant.tools.values() if tool.name != "help"]
        return [
            ExampleMessage(
                text=tool.examples[0],
                display_text=f"{tool.title}\n{excerpt(tool.examples[0], 90)}",
            )
            for tool in tools[:EXAMPLES]
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
