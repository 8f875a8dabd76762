"""JSON lines and JSON, one object a row. All columns are known only when all rows were read."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from assistant.tables.lines import opened, read_lines, sample, usual_encoding
from assistant.tables.rows import Raw, cell_text, reason

MOST_COLUMNS = 10_000
Parsed = tuple[Any, str]
"""A value of the file, and the trouble with it; the value of a line that is no JSON is its text."""


def read(path: Path) -> tuple[tuple[str, ...], Callable[[], Iterator[Raw]]]:
    """Return the columns, which costs reading the file once, and what reads the rows.

    Raises:
        ValueError: it is no text, or holds neither a list nor lines of JSON.
    """
    data = sample(path)
    encoding = usual_encoding(data)
    start = data.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    parse = _elements if _is_list(path, start) else _lines
    names = _columns(parse(path, encoding))
    return names, lambda: (_row(value, trouble, names) for value, trouble in parse(path, encoding))


def _columns(values: Iterator[Parsed]) -> tuple[str, ...]:
    """Return the names of all fields; of those before it, where the file breaks off."""
    found: dict[str, None] = {}
    try:
        for value, trouble in values:
            if not trouble and len(found) < MOST_COLUMNS:
                found.update(dict.fromkeys(value if isinstance(value, dict) else ("text",)))
    except ValueError:
        if not found:
            raise
    return tuple(found)[:MOST_COLUMNS] or ("text",)


def _is_list(path: Path, start: str) -> bool:
    """Say whether the file is one list, alone or under a name, rather than JSON lines."""
    if not start.startswith("["):
        return path.name.lower().endswith((".json", ".json.gz")) and _is_one_object(start)
    return True


def _is_one_object(start: str) -> bool:
    """Say whether the first line does not end its object; JSON lines has each on one line."""
    try:
        json.loads(start.split("\n", 1)[0])
    except (ValueError, RecursionError):
        return True
    return start.count("\n") == 0 or not start.split("\n", 1)[1].strip()


def _row(value: Any, trouble: str, columns: tuple[str, ...]) -> Raw:
    if trouble:
        return Raw((value,), trouble, lost=True)
    if not isinstance(value, dict):
        value = {"text": value}
    missing = len(value.keys() - set(columns)) if len(columns) == MOST_COLUMNS else 0
    return Raw(
        [cell_text(value.get(column)) for column in columns],
        f"has {missing:,} fields beyond the {MOST_COLUMNS:,} kept" if missing else "",
    )


def _lines(path: Path, encoding: str) -> Iterator[Parsed]:
    with opened(path) as stream:
        for number, line in enumerate(read_lines(stream, encoding), start=1):
            text = line.text.strip()
            if line.lost:
                yield "", line.trouble
            elif text:
                try:
                    yield json.loads(text), ""
                except (json.JSONDecodeError, RecursionError) as error:
                    what = (
                        error.msg.lower()
                        if isinstance(error, json.JSONDecodeError)
                        else reason(error)
                    )
                    yield text, f"is no JSON, line {number}: {what}"


def _elements(path: Path, encoding: str) -> Iterator[Parsed]:
    """Give the elements of the file's list, which is not read into memory."""
    import ijson

    try:
        prefix = _list_prefix(path, encoding)
        with opened(path) as stream:
            for value in ijson.items(_as_utf8(stream, encoding), prefix, use_float=True):
                yield value, ""
    except ijson.JSONError as error:
        raise ValueError(reason(error)) from error


def _list_prefix(path: Path, encoding: str) -> str:
    """Return what ijson calls the elements of the list, or of the first list of objects."""
    import ijson

    with opened(path) as stream:
        before = None
        for prefix, event, _ in ijson.parse(_as_utf8(stream, encoding)):
            if before == ("", "start_array") or (
                before is not None and before[1] == "start_array" and event == "start_map"
            ):
                return f"{before[0]}.item".lstrip(".")
            before = prefix, event
    raise ValueError("a list of objects, or one object a line, was expected")


def _as_utf8(stream: BinaryIO, encoding: str) -> BinaryIO:
    """Return the stream in UTF-8 and without a byte-order mark, as ijson needs it."""
    if not encoding.startswith("utf-8"):
        return cast(BinaryIO, codecs.EncodedFile(stream, "utf-8", encoding, "replace"))
    if stream.read(3) != codecs.BOM_UTF8:
        stream.seek(0)
    return stream
