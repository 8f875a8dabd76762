"""Review on the page: one comment at a time, decided on by a key or a button."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.moderation.reviews import ReviewFilter, ReviewItem
from assistant.storage.reviews import Reviews
from assistant.ui.comments import QUIET, View
from assistant.ui.feedback import OwnerOf
from assistant.ui.review_view import LONGEST_NOTE, review_html
from assistant.ui.toasts import inform, warn

KEYS = (Path(__file__).parent / "review.js").read_text(encoding="utf-8")


class Review:
    """Builds the queue; it shows the comments of the job and filter that ``view`` holds."""

    def __init__(self, reviews: Reviews, owner_of: OwnerOf, view: gr.State) -> None:
        self._reviews = reviews
        self._owner_of = owner_of
        self.second = gr.Checkbox(
            False,
            label="Second opinions",
            info="Shows what one other moderator has decided, to see whether you agree.",
            elem_id="second-opinions",
        )
        self.card = gr.HTML("", js_on_load=KEYS, elem_id="review", apply_default_css=False)
        self.inputs = [view, self.second]
        self.second.input(self.shown, self.inputs, self.card, **QUIET)
        self.card.edit(self._act, self.inputs, self.card, **QUIET)

    def shown(self, view: View, second: bool, request: gr.Request) -> str:
        """Return the next comment to decide on."""
        try:
            return self._next(self._owner_of(request), view, second)
        except AssistantError as error:
            warn(error)
            return ""

    def _act(self, view: View, second: bool, clicked: gr.EventData, request: gr.Request) -> str:
        """Decide on the comment shown, or take the last decision back and show its comment."""
        owner, action = self._owner_of(request), str(clicked.action)
        try:
            if action == "undo":
                undone = self._reviews.undo(owner, view.job or None)
                if undone.item is not None:
                    return self._card(owner, undone.item, view)
                inform(f"{undone.count:,} decisions were taken back.")
            elif str(clicked.id).isdecimal():
                note = str(clicked.note)[:LONGEST_NOTE]
                choice: Any = action  # the storage refuses any other word
                self._reviews.decide(owner, int(clicked.id), choice, note)
        except AssistantError as error:
            warn(error)
        return self.shown(view, second, request)

    def _next(self, owner: str, view: View, second: bool) -> str:
        wanted = replace(view.wanted, state=None)
        item = self._reviews.next(owner, view.job or None, wanted, second_opinion=second)
        return self._card(owner, item, view)

    def _card(self, owner: str, item: ReviewItem | None, view: View) -> str:
        open_ones: ReviewFilter = replace(view.wanted, state="open")
        left = self._reviews.count(owner, view.job or None, open_ones)
        answers = self._reviews.answered(owner, item) if item is not None else None
        card = review_html(item, left, owner, answers)
        # Drawn anew even where the same comment is shown again, so that the keys work again.
        return f'<div data-drawn="{time.monotonic_ns()}">{card}</div>'
