"""``ask`` and ``route``: one turn in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.common import (
    AsJson,
    DataDir,
    GeneratorSpec,
    ModelNames,
    Profile,
    Words,
    assistant_for,
    note,
    print_json,
    read,
)
from assistant.cli.terminal import explain, plain, show
from assistant.events import fold
from assistant.serialization import route_to_json
from assistant.types import Options, Turn

if TYPE_CHECKING:
    from assistant.chat import Assistant

Attached = Annotated[
    list[Path] | None, typer.Option("--attach", help="A file that comes with it; may be repeated.")
]
Collections = Annotated[
    list[str] | None,
    typer.Option("--collection", help="Answer from this collection only; may be repeated."),
]
Tool = Annotated[str | None, typer.Option("--tool", help="Send it to this tool.")]

Anyway = Annotated[
    bool,
    typer.Option("--anyway", help="Where the documents hold no answer, give the model's own."),
]


def ask(
    text: Words,
    attach: Attached = None,
    tool: Tool = None,
    collection: Collections = None,
    anyway: Anyway = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    generator: GeneratorSpec = None,
    profile: Profile = None,
    models: ModelNames = None,
) -> None:
    """Answer TEXT as the page would, in the terminal."""
    with assistant_for(as_json, data_dir, generator, profile, models) as assistant:
        turn = _turn(assistant, text, attach, tool, collection, anyway)
        assistant.warm(note)
        events = assistant.stream(turn)
        reply = fold(events if as_json else show(events))
        if as_json:
            failed = {"error": reply.failed} if reply.failed else {}
            print_json({**reply.to_json(), **failed})
        if reply.failed:
            raise typer.Exit(1)


def route(
    text: Words,
    attach: Attached = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    generator: GeneratorSpec = None,
    profile: Profile = None,
    models: ModelNames = None,
) -> None:
    """Say which tool would answer TEXT, on which part of it, and why."""
    with assistant_for(as_json, data_dir, generator, profile, models) as assistant:
        turn = _turn(assistant, text, attach)
        assistant.warm(note)
        chosen = assistant.route(turn)
        if as_json:
            print_json(route_to_json(chosen))
        else:
            typer.echo(plain(explain(chosen)))
            typer.echo(f"payload: {plain(chosen.payload)}")
            if chosen.question:
                typer.echo(f"question: {plain(chosen.question)}")


def _turn(
    assistant: Assistant,
    text: str,
    attach: list[Path] | None,
    tool: str | None = None,
    collections: list[str] | None = None,
    anyway: bool = False,
) -> Turn:
    attachments = tuple(assistant.attach(path) for path in attach or ())
    options = Options(
        sampling=assistant.settings.sampling, collections=tuple(collections or ()), anyway=anyway
    )
    return Turn(read(text), attachments=attachments, tool=tool, options=options)
