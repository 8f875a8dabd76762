"""``models``: which trained models there are, and which is in use."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.common import AsJson, DataDir, assistant_for, note, print_json
from assistant.errors import ModelError
from assistant.models.versions import MODEL, Run, Versions, verify

models = typer.Typer(help="The models that you trained.", no_args_is_help=True)


@models.command("list")
def list_models(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the training runs, which of them are in use, and which are damaged."""
    with assistant_for(as_json, data_dir) as assistant:
        runs = Versions(assistant.settings.data_dir).runs()
        states = {run.name: _state(run) for run in runs}
        if as_json:
            print_json(
                [
                    {"run": run.name, "role": run.role, "state": states[run.name][0],
                     "note": states[run.name][1], "folder": run.folder}
                    for run in runs
                ]
            )  # fmt: skip
            return
        for run in runs:
            state, remark = states[run.name]
            typer.echo(f"{run.name:<24} {state:<10} {remark}".rstrip())
        if not runs:
            note("No training runs yet. Make one with: python -m assistant train NAME --data FILE")


@models.command("use")
def use_model(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A training run, such as patents-1.")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Put a run's model in use, at once and after a restart."""
    with assistant_for(as_json, data_dir) as assistant:
        found = assistant.models.use(run)
        if as_json:
            print_json({"role": found.role, "in_use": found.name})
        else:
            typer.echo(f"{found.name} is in use for {found.role}: try /{found.role} in the chat.")


@models.command("rollback")
def roll_back(
    role: Annotated[str, typer.Argument(metavar="NAME", help="A role or a tool of your own.")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Go back to the model that was in use before."""
    with assistant_for(as_json, data_dir) as assistant:
        before = assistant.models.rollback(role)
        if as_json:
            print_json({"role": role, "in_use": before})
        else:
            typer.echo(f"In use for {role}: {before or 'nothing of your own'}.")


def _state(run: Run) -> tuple[str, str]:
    if not run.ready:
        return "unfinished", f"go on with: python -m assistant train {run.role} --resume {run.name}"
    try:
        verify(run.folder / MODEL)
    except ModelError as error:
        return "damaged", str(error)
    return ("in use" if run.in_use else "ready"), ""
