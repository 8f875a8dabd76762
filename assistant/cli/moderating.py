"""``moderate``: the comments of a file, or of standard input as they come."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assistant.cli.common import (
    AsJson,
    DataDir,
    ModelNames,
    Profile,
    assistant_for,
    note,
    print_json,
    stop_at_interrupt,
)
from assistant.cli.policies import policies_of
from assistant.cli.terminal import plain
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.chat import Assistant
    from assistant.moderation.batch import Progress, Summary
    from assistant.moderation.files import FileSource
    from assistant.moderation.judging import Judge
    from assistant.moderation.output import Item
    from assistant.moderation.sources import Source

FIRST = 10  # comments shown when there is no --out: the first ones that are not allowed
SHOWN = 100  # characters of each
NAMED = 10  # problems named on standard error

Comments = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="A table or a text, one comment a row; - for a pipe; the address of a YouTube video.",
    ),
]
PolicyName = Annotated[
    str | None, typer.Option("--policy", help="A policy, or a version of it: forum@3.")
]
Column = Annotated[str | None, typer.Option(help="The column of comments; found if not given.")]
Out = Annotated[
    Path | None, typer.Option(help="Write every comment with its verdict: .csv, .xlsx or .jsonl.")
]
Engine = Literal["local", "ray"]
ChosenEngine = Annotated[
    Engine, typer.Option(help="ray: on every computer of a Ray cluster; needs --out.")
]
Page = Annotated[str, typer.Option(help="Where to go on with the comments of a video.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Begin anew, whatever is there.")]


def moderate(
    file: Comments,
    policy: PolicyName = None,
    column: Column = None,
    out: Out = None,
    engine: ChosenEngine = "local",
    overwrite: Overwrite = False,
    page: Page = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
    profile: Profile = None,
    models: ModelNames = None,
) -> None:
    """Judge the comments of FILE; started again after a crash, it goes on where it was."""
    with assistant_for(as_json, data_dir, None, profile, models) as assistant:
        if engine == "ray" and (out is None or "://" in file):
            raise InputError("The engine ray judges a file into --out. Add --out FILE.")
        if file == "-":
            if out:
                raise InputError(
                    "Standard input is judged as it comes, to standard output: leave out --out, or "
                    "give a file."
                )
            _pipe(_judge(assistant, policy), as_json)
            return

        from assistant.moderation.files import open_file
        from assistant.moderation.output import format_of

        if "://" in file:
            _video(assistant, file, page, _judge(assistant, policy), out, overwrite, as_json)
            return
        source = open_file(Path(file), column=column)
        if out is None:
            _look(source, _judge(assistant, policy), as_json)
            return
        format_of(out)  # which the name must tell, before anything is loaded
        judge = _judge(assistant, policy, engine)
        summary = _to_file(source, judge, out, engine, assistant, overwrite)
        _tell_problems(source)
        _finish(summary, out, as_json)


def _judge(assistant: Assistant, name: str | None, engine: Engine = "local") -> Judge:
    from assistant.moderation.judging import Judge

    models, settings = assistant.models, assistant.settings
    chosen = policies_of(assistant).get(name or settings.policy)
    if engine == "local":
        return Judge(models.moderation, chosen)

    from assistant.moderation.ray_engine import ClusterScorer

    scorer = ClusterScorer(settings, models.fingerprint("moderation"))
    return Judge(models.moderation, chosen, scorer)


def _pipe(judge: Judge, as_json: bool) -> None:
    """Judge lines of standard input, each group of them as soon as it is there."""
    from assistant.moderation import output
    from assistant.moderation.batch import judged
    from assistant.moderation.streams import as_they_come, piped

    layout = output.Layout(("text",), judge.categories)
    for group in as_they_come(piped(sys.stdin.buffer)):
        items = judged(group, judge)
        if as_json:
            rows = (layout.row(item) for item in items)
            sys.stdout.write(output.lines(rows, layout.all_columns, "jsonl").decode())
        else:
            sys.stdout.writelines(f"{_line(item)}\n" for item in items)
        sys.stdout.flush()


def _look(source: Source, judge: Judge, as_json: bool) -> None:
    """Judge a file, and tell how many there are of what, and the first that are not allowed."""
    from assistant.moderation import output
    from assistant.moderation.batch import Watch, judged, verdict_of, windows

    layout = output.layout_of(source, judge.categories)
    verdicts: Counter[str] = Counter()
    first: list[Item] = []
    with _progress() as report:
        watch = Watch(report, total=source.total)
        for window in windows(source.comments()):
            items = judged(window, judge, watch)
            watch.finished(len(window))
            verdicts.update(map(verdict_of, items))
            held = (item for item in items if verdict_of(item) != "allow")
            first += islice(held, FIRST - len(first))
    _tell_problems(source)
    if as_json:
        problems = [
            {"row": problem.row, "problem": problem.sentence} for problem in source.problems
        ]
        rows = [layout.row(item) for item in first]
        print_json({**_figures(verdicts), "problems": problems, "first": rows})
        return
    for item in first:
        typer.echo(_line(item))
    typer.echo(_sentence(verdicts))
    typer.echo("Add --out FILE to keep every comment with its verdict.")


def _to_file(
    source: FileSource,
    judge: Judge,
    out: Path,
    engine: Engine,
    assistant: Assistant,
    overwrite: bool,
) -> Summary:
    from assistant.moderation import batch, ray_engine

    model = assistant.models.fingerprint("moderation")
    window = ray_engine.WINDOW if engine == "ray" else batch.WINDOW
    with stop_at_interrupt() as stop, _progress() as report:
        return batch.run(source, judge, out, model, report, stop, overwrite, window)


def _video(
    assistant: Assistant,
    address: str,
    page: str,
    judge: Judge,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Judge the comments of a video; its channel's owner is trusted."""
    from assistant.moderation import youtube
    from assistant.moderation.batch import Watch, run_once
    from assistant.moderation.judging import Judge

    source = youtube.comments(address, assistant.settings.youtube_key or "", page)
    trusted = (*judge.policy.trusted_authors, source.owner)
    policy = judge.policy.model_copy(update={"trusted_authors": trusted})
    judge = Judge(assistant.models.moderation, policy)
    if out is None:
        _look(source, judge, as_json)
    else:
        with _progress() as report:
            counts = run_once(source, judge, out, Watch(report, total=source.total), overwrite)
        _tell_problems(source)
        figures = {**_figures(counts), "units": source.units, "next_page": source.next_page}
        print_json(figures) if as_json else typer.echo(f"{_sentence(counts)} Written to {out}.")
    note(f"YouTube's quota: {source.units:,} units used; a key has 10,000 a day.")
    if source.next_page:
        raise typer.Exit(1)


