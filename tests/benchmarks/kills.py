"""Kills a process that changes its library, at random points, and checks what is left.

``python -m tests.benchmarks.kills --times 50`` prints how often each document that was told to be
there was there whole, and none half-done.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant.retrieval import keywords
from assistant.retrieval.library import Library
from assistant.settings import PROJECT
from tests.retrieval.files import WordEncoder

LONGEST_LIFE = 0.4  # seconds between the first document and the end
NOTES = 5  # documents that are added, replaced and removed all the time


def check(library: Library) -> None:
    """The laws of a store: offsets exact, one vector and one keyword row a passage."""
    connection = library._shelf.store.connection
    for document in library.documents():
        text = library.text(document.id)
        rows = connection.execute(
            "SELECT start, end, text, length(vector) FROM passages WHERE document_id = ?",
            (document.id,),
        ).fetchall()
        assert len(rows) == document.passages > 0
        assert all(text[start:end] == part and size == 256 for start, end, part, size in rows)
    assert keywords.is_sound(connection)
    counts = {
        connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        for table in ("passages", "keywords_docsize")
    }
    assert counts == {library.passage_count} == {sum(d.passages for d in library.documents())}


def change(folder: Path) -> None:
    """Change a library for ever, and tell each change when it is done."""
    library = Library(folder / "store", WordEncoder())
    pages = folder / "pages"
    pages.mkdir()
    number = 0
    while True:
        name = f"note {number % NOTES}"
        library.add_text(name, f"Version {number} of {name} says a few words. " * 40)
        print(f"has {name}|{number}", flush=True)  # noqa: T201
        page = pages / f"{number % 3}.md"
        page.write_text(f"# Page\n\nVersion {number} of a page. " * 20)
        library.sync(pages)
        print(f"has {page.name}|{number}", flush=True)  # noqa: T201
        if number % 4 == 3:
            library.remove(name)
            print(f"lost {name}|{number}", flush=True)  # noqa: T201
        number += 1


def kill_once(folder: Path, seed: int) -> int:
    """Start, kill after a while, check; return how many changes had been told by then."""
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.kills", "--change", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    assert process.stdout is not None
    told = [process.stdout.readline()]
    time.sleep(random.Random(seed).uniform(0, LONGEST_LIFE))
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    library = Library(folder / "store", WordEncoder())
    assert library.warnings == []
    check(library)
    assert library.verify(mend=False) == ()
    expected: dict[str, int] = {}
    for line in told:
        if line.endswith("\n"):
            verb, rest = line.split(" ", 1)
            name, number = rest.rsplit("|", 1)
            expected.pop(name, None)
            if verb == "has":
                expected[name] = int(number)
    held = {document.name: library.text(document.id) for document in library.documents()}
    assert len(held) == len(library.documents())
    # One further change may have been done when the process died, before it could tell.
    assert len(set(held) ^ set(expected)) <= 1
    newer = 0
    for name in held.keys() & expected.keys():
        version = int(held[name].split("Version ")[1].split(" ")[0])
        assert version >= expected[name]
        newer += version > expected[name]
    assert newer + len(set(held) ^ set(expected)) <= 1
    library.close()
    return len(told)


def main() -> None:
    """Read the command line and kill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--change", type=Path)
    options = parser.parse_args()
    if options.change:
        change(options.change)
    changes = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.times):
            changes.append(kill_once(Path(folder) / str(number), number))
    print(  # noqa: T201
        f"killed {len(changes)} times after {min(changes)} to {max(changes)} changes: "
        "every completed change was there, nothing half-done, nothing to verify"
    )


if __name__ == "__main__":
    main()
