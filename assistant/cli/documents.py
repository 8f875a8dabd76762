"""``documents``: the library from the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.common import AsJson, DataDir, Words, assistant_for, note, print_json, read
from assistant.cli.terminal import plain
from assistant.errors import InputError

documents = typer.Typer(help="The library of documents.", no_args_is_help=True)


@documents.command("add")
def add_documents(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Add files, or every readable file of a folder, to the library."""
    with assistant_for(as_json, data_dir) as assistant:
        added, errors = [], []
        for path in _files(paths):
            try:
                document = assistant.library.add(path)
            except InputError as error:  # one bad file must not keep the others out
                errors.append({"path": str(path), "error": str(error)})
                note(f"{path}: {error}")
            else:
                added.append(asdict(document))
                say(f"{document.id[:12]}  {document.name}  {document.passages} passages", as_json)
        if as_json:
            print_json({"added": added, "errors": errors})
        if errors:
            raise typer.Exit(1)


@documents.command("list")
def list_documents(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the library's documents."""
    with assistant_for(as_json, data_dir) as assistant:
        found = assistant.library.documents()
        if as_json:
            print_json([asdict(document) for document in found])
        for document in found:
            say(
                f"{document.id[:12]}  {document.added[:10]}  {document.passages:4} passages  "
                f"{document.name}",
                as_json,
            )


@documents.command("remove")
def remove_document(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id, its beginning, or the name.")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Remove a document from the library; the file itself stays where it is."""
    with assistant_for(as_json, data_dir) as assistant:
        document = assistant.library.remove(name)
        say(f"Removed {document.name}.", as_json)
        if as_json:
            print_json(asdict(document))


@documents.command("search")
def search_documents(
    text: Words,
    count: Annotated[int, typer.Option("--count", min=1, max=100, help="How many passages.")] = 5,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Find the passages that fit TEXT best."""
    with assistant_for(as_json, data_dir) as assistant:
        assistant.library.sync(assistant.settings.documents_dir)
        found = assistant.library.search(read(text), count)
        if as_json:
            print_json([asdict(passage) for passage in found])
            return
        for passage in found:
            place = " › ".join(part for part in (passage.document, passage.heading) if part)
            typer.echo(f"{passage.score:.2f}  {plain(place)}\n{plain(passage.text)}\n")


def say(text: str, as_json: bool) -> None:
    """Print a line of plain words, unless JSON was asked for."""
    if not as_json:
        typer.echo(plain(text))


def _files(paths: list[Path]) -> Iterator[Path]:
    """Give each file, and for a folder every file in it that can be read as a document."""
    from assistant.retrieval.loaders import SUPPORTED

    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file())
            yield from (file for file in inside if file.suffix.lower() in SUPPORTED)
        else:
            yield path
