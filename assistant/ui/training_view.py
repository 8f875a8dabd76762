"""What the Train tab shows, as HTML: the data, the course of a training, the runs. No Gradio."""

from __future__ import annotations

import json
from collections.abc import Sequence

from assistant.errors import InputError, ModelError
from assistant.models.versions import Run, Versions
from assistant.training.preparation import Prepared
from assistant.training.workshop import Training
from assistant.ui.curves import curves_html
from assistant.ui.markup import bar, escape, excerpt, percent

LABELS = 30  # that are shown with their counts
ROLES = ("sentiment", "moderation")  # that have a shipped model to go back to
HEADING = (
    '<header class="sb-page"><h2>Train</h2><p>Any table of texts and labels (CSV, TSV, Excel, JSON '
    "lines, Parquet) makes a classifier; a new name makes a new tool for the chat. Nothing leaves "
    "this computer.</p></header>"
)
CLOSED = (
    f"{HEADING}<p class='sb-notice'>This page is shared, and a training takes the whole computer "
    "for minutes or hours, so visitors cannot train here. Whoever runs Switchboard can: on the "
    "command line (python -m assistant train --help), on a page that is not shared, or by "
    "starting it with --allow-training, which opens this to everyone who may come in.</p>"
)


def data_html(prepared: Prepared) -> str:
    """Return what would be learned from: counts of the labels, a sample, and what looks odd."""
    counts = list(prepared.counts.items())
    most = counts[0][1]
    bars = "".join(
        f'<tr><th scope="row" dir="auto">{escape(excerpt(label, 40))}</th>'
        f"<td>{bar(count / most)}</td><td>{count:,}</td></tr>"
        for label, count in counts[:LABELS]
    )
    more = f"<p class='sb-quiet'>and {len(counts) - LABELS:,} more labels</p>"
    sample = "".join(
        f'<tr><td dir="auto">{escape(excerpt(example.text, 160))}</td>'
        f"<td>{escape(excerpt(example.label, 40))}</td></tr>"
        for example in prepared.sample(5)
    )
    notices = "".join(f"<li>{escape(notice)}</li>" for notice in prepared.notices)
    return (
        f"<p><strong>{len(prepared.train):,}</strong> texts to learn from, "
        f"{len(prepared.validation):,} to validate, {len(prepared.test):,} to test</p>"
        f'<table class="sb-bars sb-plain sb-chart"><tbody>{bars}</tbody></table>'
        f"{more if len(counts) > LABELS else ''}"
        f"{f'<ul class=sb-remarks>{notices}</ul>' if notices else ''}"
        '<div class="sb-scroll"><table class="sb-table"><thead><tr><th scope="col">Sample</th>'
        f'<th scope="col">Label</th></tr></thead><tbody>{sample}</tbody></table></div>'
    )


def refusal_html(sentence: str) -> str:
    """Return why something cannot be done."""
    return f'<p class="sb-notice" role="alert">{escape(sentence)}</p>'


def nothing(role: str) -> str:
    """Return what serves a role in which nothing trained here is in use."""
    return "the shipped model" if role in ROLES else "nothing of your own"


def progress_html(training: Training | None) -> str:
    """Return how far a training is, and how long it will take; how it ended, once it has."""
    if training is None:
        return ""
    name = escape(training.name)
    if training.state == "failed":
        return refusal_html(training.failure)
    done = training.points[-1].done if training.points else 0.0
    drawing = curves_html(training.points, 1.0 if training.running else done)
    if training.state == "ended":
        return (
            f'<p role="status"><strong>{escape(training.run)}</strong> is trained, in '
            f"{_duration(training.seconds)}. Its report is below; nothing has changed yet: "
            f"<em>Use it</em> puts it into the chat.</p>{drawing}"
        )
    return (
        f'<div class="sb-training" role="status"><p><strong>{name}</strong> '
        f"{escape(_doing(training))}</p>{bar(done)}{drawing}</div>"
    )


def _doing(training: Training) -> str:
    if training.state == "stopping":
        return "stops soon and is then measured; its best state is kept."
    if not training.points:
        return f"is being prepared … {_duration(training.seconds)}"
    last = training.points[-1]
    if last.done >= 1:
        return "is being measured on the test part …"
    validations = [point for point in training.points if point.validation_loss is not None]
    right = validations[-1].validation_accuracy if validations else None
    said = f", {percent(right)} right on the validation part" if right is not None else ""
    left = f", {_duration(last.seconds_left)} left" if last.seconds_left is not None else ""
    return f"is learning: {percent(last.done)} done{left}{said}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def runs_html(versions: Versions, training: Training | None) -> str:
    """Return every run with what can be done with it, and what is in use."""
    try:
        runs = versions.runs()
    except ModelError as error:
        return refusal_html(str(error))
    if not runs:
        return '<p class="sb-quiet sb-empty">No trainings yet.</p>'
    busy = training.name if training is not None and training.running else ""
    roles = sorted({run.role for run in runs})
    return "".join(_role(role, [run for run in runs if run.role == role], busy) for role in roles)


def _role(role: str, runs: Sequence[Run], busy: str) -> str:
    live = next((run.name for run in runs if run.in_use), "")
    now = live or nothing(role)
    back = (
        '<button type="button" class="sb-action" data-do="rollback">Roll back</button>'
        if live
        else ""
    )
    rows = "".join(_run(run, newest=run is runs[-1], busy=busy) for run in reversed(runs))
    return (
        f'<section class="sb-role" data-id="{escape(runs[-1].name)}"><p><strong>{escape(role)}'
        f"</strong> <span class='sb-quiet'>in use: {escape(now)}"
        f"{f' · type /{escape(role)} in the chat' if live else ''}</span>{back}</p>"
        f'<div class="sb-scroll"><table class="sb-table"><tbody>{rows}</tbody></table></div>'
        "</section>"
    )


def _run(run: Run, newest: bool, busy: str) -> str:
    if run.ready:
        state = "in use" if run.in_use else "ready"
        actions = _action("report", "Report") + ("" if run.in_use else _action("use", "Use it"))
    elif newest and run.role == busy:
        state, actions = "in training", ""
    else:
        state, actions = "unfinished", "" if busy else _action("resume", "Resume")
    right = accuracy(run)
    return (
        f'<tr data-id="{escape(run.name)}"><th scope="row">{escape(run.name)}</th>'
        f"<td>{state}</td><td>{f'{right:.1%} right' if right is not None else ''}</td>"
        f'<td class="sb-figure">{actions}</td></tr>'
    )


def _action(name: str, words: str) -> str:
    return f'<button type="button" class="sb-action" data-do="{name}">{words}</button>'


def accuracy(run: Run) -> float | None:
    """Return the share of test texts that a finished run got right; None if it is not known."""
    try:
        report = json.loads((run.folder / "report.json").read_text("utf-8"))
        return float(report["figures"]["accuracy"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # a role's own training writes another report, or none


def report_markdown(run: Run) -> str:
    """Return a run's report; the training has escaped in it what stood in the data.

    Raises:
        InputError: it has none.
    """
    try:
        return (run.folder / "report.md").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The run {run.name} has no report that can be read. Train it again for one."
        ) from error
