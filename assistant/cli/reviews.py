"""``reviews``: what waits for moderators, what they decided, and learning from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.common import (
    AsJson,
    DataDir,
    assistant_for,
    note,
    print_json,
    stop_at_interrupt,
)
from assistant.cli.policies import policies_of
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.chat import Assistant
    from assistant.moderation.comparison import Comparison
    from assistant.moderation.learning_report import Report
    from assistant.moderation.reviews import PastDecision
    from assistant.storage import Reviews

reviews = typer.Typer(help="The review queue, and learning from it.", no_args_is_help=True)

Job = Annotated[str | None, typer.Option(help="Only this job; see reviews list.")]
SHOWN = 5  # decisions against a sure score
COLUMNS = ("item", "job", "created", "moderator", "action", "standing", "note", "text", "author",
           "verdict", "rule", "policy", "model", "scores")  # fmt: skip


@contextmanager
def _queue(assistant: Assistant) -> Iterator[Reviews]:
    from assistant.storage import Storage

    storage = Storage.from_settings(assistant.settings)
    try:
        yield storage.reviews
    finally:
        storage.close()


@reviews.command("list")
def list_reviews(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the jobs of all owners: comments, open ones, and those that moderators disagree on."""
    from assistant.storage import OPERATOR

    with assistant_for(as_json, data_dir) as assistant, _queue(assistant) as queue:
        jobs = queue.jobs(OPERATOR)
        if as_json:
            print_json([asdict(job) for job in jobs])
            return
        for job in jobs:
            typer.echo(
                f"{job.id}  {job.created:%Y-%m-%d %H:%M}  {job.items:>9,} comments  "
                f"{job.open:>9,} open  {job.disputed:>6,} disputed  {job.policy:<14} {job.title}"
            )
        if not jobs:
            note("Nothing was put into the review queue yet. The Moderate page does that.")


@reviews.command("export")
def export_reviews(
    out: Annotated[Path, typer.Option(help="A new .csv, .xlsx or .jsonl file.")],
    job: Job = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Write every decision, also those taken back, with what it was about; no cell is a formula."""
    from assistant.moderation.output import format_of, write_rows
    from assistant.storage import OPERATOR

    with assistant_for(as_json, data_dir) as assistant, _queue(assistant) as queue:
        if out.exists():
            raise InputError(f"{out} is there already. Give --out a new name.")
        rows = [_row(decision) for decision in queue.decisions(OPERATOR, job)]
        try:
            write_rows(out, COLUMNS, rows, format_of(out))
        except OSError as error:
            raise InputError(f"{out} cannot be written ({error.strerror}).") from error
        if as_json:
            print_json({"decisions": len(rows), "file": out})
        else:
            typer.echo(f"{len(rows):,} decisions are in {out}.")


@reviews.command("learn")
def learn_from_reviews(
    minutes: Annotated[float, typer.Option(min=0.01, help="How long to train at most.")] = 10.0,
    use: Annotated[
        bool, typer.Option("--use", help="Put the new version in use if it is not worse.")
    ] = False,
    job: Job = None,
    policy: Annotated[
        str | None, typer.Option(help="Measure with this policy's thresholds, such as forum@3.")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Teach the moderation model what moderators decided, and compare it with the one in use."""
    from assistant.moderation.learning import learn, put_in_use
    from assistant.storage import OPERATOR

    with (
        assistant_for(as_json, data_dir) as assistant,
        _queue(assistant) as queue,
        stop_at_interrupt() as stop,
    ):
        report = learn(
            queue.decisions(OPERATOR, job),
            assistant.models,
            assistant.settings.data_dir,
            queue.undecided(OPERATOR, job),
            policies_of(assistant).get(policy) if policy else None,
            minutes,
            progress=_Told(),
            stop=stop,
        )
        if use and report.passed:
            put_in_use(assistant.models, assistant.settings.data_dir, report.run)
        if as_json:
            print_json({**report.to_json(), "in_use": use and report.passed})
        else:
            _show(report, use)


def _row(decision: PastDecision) -> dict[str, Any]:
    row = asdict(decision)
    scores = {name: round(score, 4) for name, score in decision.scores.items()}
    return row | {"created": decision.created.isoformat(), "scores": json.dumps(scores)}


class _Told:
    """Says every tenth of the work, on standard error."""

    def __init__(self) -> None:
        self._tenth = -1

    def __call__(self, done: float, what: str) -> None:
        if int(done * 10) > self._tenth:
            self._tenth = int(done * 10)
            note(f"{done:4.0%}  {what}")


def _show(report: Report, use: bool) -> None:
    for line in (*_learned(report), "", *_compared(report.comparison)):
        typer.echo(line)
    if not report.passed:
        note("It is worse, so it was thrown away. The model in use stays.")
    elif use:
        note(
            f"{report.run} is in use. Go back with: python -m assistant models rollback moderation"
        )
    else:
        note(
            "Nothing has changed yet. Put it in use with: python -m assistant models use "
            f"{report.run}"
        )


def _learned(report: Report) -> Iterator[str]:
    learned, held = report.learned, report.held_out
    yield (
        f"{report.base} learned from {learned['allow']:,} allowed and {learned['block']:,} blocked "
        f"comments and rehearsed {report.rehearsed:,} texts in {report.seconds:.0f} s"
        + (", stopped early." if report.stopped else ".")
    )
    yield f"Held out: {held['allow']:,} allowed, {held['block']:,} blocked."
    for reason, count in report.left_out.items():
        yield f"Left out: {count:,} {reason}."
    for name in report.distrusted:
        yield f"Not believed, for the others contradict: {name}."
    if report.contrary:
        yield "Against a sure score; are these mistakes?"
    for item in report.contrary[:SHOWN]:
        text = " ".join(item.text.split())[:80]
        yield f"  {item.action:<6} {item.score:.2f}  {text}  ({', '.join(item.moderators)})"


def _compared(found: Comparison) -> Iterator[str]:
    yield "Decisions held out       F1    AUC  precision  recall"
    for name, figures in (("before", found.before), ("after", found.after)):
        yield (
            f"{name:<20} {figures.f1:6.3f} {figures.auc:6.3f} {figures.precision:10.3f} "
            f"{figures.recall:7.3f}"
        )
    yield "Decided    allow / review / block before   after"
    for action in ("allow", "block"):
        before, after = (
            " / ".join(map(str, figures.confusion[action].values()))
            for figures in (found.before, found.after)
        )
        yield f"{action:<10} {before:<31} {after}"
    for gate in found.gates:
        yield f"{'ok ' if gate.passed else 'NOT'}  {gate.sentence}"
