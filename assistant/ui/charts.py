"""The charts of the comments that are shown: verdicts, sentiment, time and scores."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from itertools import islice

import gradio as gr

from assistant.errors import AssistantError
from assistant.moderation.policy import Policy
from assistant.moderation.reviews import ReviewCounts, ReviewFilter
from assistant.storage.reviews import Reviews
from assistant.training.baselines import compound, vader_class
from assistant.ui import charts_view as draw
from assistant.ui.comments import View
from assistant.ui.feedback import OwnerOf
from assistant.ui.toasts import warn

FELT = 5_000  # comments whose sentiment is taken
READ = 2_000  # characters of each that are read for it
REMEMBERED = 64  # sentiments of comments that were drawn last


class Charts:
    """Builds the page of charts and fills it when it is opened."""

    def __init__(self, reviews: Reviews, owner_of: OwnerOf, view: gr.State) -> None:
        self._reviews = reviews
        self._owner_of = owner_of
        self._felt: OrderedDict[tuple[str, ReviewFilter, int], dict[str, int]] = OrderedDict()
        self.page = gr.HTML("", elem_id="charts", apply_default_css=False)

    def shown(self, view: View, policy: Policy, request: gr.Request) -> str:
        """Return the charts of the comments that ``view`` wants, with the limits of ``policy``."""
        owner = self._owner_of(request)
        if not view.job:
            return '<p class="sb-quiet sb-empty">Moderate something first.</p>'
        try:
            counts = self._reviews.counts(owner, view.job, view.wanted)
            felt = self._sentiments(owner, view, counts.total)
        except AssistantError as error:
            warn(error)
            return ""
        return charts_html(counts, felt, policy)

    def _sentiments(self, owner: str, view: View, total: int) -> dict[str, int]:
        """Return the sentiment of the comments shown; it is taken again when there are more."""
        key = view.job, view.wanted, total
        felt = self._felt.pop(key, None)
        if felt is None:
            items = self._reviews.each(owner, view.job, view.wanted)
            felt = sentiments(item.comment.text for item in islice(items, FELT))
        self._felt[key] = felt
        while len(self._felt) > REMEMBERED:
            self._felt.popitem(last=False)
        return felt


def charts_html(counts: ReviewCounts, felt: dict[str, int], policy: Policy) -> str:
    """Return all charts; what there is nothing to draw of is left out."""
    verdicts = {verdict: sum(actions.values()) for verdict, actions in counts.verdicts.items()}
    marks = {
        name: draw.Marks(limits.review, limits.block) for name, limits in policy.limits.items()
    }
    of = sum(felt.values())
    note = "by VADER's word list, between −0.05 and 0.05 neutral"
    note += f"; of the first {of:,} comments" if of < counts.total else ""
    return (
        f'<div class="sb-chart-page">{draw.verdicts_html(verdicts)}'
        f"{draw.sentiment_html(felt, note)}{draw.timeline_html(list(counts.days.items()))}"
        f"{draw.scores_html(counts.scores, marks)}</div>"
    )


def sentiments(texts: Iterable[str]) -> dict[str, int]:
    """Return how many texts are positive, neutral and negative, the way the seed study counted."""
    scores = compound([text[:READ] for text in texts])
    return dict(Counter(vader_class(score) for score in scores))
