"""What learning from decisions came to, as HTML: before and after, gates, changes. No Gradio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.ui.comment_text import SHORT, comment_html, line_html
from assistant.ui.comments_view import VERDICTS, badge, name_of
from assistant.ui.markup import bar, escape
from assistant.ui.training_view import refusal_html

if TYPE_CHECKING:
    from assistant.moderation.classroom import Learning
    from assistant.moderation.comparison import Change, Comparison, Figures
    from assistant.moderation.learning_report import Contrary, Report

HEADING = (
    '<p class="sb-quiet">The moderation model learns what moderators decided; every fourth comment '
    "is kept back, to compare it before and after. Nothing changes until you put it in use, which "
    "is offered only if it is not worse.</p>"
)


def learning_html(learning: Learning | None) -> str:
    """Return how far a learning is, or what came of it."""
    if learning is None:
        return ""
    if learning.failure:
        return refusal_html(learning.failure)
    if learning.report is not None:
        return report_html(learning.report)
    doing = escape(learning.doing or "begins …")
    return f'<div class="sb-work"><p role="status">{doing}</p>{bar(learning.done)}</div>'


def report_html(report: Report) -> str:
    """Return the whole report."""
    found = report.comparison
    outcome = (
        f"<strong>{escape(report.run)}</strong> is not worse by any measure and can be put in use."
        if report.passed
        else "It is worse than the model in use, and was thrown away."
    )
    gates = "".join(
        f'<li class="sb-{"passed" if gate.passed else "failed"}">'
        f"{'✓' if gate.passed else '✗'} {escape(gate.sentence)}</li>"
        for gate in found.gates
    )
    return (
        f'<div class="sb-learned"><p role="status">{outcome}</p><p class="sb-quiet">'
        f"{_counts(report)}</p><ul>{gates}</ul>{_comparison(found, report.base)}"
        f"{_fairness(found)}{_changed(found.changed)}{_contrary(report.contrary)}</div>"
    )


def _counts(report: Report) -> str:
    learned, held = sum(report.learned.values()), sum(report.held_out.values())
    said = [f"Learned from {learned:,} comments, measured on {held:,} others"]
    said += [f"{count:,} left out: {reason}" for reason, count in report.left_out.items()]
    if report.distrusted:
        names = ", ".join(name_of(name) for name in report.distrusted)
        said.append(f"not trusted, for the others keep contradicting them: {names}")
    said.append(f"{report.rehearsed:,} scores rehearsed")
    said.append(f"{report.seconds / 60:.0f} min{', stopped early' if report.stopped else ''}")
    return escape("; ".join(said) + ".")


def _comparison(found: Comparison, base: str) -> str:
    return (
        '<div class="sb-chart-page">'
        f"{_figures(f'Before ({base})', found.before)}{_figures('After', found.after)}</div>"
    )


def _figures(title: str, figures: Figures) -> str:
    rows = "".join(
        f'<tr><th scope="row">people {action}</th>'
        + "".join(f'<td class="sb-figure">{counts.get(name, 0):,}</td>' for name in VERDICTS)
        + "</tr>"
        for action, counts in figures.confusion.items()
    )
    heads = "".join(f'<th scope="col" class="sb-figure">{name}</th>' for name in VERDICTS)
    numbers = (
        f"precision {figures.precision:.2f}, recall {figures.recall:.2f}, F1 {figures.f1:.2f}, "
        f"AUC {figures.auc:.2f}"
    )
    return (
        f'<section class="sb-figures"><h4>{escape(title)}</h4><div class="sb-scroll">'
        f'<table class="sb-table"><thead><tr><th scope="col">Verdict</th>{heads}</tr></thead>'
        f'<tbody>{rows}</tbody></table></div><p class="sb-quiet">{numbers}</p></section>'
    )


def _fairness(found: Comparison) -> str:
    groups = [
        (name, found.fairness_before.get(name, 0.0), after)
        for name, after in found.fairness_after.items()
        if after or found.fairness_before.get(name)
    ]
    if not groups:
        return (
            '<p class="sb-quiet">Of the harmless sentences that name groups of people, none is '
            "held up, before or after.</p>"
        )
    rows = [(name, f"{before:.0%}", f"{after:.0%}") for name, before, after in groups]
    return _table("Harmless sentences held up, by the group named", ("", "before", "after"), rows)


def _changed(changes: Sequence[Change]) -> str:
    if not changes:
        return '<p class="sb-quiet">No verdict on the comments kept back has changed.</p>'
    rows = "".join(
        f'<tr><td dir="auto" class="sb-said">{comment_html(change.text, (), SHORT)}</td>'
        f"<td>{escape(change.action)}</td><td>{badge(change.before)}</td>"
        f"<td>{badge(change.after)}</td>"
        f'<td class="sb-figure">{change.score_before:.2f} → {change.score_after:.2f}</td></tr>'
        for change in changes
    )
    heads = ("Comment", "People", "Before", "After", "Score")
    return _framed("Verdicts that changed", heads, rows)


def _contrary(decisions: Sequence[Contrary]) -> str:
    """Return the decisions that somebody should look at again."""
    if not decisions:
        return ""
    rows = "".join(
        f'<tr><td dir="auto" class="sb-said">{comment_html(one.text, (), SHORT)}</td>'
        f"<td>{escape(one.action)}</td><td class='sb-figure'>{one.score:.2f}</td>"
        f"<td>{escape(', '.join(map(name_of, one.moderators)))}</td></tr>"
        for one in decisions
    )
    heads = ("Comment", "People", "Score", "Who")
    return _framed("Decisions against what the model is sure of: look at them again", heads, rows)


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    body = "".join(
        "<tr>" + "".join(f"<td>{line_html(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return _framed(title, heads, body)


def _framed(title: str, heads: Sequence[str], body: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<section class="sb-figures"><h4>{title}</h4><div class="sb-scroll"><table '
        f'class="sb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        "</section>"
    )


def live_html(label: str, learned: Mapping[str, bool], may_go_back: bool) -> str:
    """Return which moderation model is in use, and the versions that were learned.

    ``learned`` gives for each version whether it is in use.
    """
    rows = "".join(
        f'<tr data-id="{escape(run)}"><th scope="row">{escape(run)}</th>'
        f"<td>{'in use' if used else ''}</td><td class='sb-figure'>{'' if used else _USE}</td></tr>"
        for run, used in learned.items()
    )
    back = (
        '<button type="button" class="sb-action" data-do="rollback" data-confirm="Go back to the '
        'model that was used before?">Roll back</button>'
        if may_go_back
        else ""
    )
    table = f'<div class="sb-scroll"><table class="sb-table"><tbody>{rows}</tbody></table></div>'
    return (
        f'<section class="sb-role"><p><strong>moderation</strong> <span class="sb-quiet">in use: '
        f"{escape(label)}</span>{back}</p>{table if rows else ''}</section>"
    )


_USE = (
    '<button type="button" class="sb-action" data-do="use" data-confirm="Judge every comment with '
    'this version from now on?">Put in use</button>'
)
