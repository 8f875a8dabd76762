"""``documents``: the library from the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.common import AsJson, DataDir, Words, assistant_for, note, print_json, read
from assistant.cli.terminal import plain
from assistant.errors import InputError
from assistant.types import Document

if TYPE_CHECKING:
    from assistant.evaluation.own_documents import Report

documents = typer.Typer(help="The library of documents.", no_args_is_help=True)

NOTED = 10  # after so many questions of a test it is told how far it is

Which = Annotated[str, typer.Argument(metavar="ID", help="Id, its beginning, or the name.")]
Into = Annotated[
    list[str] | None, typer.Option("--collection", help="Put them into it; may be repeated.")
]
Only = Annotated[
    list[str] | None, typer.Option("--collection", help="Only documents in it; may be repeated.")
]
Name = Annotated[str, typer.Argument(metavar="COLLECTION", help="The collection's name.")]


@documents.command("add")
def add_documents(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")],
    collection: Into = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Add files, or every readable file of a folder, to the library."""
    with assistant_for(as_json, data_dir) as assistant:
        added, errors = [], []
        for path in _files(paths):
            try:
                document = assistant.library.add(path, collections=collection or ())
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


@documents.command("update")
def update_documents(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Read the files again that have changed since they were added."""
    with assistant_for(as_json, data_dir) as assistant:
        assistant.library.sync(assistant.settings.documents_dir)
        done = assistant.library.update()
        for document in done.changed:
            say(f"changed  {_line(document)}", as_json)
        for path in done.missing:
            say(f"missing  {path}", as_json)
        for error in done.errors:
            note(error)
        say(f"{done.unchanged} files are as they were.", as_json)
        if as_json:
            print_json(asdict(done))
        if done.errors:
            raise typer.Exit(1)


@documents.command("list")
def list_documents(
    collection: Only = None, as_json: AsJson = False, data_dir: DataDir = None
) -> None:
    """List the library's documents."""
    with assistant_for(as_json, data_dir) as assistant:
        found = assistant.library.documents(collection or ())
        if as_json:
            print_json([asdict(document) for document in found])
        for document in found:
            say(_line(document), as_json)


@documents.command("remove")
def remove_document(name: Which, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Remove a document from the library; the file itself stays where it is."""
    with assistant_for(as_json, data_dir) as assistant:
        document = assistant.library.remove(name)
        say(f"Removed {document.name}.", as_json)
        if as_json:
            print_json(asdict(document))


@documents.command("collect")
def collect_document(
    name: Which, collection: Name, as_json: AsJson = False, data_dir: DataDir = None
) -> None:
    """Put a document into a collection."""
    with assistant_for(as_json, data_dir) as assistant:
        document = assistant.library.collect(name, collection)
        say(_line(document), as_json)
        if as_json:
            print_json(asdict(document))


@documents.command("release")
def release_document(
    name: Which, collection: Name, as_json: AsJson = False, data_dir: DataDir = None
) -> None:
    """Take a document out of a collection; it stays in the library."""
    with assistant_for(as_json, data_dir) as assistant:
        document = assistant.library.release(name, collection)
        say(_line(document), as_json)
        if as_json:
            print_json(asdict(document))


@documents.command("verify")
def verify_documents(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell, but mend nothing.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Check the store for orphans and damage, and mend it."""
    with assistant_for(as_json, data_dir) as assistant:
        found = assistant.library.verify(mend=not dry_run)
        count = len(assistant.library.documents())
        for finding in found:
            say(f"{'mended' if finding.mended else 'found'}  {finding.problem}", as_json)
        if not found:
            say(f"{count} documents: nothing is wrong.", as_json)
        if as_json:
            print_json({"documents": count, "findings": [asdict(finding) for finding in found]})
        if not all(finding.mended for finding in found):
            raise typer.Exit(1)


@documents.command("search")
def search_documents(
    text: Words,
    count: Annotated[int, typer.Option("--count", min=1, max=100, help="How many passages.")] = 5,
    collection: Only = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Find the passages that fit TEXT best."""
    with assistant_for(as_json, data_dir) as assistant:
        assistant.library.sync(assistant.settings.documents_dir)
        found = assistant.library.search(read(text), count, collections=collection or ())
        if as_json:
            print_json([asdict(passage) for passage in found])
            return
        for passage in found:
            place = " › ".join(part for part in (passage.document, passage.heading) if part)
            typer.echo(f"{passage.score:.2f}  {plain(place)}\n{plain(passage.text)}\n")


@documents.command("test")
def examine_documents(
    questions: Annotated[
        int, typer.Option("--questions", help="How many are asked at most, up to 200.")
    ] = 40,
    collection: Only = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Ask the library questions made of its own sentences; tell how it found, cited, refused.

    Stopped with Ctrl-C it tells of those that were asked.
    """
    from assistant.evaluation.own_documents import Report, examine

    with assistant_for(as_json, data_dir) as assistant:
        assistant.library.sync(assistant.settings.documents_dir)
        report = Report((), 0)
        asking = examine(
            assistant.library, assistant.models, questions, collections=collection or ()
        )
        with suppress(KeyboardInterrupt):
            for report in asking:
                if len(report.outcomes) % NOTED == 0:
                    note(f"{len(report.outcomes)} of {report.planned} questions")
        if as_json:
            print_json(_reported(report))
        else:
            _tell(report)


def _tell(report: Report) -> None:
    """Print the figures of a test, and the questions that failed."""
    for figure in report.figures():
        share = "–" if figure.share is None else f"{figure.share:.0%}"
        typer.echo(f"{share:>5} of {figure.count:<4} {figure.meaning} ({figure.name})")
    for outcome in report.failures:
        asked = outcome.question.asked
        typer.echo(plain(f"\n{asked.question}\n  {outcome.failure}"))
        if asked.answers:
            typer.echo(plain(f"  Made of {asked.document}: {asked.answers[0]}"))
        if outcome.evidence is not None:
            shown = outcome.evidence
            typer.echo(plain(f"  Shown, of {shown.passage.document}: {shown.text}"))


def _reported(report: Report) -> dict[str, object]:
    """Return a report for programs."""
    return {
        "planned": report.planned,
        "figures": [asdict(figure) for figure in report.figures()],
        "questions": [
            {
                "kind": outcome.question.kind,
                **asdict(outcome.question.asked),
                "rank": outcome.rank,
                "shown": outcome.evidence.text if outcome.evidence else None,
                "shown_of": outcome.evidence.passage.document if outcome.evidence else None,
                "failure": outcome.failure,
            }
            for outcome in report.outcomes
        ],
    }


def say(text: str, as_json: bool) -> None:
    """Print a line of plain words, unless JSON was asked for."""
    if not as_json:
        typer.echo(plain(text))


def _line(document: Document) -> str:
    where = f"  ({', '.join(document.collections)})" if document.collections else ""
    return (
        f"{document.id[:12]}  {document.added[:10]}  {document.passages:4} passages  "
        f"{document.name}{where}"
    )


def _files(paths: list[Path]) -> Iterator[Path]:
    """Give each file, and for a folder every file in it that can be read as a document."""
    from assistant.retrieval.folders import readable_files

    for path in paths:
        if path.is_dir():
            yield from readable_files(path)
        else:
            yield path
