"""``doctor`` and ``serve``."""

from __future__ import annotations

import typer

from assistant.cli.common import (
    AsJson,
    DataDir,
    GeneratorSpec,
    Profile,
    assistant_for,
    errors,
    print_json,
)
from assistant.settings import Settings


def doctor(
    as_json: AsJson = False,
    data_dir: DataDir = None,
    generator: GeneratorSpec = None,
    profile: Profile = None,
) -> None:
    """Say what is loaded, what it runs on, how fast it is, and what is missing."""
    with assistant_for(as_json, data_dir, generator, profile) as assistant:
        from assistant.doctor import examine, render

        report = examine(assistant)
        if as_json:
            print_json(report.to_json())
        else:
            from rich.console import Console

            Console(highlight=False).print(render(report))
        if not report.ok:
            raise typer.Exit(1)


def serve(context: typer.Context) -> None:
    """Serve the page, with the options of ``python app.py``; see ``python app.py --help``."""
    with errors(as_json=False):
        settings = Settings.read(context.args)

        from assistant.server.launch import serve as serve_page

        serve_page(settings)
