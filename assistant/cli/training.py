"""``train``: a role's adapter, a classifier of the user's own, the router, or the seed study."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assistant.cli.common import (
    AsJson,
    DataDir,
    assistant_for,
    note,
    print_figures,
    print_json,
    stop_at_interrupt,
)
from assistant.cli.training_notes import Watch, introduce, quiet, show, show_study
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.chat import Assistant
    from assistant.training.classifiers import Request
    from assistant.training.commands import Report as RoleReport
    from assistant.training.report import Report

What = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="sentiment, moderation, entities, reader, router, answerability; baselines for the "
        "seed study; "
        "or any new name, which becomes a tool.",
    ),
]
Data = Annotated[
    str | None,
    typer.Option(help="A table, a folder of tables, or OWNER/NAME of a data set on the hub."),
]
TextColumn = Annotated[str | None, typer.Option(help="The column of texts; guessed if not given.")]
LabelColumn = Annotated[str | None, typer.Option(help="The column of labels; guessed, too.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Use so many rows of each part.")]
Base = Annotated[str, typer.Option(help="embedded, or a model's name on the hub, or its folder.")]
Method = Annotated[
    Literal["lora", "full"], typer.Option(help="Train small added matrices, or everything.")
]
Epochs = Annotated[float | None, typer.Option(help="Rounds through the data; by its amount.")]
Rate = Annotated[float | None, typer.Option("--learning-rate", help="By base and method.")]
BatchSize = Annotated[int, typer.Option(help="Windows of text a step.")]
Patience = Annotated[int, typer.Option(help="Validations without improvement that end it.")]
Minutes = Annotated[
    float | None, typer.Option(min=0.01, help="How long to train at most; roles: 10.")
]
Seed = Annotated[int, typer.Option(help="Fixes parts, order and first weights.")]
Resume = Annotated[str | None, typer.Option(metavar="RUN", help="Go on with a run that broke off.")]
Use = Annotated[bool, typer.Option("--use", help="Put the model in use when it is done.")]
Out = Annotated[Path | None, typer.Option(help="Where a role's adapter goes, if not into a run.")]


def train(
    name: What,
    data: Data = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    limit: Limit = None,
    base: Base = "embedded",
    method: Method = "lora",
    epochs: Epochs = None,
    learning_rate: Rate = None,
    batch_size: BatchSize = 16,
    patience: Patience = 3,
    minutes: Minutes = None,
    seed: Seed = 0,
    resume: Resume = None,
    use: Use = False,
    out: Out = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Train a model on your own labelled data; with a new name it becomes a tool in the chat."""
    _let_hub_answer(base, data)
    with assistant_for(as_json, data_dir) as assistant:
        if name == "router":
            from assistant.cli.router_training import train_router

            _print(train_router(assistant), as_json)
            return
        if name == "answerability":
            from assistant.evaluation.answerability import fit

            _print(fit(Path(_needed(data)), limit, assistant, out), as_json)
            return
        if name == "baselines":
            from assistant.training import seed_study

            study = seed_study.run(_needed(data), assistant.models.sentiment)
            print_json(asdict(study)) if as_json else show_study(study)
            return
        if _is_role(name, data):
            report = _train_role(assistant, name, Path(_needed(data)), out, minutes, seed, resume)
            if out is None:
                _finish(assistant, report.folder.parent.name, use)
            _print(asdict(report), as_json)
            return

        from assistant.models.versions import Versions
        from assistant.training.classifiers import Request
        from assistant.training.options import Options

        options = Options(base, method, epochs, learning_rate, batch_size, seed, patience, minutes)
        request = None
        if resume is None:
            request = Request(name, _needed(data), text_column, label_column, limit, options)
        trained = _train_classifier(assistant, name, request, resume)
        _finish(assistant, trained.run, use)
        folder = Versions(assistant.settings.data_dir).find(trained.run).folder
        print_json(trained.to_json()) if as_json else show(trained, folder)


def _let_hub_answer(base: str, data: str | None) -> None:
    """Allow the hub, before its library is loaded, to someone who names something on it."""
    names = [base] if base != "embedded" else []
    if any(not Path(name).exists() for name in [*names, *([data] if data else [])]):
        os.environ.setdefault("HF_HUB_OFFLINE", "0")


def _is_role(name: str, data: str | None) -> bool:
    """Say whether a recipe of the shipped roles trains this, rather than a table of labels.

    Words, questions and turns are no text classification. Sentiment and moderation are, except
    from a folder of data sets, or where comments have scores or marked words.
    """
    from assistant import tables

    if name in {"entities", "reader", "segmenter"}:
        return True
    if name not in {"sentiment", "moderation"} or data is None or not Path(data).exists():
        return False
    if Path(data).is_dir():
        return not any(tables.kind(file) in tables.READERS for file in Path(data).iterdir())
    return bool({"scores", "labels", "spans"} & set(tables.read(Path(data)).columns))


def _train_role(
    assistant: Assistant,
    role: str,
    data: Path,
    out: Path | None,
    minutes: float | None,
    seed: int,
    resumed: str | None,
) -> RoleReport:
    """Train by the role's recipe; a run that broke off goes on in its own folder."""
    from assistant.models.versions import MODEL, Versions, seal
    from assistant.training import commands

    said = -1

    def progress(done: float, loss: float) -> None:
        nonlocal said
        tenth = int(done * 10)
        if tenth > said:
            said = tenth
            note(f"{done:4.0%}  mean loss {loss:.3f}")

    versions = Versions(assistant.settings.data_dir)
    run = versions.find(resumed).folder if resumed else None
    folder = out or (run or versions.new(role)) / MODEL
    report = commands.train(role, data, folder, minutes or 10.0, seed, progress)
    if out is None:
        seal(folder, role, "adapter", ())
    return report


def _train_classifier(
    assistant: Assistant, name: str, request: Request | None, resumed: str | None
) -> Report:
    from assistant.models.versions import Versions
    from assistant.training import classifiers

    quiet()
    data_dir, encoder = assistant.settings.data_dir, assistant.models.encoder
    watch = Watch()
    if request is None:
        run = Versions(data_dir).find(resumed or "")
        if run.role != name:
            raise InputError(f"The run {run.name} trains {run.role!r}, not {name!r}.")
        with stop_at_interrupt() as stop:
            return classifiers.resume(run, encoder, watch, stop)
    classifiers.check_name(name, assistant.tools.reserved())
    prepared = request.look()
    introduce(prepared)
    with stop_at_interrupt() as stop:
        return classifiers.train(request, prepared, data_dir, encoder, watch, stop)


def _finish(assistant: Assistant, run: str, use: bool) -> None:
    if use:
        assistant.models.use(run)
        note(f"{run} is in use.")
    else:
        note(f"Nothing has changed yet. Put it in use with: python -m assistant models use {run}")


def _print(figures: dict[str, Any], as_json: bool) -> None:
    print_json(figures) if as_json else print_figures(figures)


def _needed(data: str | None) -> str:
    if data is None:
        raise InputError("Give the labelled data with --data FILE_OR_FOLDER_OR_HUB_NAME.")
    return data
