"""The judged comments of a job on the page: which are shown, the table, and what is done to all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from assistant.errors import AssistantError, InputError
from assistant.moderation.reviews import EVERYTHING, ReviewFilter, Sort
from assistant.storage.reviews import Reviews
from assistant.ui.comments_view import FORMATS, PAGE, bulk_html, table_html
from assistant.ui.feedback import OwnerOf
from assistant.ui.history import ACTIONS
from assistant.ui.toasts import confirm, inform, warn

LONGEST_SEARCH = 200  # characters
SORTS: dict[str, tuple[Sort, bool]] = {
    "As given": ("position", False),
    "Highest score": ("score", True),
    "Newest": ("date", True),
    "Oldest": ("date", False),
    "Author": ("author", False),
}
ALL = "all"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

Update = dict[Any, Any]  # component → what it shows


@dataclass(frozen=True, slots=True)
class View:
    """Which comments are shown, and in which order.

    ``page`` counts from 0; ``rows`` is how many comments it had when it was drawn.
    """

    job: str = ""
    wanted: ReviewFilter = EVERYTHING
    sort: Sort = "position"
    descending: bool = False
    page: int = 0
    rows: int = 0

    @property
    def query(self) -> str:
        """What is wanted, as the query of an address; empty values are left out."""
        wanted = self.wanted
        values = {
            "verdict": wanted.verdict or "",
            "state": wanted.state or "",
            "category": wanted.category,
            "above": f"{wanted.above:g}" if wanted.category else "",
            "search": wanted.search,
        }
        return urlencode({name: value for name, value in values.items() if value})


class Filters:
    """Builds what one chooses comments by; ``view`` reads it."""

    def __init__(self) -> None:
        with gr.Row(elem_id="comment-filters"):
            self.verdict = gr.Dropdown([ALL, "block", "review", "allow"], value=ALL,
                                       label="Verdict", min_width=110)  # fmt: skip
            self.state = gr.Dropdown([ALL, "open", "decided", "disputed"], value=ALL,
                                     label="Decision", min_width=110)  # fmt: skip
            self.category = gr.Dropdown([ALL], value=ALL, label="Category", min_width=150)
            self.above = gr.Number(0.5, label="Score from", minimum=0, maximum=1, step=0.05,
                                   min_width=90)  # fmt: skip
            self.sort = gr.Dropdown(list(SORTS), value="As given", label="Sort", min_width=130)
            self.search = gr.Textbox(
                label="Search",
                placeholder="text or author",
                max_length=LONGEST_SEARCH,
                elem_id="search-comments",
                min_width=160,
            )
        self.changed: list[Any] = [
            self.verdict.input, self.state.input, self.category.input, self.above.input,
            self.sort.input, self.search.submit,
        ]  # fmt: skip
        self.components: list[gr.components.Component] = [
            self.verdict, self.state, self.category, self.above, self.sort, self.search,
        ]  # fmt: skip

    @staticmethod
    def view(job: str | None, *values: Any) -> View:
        """Return the first page of what the components hold."""
        verdict, state, category, above, sort, search = values
        named = category if category != ALL else ""
        wanted = ReviewFilter(
            verdict=verdict if verdict != ALL else None,
            state=state if state != ALL else None,
            category=named or "",
            above=float(above or 0) if named else 0.0,
            search=str(search or "")[:LONGEST_SEARCH],
        )
        return View(job or "", wanted, *SORTS.get(sort, ("position", False)))


class Comments:
    """Builds the table below the filters."""

    def __init__(self, reviews: Reviews, owner_of: OwnerOf, view: gr.State) -> None:
        self._reviews = reviews
        self._owner_of = owner_of
        self._view = view
        self.bulk = gr.HTML("", js_on_load=ACTIONS, elem_id="bulk", apply_default_css=False)
        self.table = gr.HTML("", js_on_load=ACTIONS, elem_id="comments", apply_default_css=False)
        self.shown_parts = [view, self.bulk, self.table]
        self.table.edit(self._act, view, self.shown_parts, **QUIET)
        self.acted = self.bulk.edit(self._act, view, self.shown_parts, **QUIET)

    def shown(self, owner: str, view: View) -> Update:
        """Return the page of comments that ``view`` names, and what can be done with all."""
        if not view.job:
            return {self._view: view, self.bulk: "", self.table: ""}
        try:
            matching = self._reviews.count(owner, view.job, view.wanted)
            page = min(view.page, max(matching - 1, 0) // PAGE)
            view = replace(view, page=page)
            items = self._reviews.items(
                owner, view.job, view.wanted, view.sort, view.descending, page * PAGE, PAGE
            )
        except AssistantError as error:
            warn(error)
            return {self._view: view, self.bulk: "", self.table: ""}
        view = replace(view, rows=len(items))
        downloads = {
            form: f"/moderation/{view.job}/comments.{form}?{view.query}" for form in FORMATS
        }
        narrowed = view.wanted != EVERYTHING
        return {
            self._view: view,
            self.bulk: bulk_html(matching, narrowed, downloads),
            self.table: table_html(items, matching, page, owner),
        }

    def _act(self, view: View, clicked: gr.EventData, request: gr.Request) -> Update:
        """Turn the page, decide on one comment or on all that match, or take that back."""
        owner, value = self._owner_of(request), str(clicked.value)
        try:
            if clicked.action == "page":
                view = replace(view, page=_page(str(clicked.text) or value, asked=clicked.text))
            elif clicked.action == "decide":
                self._reviews.decide(owner, _number(clicked.id), _choice(value))
            elif clicked.action == "all":
                self._decide_all(owner, view, value)
            elif clicked.action == "undo":
                count = self._reviews.undo(owner, view.job or None).count
                inform(f"{count:,} decisions were taken back.")
            elif clicked.action == "clear":
                count = self._reviews.clear(owner, view.job)
                inform(f"{count:,} comments on which nobody had decided are deleted.")
        except AssistantError as error:
            warn(error)
        return self.shown(owner, view)

    def _decide_all(self, owner: str, view: View, value: str) -> None:
        """Decide on as many comments as the visitor was asked about, no more that came since."""
        action, _, agreed = value.partition(":")
        matching = self._reviews.count(owner, view.job, view.wanted)
        if str(matching) != agreed:
            raise InputError(
                f"By now {matching:,} comments match. Look at them, and press again if you still "
                "mean all of them."
            )
        count = self._reviews.bulk(owner, view.job, view.wanted, _choice(action))
        confirm(f"{count:,} comments: {action}. Undo takes all of it back.")


def _page(text: str, asked: Any) -> int:
    """Return a page counted from 0; what a person typed counts from 1."""
    number = _number(text)
    return max(number - 1 if asked else number, 0)


def _number(value: Any) -> int:
    text = str(value).strip().replace(",", "")
    if not text.isdecimal() or len(text) > 18:
        raise InputError(f"“{text[:40]}” is no number. Write it in digits.")
    return int(text)


def _choice(value: str) -> Any:
    """Return what was decided; the storage refuses any other word."""
    return value
