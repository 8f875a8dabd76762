"""The words above the Moderate tab, and how far a moderation is, as HTML. No Gradio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.ui.comment_text import line_html
from assistant.ui.markup import bar, escape

if TYPE_CHECKING:
    from assistant.moderation.desk import Work

NAMED = 20  # problems of a source that are told one by one
HEADING = (
    '<header class="sb-page"><h2>Moderate</h2><p>Comments in, a list to decide on out: each with a '
    "verdict, the score or rule behind it, and the words that drove it. Nothing is ever hidden or "
    "deleted by itself.</p></header>"
)
CLOSED = (
    "<p class='sb-notice'>This page is shared: you moderate your own comments here, while policies "
    "and models are changed by whoever runs Switchboard, on a page that is not shared or by "
    "starting it with --allow-training.</p>"
)


def work_html(work: Work | None) -> str:
    """Return the course of a job: how many comments of how many, how fast, and how long still."""
    if work is None:
        return ""
    title = f"<strong><bdi>{line_html(work.title, 80)}</bdi></strong>"
    if work.state == "failed":
        kept = f" {work.done:,} comments were done before, and are kept." if work.done else ""
        said = f'<p class="sb-notice" role="alert">{title}: {escape(work.failure)}{kept}</p>'
    elif work.running:
        share = work.done / work.total if work.total else 0.0
        said = f'<p role="status">{title} {escape(_doing(work))}</p>{bar(share)}'
    else:
        how = "is done" if work.state == "ended" else "was stopped; what is done is kept"
        said = (
            f'<p role="status">{title} {how}: {work.done:,} comments in '
            f"{duration(work.seconds)}, {work.rate:,.0f} a second."
            f"{f' {escape(work.note)}' if work.note else ''}</p>"
        )
    return f'<div class="sb-work">{said}{_problems(work.problems, work.problem_count)}</div>'


def _problems(problems: Sequence[str], count: int) -> str:
    """Return what could not be read in a source; ``count`` is how much there was altogether."""
    shown = problems[:NAMED]
    said = "".join(f"<li>{line_html(sentence)}</li>" for sentence in shown)
    rest = f"<li>and {count - len(shown):,} more</li>" if count > len(shown) else ""
    return f"<ul>{said}{rest}</ul>" if count else ""


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _doing(work: Work) -> str:
    of = f" of {work.total:,}" if work.total else ""
    if work.state == "stopping":
        return f"stops after the comments in work; {work.done:,}{of} are done."
    if not work.done:
        return "is being read …"
    left = f", {duration(work.seconds_left)} left" if work.seconds_left is not None else ""
    return f"{work.done:,}{of} comments, {work.rate:,.0f} a second{left}"
