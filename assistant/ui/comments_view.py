"""The table of judged comments as HTML: one page of it, what can be done with it, downloads.

No Gradio. Every word that stood in a comment is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.ui.comment_text import SHORT, comment_html, line_html
from assistant.ui.markup import bar, escape, percent

if TYPE_CHECKING:
    from assistant.moderation.reviews import ReviewItem

PAGE = 50  # comments shown together
NOTABLE = 0.1  # scores from which a row shows them; the others open
VERDICTS = ("allow", "review", "block")
FORMATS = ("csv", "xlsx", "jsonl")
_DONE = {"allow": "allowed", "block": "blocked", "skip": "skipped"}


def table_html(items: Sequence[ReviewItem], matching: int, page: int, moderator: str) -> str:
    """Return one page of comments; ``matching`` are on all pages, ``page`` counts from 0."""
    if not items:
        return '<p class="sb-quiet sb-empty">No comment here fits what you chose above.</p>'
    rows = "".join(_row(item, moderator) for item in items)
    return (
        '<div class="sb-scroll sb-wide"><table class="sb-table sb-comments"><thead><tr>'
        '<th scope="col">Comment</th><th scope="col">Verdict</th><th scope="col">Scores</th>'
        f'<th scope="col">Decision</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f"{_pager(len(items), matching, page)}"
    )


def bulk_html(matching: int, narrowed: bool, downloads: Mapping[str, str]) -> str:
    """Return what can be done with all comments that match: decide on them, download them.

    ``downloads`` gives the address of each format.
    """
    if not matching:
        return ""
    which = "that match" if narrowed else "of this job"
    buttons = "".join(
        f'<button type="button" class="sb-action" data-do="all" data-value="{action}:{matching}" '
        f'data-confirm="{word} all {matching:,} comments {which}? It can be undone.">{word} all '
        f"{matching:,}</button>"
        for action, word in (("allow", "Allow"), ("block", "Block"))
    )
    links = "".join(
        f'<a class="sb-download" href="{escape(address)}" download>{escape(form.upper())}</a>'
        for form, address in downloads.items()
    )
    return (
        f'<p class="sb-bulk"><span>{buttons}<button type="button" class="sb-action" '
        'data-do="undo">Undo</button><button type="button" class="sb-remove" data-do="clear" '
        'data-confirm="Delete the comments of this job on which nobody decided? Decisions stay.">'
        "Delete</button></span>"
        f'<span><span class="sb-quiet">Download</span>{links}</span></p>'
    )


def badge(verdict: str) -> str:
    """Return a verdict as a coloured word; a comment that could not be read has none."""
    if verdict not in VERDICTS:
        return '<span class="sb-quiet">not judged</span>'
    return f'<span class="sb-verdict sb-{verdict}"><strong>{verdict}</strong></span>'


def about_html(item: ReviewItem) -> str:
    """Return who wrote a comment, when, and what it answers, as one line."""
    comment = item.comment
    parts = [line_html(part, 80) for part in (comment.author, comment.date) if part]
    if comment.reply_to:
        parts.append(f"answers {line_html(comment.reply_to, 80)}")
    return " · ".join(f"<bdi>{part}</bdi>" for part in parts)


def scores_html(scores: Mapping[str, float], rule: str) -> str:
    """Return every score as a bar, the highest first; the one that decided stands out."""
    rows = "".join(
        f'<tr{" class=sb-deciding" if name == rule else ""}><th scope="row">{_words(name)}</th>'
        f"<td>{bar(score)}</td><td>{escape(percent(score))}</td></tr>"
        for name, score in sorted(scores.items(), key=lambda pair: -pair[1])
    )
    return f'<table class="sb-bars"><tbody>{rows}</tbody></table>' if rows else ""


def decisions_html(item: ReviewItem, moderator: str) -> str:
    """Return what stands decided on a comment, and by whom; disagreement is said."""
    said = "".join(
        f"<li>{_DONE.get(decision.action, escape(decision.action))} by "
        f"<bdi>{'you' if decision.moderator == moderator else escape(name_of(decision.moderator))}"
        f"</bdi>{f': <q dir=auto>{line_html(decision.note)}</q>' if decision.note else ''}</li>"
        for decision in item.decisions
        if decision.standing
    )
    odds = '<p class="sb-odds">Moderators disagree</p>' if item.disputed else ""
    return f'{odds}<ul class="sb-decided">{said}</ul>' if said else ""


def name_of(moderator: str) -> str:
    """Return what a moderator is called: a login's name, else only that it is a visitor."""
    kind, _, name = moderator.partition(":")
    return name if kind == "user" and name else "a visitor"


def _row(item: ReviewItem, moderator: str) -> str:
    number = escape(str(item.id))
    buttons = "".join(
        f'<button type="button" class="sb-action" data-do="decide" data-value="{action}">'
        f"{action.capitalize()}</button>"
        for action in ("allow", "block")
    )
    about = about_html(item)
    why = f'<small class="sb-about">{line_html(item.reason)}</small>' if item.rule else ""
    return (
        f'<tr data-id="{number}"><td dir="auto" class="sb-said">'
        f"{comment_html(item.comment.text, item.spans, SHORT)}"
        f"{f'<small class=sb-about>{about}</small>' if about else ''}</td>"
        f"<td>{badge(item.verdict)}{why}</td>"
        f"<td>{_brief(item.scores, item.rule) if item.scores else ''}</td>"
        f"<td>{decisions_html(item, moderator)}<span class='sb-pair'>{buttons}</span></td></tr>"
    )


def _brief(scores: Mapping[str, float], rule: str) -> str:
    """Return the scores worth seeing in a line, all of them to open."""
    ranked = sorted(scores.items(), key=lambda pair: (pair[0] != rule, -pair[1]))
    chips = "".join(
        f'<span class="sb-scored{" sb-deciding" if name == rule else ""}" '
        f'style="--heat:{score:.0%}">{_words(name)} {escape(percent(score))}</span>'
        for name, score in ranked
        if score >= NOTABLE or name == rule
    )
    shown = chips or f'<span class="sb-quiet">all below {percent(NOTABLE)}</span>'
    return f"<details><summary>{shown}</summary>{scores_html(scores, rule)}</details>"


def _words(name: str) -> str:
    return escape(name.replace("_", " "))


def _pager(shown: int, matching: int, page: int) -> str:
    first, last = page * PAGE + 1, (matching - 1) // PAGE
    where = f"{first:,}–{first + shown - 1:,} of {matching:,}"

    def turn(to: int, words: str) -> str:
        off = "" if 0 <= to <= last and to != page else " disabled"
        return (
            f'<button type="button" class="sb-action" data-do="page" data-value="{to}"{off}>'
            f"{words}</button>"
        )

    ask = (
        f'<button type="button" class="sb-action" data-do="page" data-ask="Which page, 1 to '
        f'{last + 1}?" data-value="{page + 1}">Page {page + 1:,} of {last + 1:,}</button>'
    )
    return (
        f'<nav class="sb-pager" aria-label="Pages"><span class="sb-quiet">{where}</span><span>'
        f"{turn(0, 'First')}{turn(page - 1, 'Previous')}{ask}{turn(page + 1, 'Next')}"
        f"{turn(last, 'Last')}</span></nav>"
    )
