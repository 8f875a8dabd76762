"""What the commands share: options, the assistant they work with, and how they speak and fail."""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.environment import prepare
from assistant.errors import AssistantError, InputError, SettingsError
from assistant.private_files import restrict
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.chat import Assistant

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where the library, chats and models live.")
]
GeneratorSpec = Annotated[
    str | None, typer.Option("--generator", help="backend:model?options, or none.")
]
Profile = Annotated[str | None, typer.Option("--profile", help="embedded or hub.")]
ModelNames = Annotated[
    str | None, typer.Option("--models", help="role=name,…: models for single roles.")
]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="What to say; - reads standard input.")]


@contextmanager
def assistant_for(
    as_json: bool,
    data_dir: Path | None = None,
    generator: str | None = None,
    profile: str | None = None,
    models: str | None = None,
) -> Iterator[Assistant]:
    """Give the assistant of these options, and end the program well if it meets an error."""
    given = {
        "data_dir": data_dir,
        "generator": generator,
        "profile": profile,
        "models": models,
    }
    with errors(as_json):
        settings = Settings.read(
            None, **{key: value for key, value in given.items() if value is not None}
        )
        prepare(settings)
        logging.getLogger("assistant").setLevel(logging.WARNING)

        from assistant.chat import Assistant

        assistant = Assistant.from_settings(settings)
        try:
            yield assistant
        finally:
            assistant.close()
            restrict(settings.data_dir)


@contextmanager
def errors(as_json: bool) -> Iterator[None]:
    """Turn an AssistantError into its sentence and an exit code."""
    try:
        yield
    except AssistantError as error:
        if as_json:
            print_json({"error": str(error)})
        else:
            note(str(error))
        raise typer.Exit(2 if isinstance(error, SettingsError) else 1) from None


def read(text: str) -> str:
    """Return the text, or standard input for ``-``."""
    if text != "-":
        return text
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"Standard input is not UTF-8 text (byte {error.start}). Convert it, or attach the "
            "file with --attach."
        ) from error


def note(text: str) -> None:
    """Say something on the way, on standard error."""
    typer.echo(text, err=True)


def print_json(value: Any) -> None:
    """Print the one JSON document; in ASCII, so that no terminal or pipe can garble it."""
    sys.stdout.write(f"{json.dumps(value, indent=2, default=str)}\n")


def print_figures(figures: dict[str, Any]) -> None:
    """Print figures one a line; nested ones indented, long lists by their length."""
    for line in _figures(figures, ""):
        typer.echo(line)


def _figures(figures: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in figures.items():
        if isinstance(value, dict):
            yield f"{indent}{key}"
            yield from _figures(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{indent}{key} ({len(value)})"
            for item in value:
                yield f"{indent}  " + "  ".join(
                    f"{name}={_figure(it)}" for name, it in item.items()
                )
        else:
            yield f"{indent}{key:<24} {_figure(value)}"


def _figure(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@contextmanager
def stop_at_interrupt() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C sets; the second one breaks off as usual."""
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, before)
        stop.set()
        note("Stopping soon, and keeping what is done. Press Ctrl-C again to break off.")

    signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
