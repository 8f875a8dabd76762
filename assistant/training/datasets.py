"""Reads JSON-lines files (plain or gzipped) into examples; every fault names file and line.

Knows the row layouts, not which files make a good training mixture: see ``recipes``.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from assistant.errors import InputError

Item = TypeVar("Item")
Row = Mapping[str, Any]
SUFFIXES = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class Text:
    """A text with the scores (0 to 1) that are known; a label that is absent is unknown.

    ``marks`` are the [start, end) stretches that earn the label; ``None`` when nobody marked any.
    """

    text: str
    scores: Mapping[str, float]
    marks: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """Words with a BIO tag each; ``complete`` says that an O word is no MISC name either."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """A question on a context; ``answers`` are [start, end) stretches, none if unanswerable."""

    question: str
    context: str
    answers: tuple[tuple[int, int], ...]


Example = Text | Tagged | Question


@dataclass(frozen=True, slots=True)
class Split:
    """Training and validation examples that share nothing."""

    train: list[Any]
    validation: list[Any]


def rows(file: Path) -> Iterator[Row]:
    """Yield the rows of one file.

    Raises:
        InputError: the file cannot be read, or a line is not a JSON object.
    """
    number = 0
    try:
        opener = gzip.open if file.suffix == ".gz" else open
        with opener(file, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise InputError(f"{file}, line {number}: a JSON object was expected.")
                    yield row
    except (OSError, EOFError, ValueError) as error:
        raise InputError(
            f"{file} cannot be read as JSON lines (line {number + 1}: {error}). "
            "Give a .jsonl or .jsonl.gz file with one JSON object a line."
        ) from error


def rows_of(data: Path, *names: str) -> list[Row]:
    """Return the rows of the named files, without their endings, of the project's data folder."""
    return [row for name in names for row in rows(data / f"{name}.jsonl.gz")]


def some_rows(data: Path, name: str, limit: int | None) -> list[Row]:
    """Return the rows of a file of the project's data folder, or ``limit`` of them."""
    return some(rows_of(data, name), limit)


def some(items: list[Item], limit: int | None) -> list[Item]:
    """Return ``items``, or ``limit`` of them: the same ones every time."""
    return items if limit is None else sample(items, limit, seed=0)


def labelled(data: Path, name: str, limit: int | None) -> list[Text]:
    """Return the rows of a file, or ``limit`` of them, as texts with their one label."""
    return [text_of(row, {row["label"]: 1.0}) for row in some_rows(data, name, limit)]


def files(data: Path) -> list[Path]:
    """Return the JSON-lines files that ``data`` is or holds, in name order.

    Raises:
        InputError: there is none.
    """
    if data.is_file():
        return [data]
    found = sorted(file for file in data.rglob("*") if file.name.endswith(SUFFIXES))
    if not found:
        raise InputError(
            f"{data} holds no .jsonl or .jsonl.gz file; give --data a folder that does."
        )
    return found


def text_of(row: Row, scores: Mapping[str, float]) -> Text:
    """Return a row with ``text`` and perhaps ``spans`` as an example with these scores."""
    spans = row.get("spans")
    marks = None if spans is None else tuple((int(start), int(end)) for start, end in spans)
    return Text(_field(row, "text"), scores, marks)


def tagged_of(row: Row, types: Mapping[str, str], complete: bool = True) -> Tagged:
    """Return a row with ``tokens`` and ``tags``, each entity type renamed (absent: no entity)."""
    tags = []
    for tag in _field(row, "tags"):
        name = types.get(tag[2:])
        tags.append(f"{tag[:2]}{name}" if name else "O")
    return Tagged(tuple(_field(row, "tokens")), tuple(tags), complete)


def question_of(row: Row) -> Question:
    """Return a row with ``question``, ``context`` and ``answers``, the likeliest answer first.

    That is the one that most annotators gave, or else the shortest.
    """
    answers = [
        (int(answer["start"]), int(answer["start"]) + len(answer["text"]))
        for answer in row.get("answers", ())
    ]
    votes = Counter(answers)
    answers.sort(key=lambda answer: (-votes[answer], answer[1] - answer[0]))
    return Question(_field(row, "question").strip(), _field(row, "context"), tuple(answers))


def _field(row: Row, name: str) -> Any:
    if name not in row:
        raise InputError(
            f"A row has the fields {', '.join(row) or 'none'}, but this role needs {name!r}."
        )
    return row[name]


def sample(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    """Return ``count`` items drawn with ``seed``, or all of them when there are fewer."""
    if count >= len(items):
        return list(items)
    return random.Random(seed).sample(list(items), count)


def held_out(text: str, parts: int) -> bool:
    """Say whether ``text`` belongs to the one of ``parts`` that is held out: always the same."""
    return part_of(text, parts) == 0


def part_of(text: str, parts: int) -> int:
    """Return the number, from 0, of the part to which ``text`` always belongs."""
    return zlib.crc32(text.encode()) % parts
