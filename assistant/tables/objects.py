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
DEPTH = 5  # of objects in objects whose fields become columns
MOST_UNPACKED = 200_000_000  # bytes of a gzipped list, of which one element may be all
BUFFER = 4_000_000  # bytes read at once; the parser begins a text anew with each
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
                found.update(dict.fromkeys(_fields(value)))
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
    fields = _fields(value)
    missing = len(fields.keys() - set(columns)) if len(columns) == MOST_COLUMNS else 0
    try:
        cells = [cell_text(fields.get(column)) for column in columns]
    except RecursionError as error:
        return Raw(("",), f"cannot be read: {reason(error)}", lost=True)
    beyond = f"has {missing:,} fields beyond the {MOST_COLUMNS:,} kept"
    return Raw(cells, beyond if missing else "")


def _fields(value: Any, depth: int = DEPTH) -> dict[str, Any]:
    """Return name → value of an element; objects within become ``outer.inner``."""
    if not isinstance(value, dict):
        return {"text": value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, dict) and inner and depth:
            found.update({f"{name}.{key}": it for key, it in _fields(inner, depth - 1).items()})
        else:
            found[str(name)] = inner
    return found


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
            utf8 = _as_utf8(stream, encoding, path)
            for value in ijson.items(utf8, prefix, use_float=True, buf_size=BUFFER):
                yield value, ""
    except ijson.JSONError as error:
        raise ValueError(reason(error)) from error


def _list_prefix(path: Path, encoding: str) -> str:
    """Return what ijson calls the elements of the list, or of the first list of objects."""
    import ijson

    with opened(path) as stream:
        before = None
        for prefix, event, _ in ijson.parse(_as_utf8(stream, encoding, path), buf_size=BUFFER):
            if before == ("", "start_array") or (
                before is not None and before[1] == "start_array" and event == "start_map"
            ):
                return f"{before[0]}.item".lstrip(".")
            before = prefix, event
    raise ValueError("a list of objects, or one object a line, was expected")


def _as_utf8(stream: BinaryIO, encoding: str, path: Path) -> BinaryIO:
    """Return the stream in UTF-8 and without a byte-order mark, as ijson needs it."""
    if encoding.startswith("utf-8"):
        if stream.read(3) != codecs.BOM_UTF8:
            stream.seek(0)
        utf8 = stream
    else:
        utf8 = cast(BinaryIO, codecs.EncodedFile(stream, "utf-8", encoding, "replace"))
    return cast(BinaryIO, _Bounded(utf8)) if path.suffix.lower() == ".gz" else utf8


class _Bounded:
    """A stream that ends with an error when it has given more than an honest archive holds."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = MOST_UNPACKED

    def read(self, size: int = -1) -> bytes:
        """Read on.

        Raises:
            ValueError: there is too much of it.
        """
        data = self._stream.read(size if 0 <= size <= self._left else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(
                f"it unpacks to more than {MOST_UNPACKED // 1_000_000} MB; give JSON lines instead"
            )
        return data
