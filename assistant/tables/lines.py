"""Lines of text out of bytes of any encoding, or of several; memory does not grow with the file."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from assistant.retrieval.formats import encoding_of

SAMPLE = 262_144  # bytes that encoding and delimiter are found from
COUNTED = 200  # lines that tell in which encoding most of them are
LONGEST = 16_000_000  # characters of a line
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"
_MOST_CONTROLS = 0.05  # share of a text's bytes; more are those of a program or an archive


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end; see assistant.tables.rows.Raw for ``trouble`` and ``lost``."""

    text: str
    trouble: str = ""
    lost: bool = False


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file's bytes, unpacked where it is gzipped."""
    if path.suffix.lower() == ".gz":
        with gzip.open(path, "rb") as packed:
            yield cast(BinaryIO, packed)
    else:
        with path.open("rb") as plain:
            yield plain


def sample(path: Path) -> bytes:
    """Return how a file of text begins, up to the end of a line if it goes on.

    Raises:
        ValueError: it is no text.
    """
    with opened(path) as stream:
        data = _beginning(stream)
    wide = encoding_of(data).startswith(("utf-16", "utf-32"))
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if not wide and controls > len(data) * _MOST_CONTROLS:
        raise ValueError("it holds bytes that no text holds")
    whole = len(data) < SAMPLE or wide or b"\n" not in data
    return data if whole else data[: data.rindex(b"\n") + 1]


def _beginning(stream: BinaryIO) -> bytes:
    """Return the first bytes; of a damaged archive those before the damage."""
    data = b""
    try:
        while len(data) < SAMPLE and (more := stream.read1(SAMPLE)):  # type: ignore[attr-defined]
            data += more
    except (OSError, EOFError, zlib.error):
        if not data:
            raise
    return data


def usual_encoding(data: bytes) -> str:
    """Return the encoding of most lines of a sample."""
    found = encoding_of(data)
    if found.startswith("utf"):
        return found
    lines = [line for line in data.splitlines() if not line.isascii()]
    in_utf8 = sum(_is_utf8(line) for line in lines[:COUNTED])
    return "utf-8" if in_utf8 * 2 >= min(len(lines), COUNTED) else found


def read_lines(stream: BinaryIO, usual: str) -> Iterator[Line]:
    """Give the lines; one that is not in the ``usual`` encoding is read in another, and says so."""
    wide = usual.startswith(("utf-16", "utf-32"))
    # Latin-1 gives each byte a character, so that lines can be cut first and decoded singly.
    text = io.TextIOWrapper(stream, usual if wide else "latin-1", errors="replace", newline="")
    first = True
    while line := text.readline(LONGEST):
        if len(line) == LONGEST and line[-1] not in "\r\n":
            _skip(text)
            yield Line("", f"is longer than {LONGEST:,} characters and was left out", lost=True)
            continue
        found = Line(line) if wide else _decoded(line, usual)
        if first:
            found = Line(found.text.removeprefix("\ufeff"), found.trouble)
            first = False
        yield _without_nul(found) if "\0" in found.text else found


def _skip(text: io.TextIOWrapper) -> None:
    while (more := text.readline(LONGEST)) and more[-1] not in "\r\n":
        pass


def _decoded(line: str, usual: str) -> Line:
    if line.isascii():
        return Line(line)
    data = line.encode("latin-1")
    try:
        return Line(data.decode("utf-8"))
    except UnicodeDecodeError:
        if not usual.startswith("utf-8"):
            return Line(data.decode(usual, "replace"))
        other = encoding_of(data)
        return Line(data.decode(other, "replace"), f"is not in UTF-8 and was read as {other}")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _without_nul(line: Line) -> Line:
    trouble = "holds NUL bytes, which were left out"
    return Line(
        line.text.replace("\0", ""),
        "; it ".join(part for part in (line.trouble, trouble) if part),
        line.lost,
    )
