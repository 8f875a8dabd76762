"""``evaluate``: figures of the router, the task models and answers from documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.common import (
    AsJson,
    DataDir,
    Profile,
    assistant_for,
    print_figures,
    print_json,
)
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.chat import Assistant


def evaluate(
    what: Annotated[
        str, typer.Argument(help="router, summarizer, documents, or a role: sentiment, …")
    ],
    data: Annotated[Path | None, typer.Option(help="A table or folder of labelled data.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Use so many examples.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    profile: Profile = None,
) -> None:
    """Measure the router or a task model on labelled data that it was not trained on."""
    with assistant_for(as_json, data_dir, None, profile) as assistant:
        figures: dict[str, Any]
        if what == "router":
            figures = _evaluate_router(assistant, data, limit)
        elif what == "summarizer":
            from assistant.training.evaluate_summaries import summarizer

            figures = {"summaries": summarizer(_needed(data), limit)}
        elif what == "documents":
            from assistant.evaluation.documents import documents

            figures = dict(documents(_needed(data), limit, assistant))
        else:
            from assistant.training import commands

            figures = dict(commands.evaluate(what, _needed(data), limit, assistant.settings))
        print_json(figures) if as_json else print_figures(figures)


def _evaluate_router(assistant: Assistant, data: Path | None, limit: int | None) -> dict[str, Any]:
    from assistant.router.evaluate import TABLE, read_table, report, run

    assistant.library.sync(assistant.settings.documents_dir)
    return report(run(assistant.router, read_table(data or TABLE)[:limit]))


def _needed(data: Path | None) -> Path:
    if data is None:
        raise InputError("Give the labelled data with --data FILE_OR_FOLDER.")
    return data
