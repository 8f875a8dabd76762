"""What the user thinks of an answer: like, dislike, a reason to choose or in own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from assistant.ui.toasts import confirm, told
from assistant.ui.turns import Turns

REASONS = ("Wrong facts", "Not what I asked", "Too long", "Unsafe or rude")
LONGEST_REASON = 500  # characters

OwnerOf = Callable[[gr.Request], str]


def position(index: Any) -> int:
    """Return a message's position from what an event of the chat holds: a number, or a pair."""
    return int(index[0] if isinstance(index, list | tuple) else index)


class Feedback:
    """Builds the row that asks for a reason; it shows after a dislike."""

    def __init__(self, turns: Turns, owner_of: OwnerOf) -> None:
        self._turns = turns
        self._owner_of = owner_of
        with gr.Row(visible=False, elem_id="reason-row") as self.row:
            self.reason = gr.Textbox(
                show_label=False,
                container=False,
                label="What was wrong?",
                placeholder="What was wrong? (optional)",
                max_length=LONGEST_REASON,
                scale=5,
                elem_id="reason",
            )
            self.send = gr.Button("Send", size="sm", scale=0, min_width=80)
        self.judged = gr.State(-1)

    def wire(self, bot: gr.Chatbot, conversation: gr.Textbox) -> None:
        """Store what is thought of the answers of ``bot``."""
        quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        bot.like(self._judge, [conversation], [self.row, self.judged], **quick)
        said = [conversation, self.judged, self.reason]
        for sent in (self.reason.submit, self.send.click):
            sent(self._explain, said, [self.row, self.reason], **quick)

    def _judge(
        self, conversation_id: str, like: gr.LikeData, request: gr.Request
    ) -> tuple[Any, int]:
        place, owner = position(like.index), self._owner_of(request)
        reason = str(like.liked) if like.liked in REASONS else ""
        liked = None if like.liked == "" else like.liked is True
        told(self._turns.judge, owner, conversation_id, place, liked, reason)
        return gr.Row(visible=liked is False), place

    def _explain(
        self, conversation_id: str, place: int, reason: str, request: gr.Request
    ) -> tuple[Any, str]:
        owner, words = self._owner_of(request), reason[:LONGEST_REASON]
        told(self._turns.judge, owner, conversation_id, place, False, words)
        confirm("Thank you, that is noted.")
        return gr.Row(visible=False), ""