def _finish(summary: Summary, out: Path, as_json: bool) -> None:
    figures = {
        **_figures(summary.verdicts),
        "resumed": summary.resumed,
        "seconds": round(summary.seconds, 2),
        "finished": summary.finished,
        "out": str(out),
    }
    if as_json:
        print_json(figures)
    else:
        typer.echo(_sentence(summary.verdicts))
        if summary.resumed:
            typer.echo(f"{summary.resumed:,} of them had been judged before.")
    if not summary.finished:
        note("Stopped. The same command goes on from there.")
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"Written to {out}.")


def _figures(verdicts: Mapping[str, int]) -> dict[str, Any]:
    unread = verdicts.get("", 0)
    return {
        "comments": sum(verdicts.values()),
        "verdicts": {name: verdicts.get(name, 0) for name in ("allow", "review", "block")},
        "unread": unread,
    }


def _sentence(verdicts: Mapping[str, int]) -> str:
    figures = _figures(verdicts)
    counts = ", ".join(f"{count:,} to {name}" for name, count in figures["verdicts"].items())
    unread = f", {figures['unread']:,} that cannot be read" if figures["unread"] else ""
    return f"{figures['comments']:,} comments: {counts}{unread}."


def _line(item: Item) -> str:
    """Return an item in one line: verdict, rule, and the beginning of the comment."""
    from assistant.moderation.comments import Judged

    verdict, rule, text = "unread", item.problem if not isinstance(item, Judged) else "", ""
    if isinstance(item, Judged):
        verdict, rule = item.decision.verdict, item.decision.rule
        text = " ".join(item.comment.text.split())
    shown = plain(text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…")
    return f"{verdict}\t{plain(rule)}\t{shown}"


def _tell_problems(source: Source) -> None:
    note(f"The comments of {source.name} are in the column “{plain(source.text_column)}”.")
    for problem in source.problems[:NAMED]:
        note(plain(problem.sentence))
    if source.problem_count > NAMED:
        note(f"… and {source.problem_count - NAMED:,} more rows with problems.")


@contextmanager
def _progress() -> Iterator[Any]:
    """Give what shows the progress of a batch on standard error, with rate and time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, pace="")

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.done, total=progress.total, pace=_pace(progress))

        yield show


def _pace(progress: Progress) -> str:
    left = progress.seconds_left
    pace = f"{progress.rate:,.0f}/s"
    if left is None:
        return pace
    minutes, seconds = divmod(round(left), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{pace}  {hours}:{minutes:02}:{seconds:02} left"
