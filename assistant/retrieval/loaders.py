"""Reads a file into clean text, or says in a sentence why it cannot.

Checks size, name and content here; the formats themselves are read in ``formats``, foreign ones
in a process of their own (``workers``). A file is never run, unpacked to disk or trusted to be
what its name claims.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import DocumentError
from assistant.retrieval import formats
from assistant.retrieval.limits import LIMITS, Limits
from assistant.retrieval.workers import WORKERS

SUPPORTED = tuple(sorted(formats.READERS))

# What a file is, told from its first bytes, in the order in which they are tried.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive or Office file"),
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
    (b"GGUF", "a language model"),
    (b"{\\rtf", "an RTF file"),
)
_SIGNED = {".pdf": b"%PDF-", ".docx": b"PK", ".pptx": b"PK", ".xlsx": b"PK", ".epub": b"PK"}
_CURES = {
    ".doc": ".docx",
    ".docm": ".docx",
    ".odp": ".pptx",
    ".ods": ".xlsx",
    ".odt": ".docx",
    ".pages": ".docx",
    ".ppt": ".pptx",
    ".pptm": ".pptx",
    ".rtf": ".docx",
    ".xls": ".xlsx",
    ".xlsb": ".xlsx",
    ".xlsm": ".xlsx",
}
_SMALL = 1_000_000  # bytes up to which Python's own formats are read in this process
# Controls, marks that reverse the reading direction, and halves of characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """A file's text. ``pages`` holds the offset at which each page begins; empty without pages.

    ``kind`` is the file's suffix without the dot.
    """

    name: str
    text: str
    pages: tuple[int, ...]
    kind: str


def load(path: Path, name: str | None = None, limits: Limits = LIMITS) -> LoadedDocument:
    """Read the file at ``path``; ``name`` is shown for it instead of the path's own.

    Raises:
        DocumentError: the file is missing, empty, too large, of an unknown kind, damaged,
            encrypted, not what its name claims, holds no text, or takes more than ``limits``.

    """
    shown = display_name(name or path.name)
    suffix = _suffix(path, shown)
    data = _read(path, shown, limits.file_bytes)
    _check_signature(data, shown, suffix)
    with _explained(shown, suffix):
        if suffix in formats.OWN and len(data) <= _SMALL:
            pages = list(formats.READERS[suffix](data))
        else:
            pages = WORKERS.read(data, suffix, limits)
    pages = [clean(page) for page in pages]
    text, starts = _join(pages)
    if not text:
        raise DocumentError(_no_text(shown, suffix, len(pages)))
    return LoadedDocument(shown, text, starts if suffix in formats.PAGED else (), suffix[1:])


def display_name(name: str) -> str:
    """Make a name safe to show: no folders, no control or direction characters, ≤ 120 long."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    visible = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs"} else c for c in last)
    return " ".join(visible.split())[-120:].lstrip(". ") or "document"


def clean(text: str) -> str:
    """Normalise line ends and remove what no reader sees; tabs and line breaks stay."""
    text = re.sub(r"\r\n?|\x0c|\x85|\u2028|\u2029", "\n", text)
    return _UNWANTED.sub("", text).strip("\n")


def _suffix(path: Path, shown: str) -> str:
    for candidate in (Path(shown).suffix.lower(), path.suffix.lower()):
        if candidate in formats.READERS:
            return candidate
    suffix = Path(shown).suffix.lower()
    found = f"a {suffix} file" if suffix else "a file without a suffix"
    cure = f" Save it as {_CURES[suffix]} first." if suffix in _CURES else ""
    raise DocumentError(
        f"“{shown}” is {found}, which I cannot read.{cure} I read {', '.join(SUPPORTED)}."
    )


def _read(path: Path, shown: str, limit_bytes: int) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise DocumentError(
                f"“{shown}” is not a file. Give me a file, or add a folder's files."
            )
        if size == 0:
            raise DocumentError(f"“{shown}” is empty (0 bytes). Choose a file that holds text.")
        if size > limit_bytes:
            raise DocumentError(
                f"“{shown}” has {size / 1e6:,.1f} MB; the largest file I read has "
                f"{limit_bytes / 1e6:,.1f} MB. Split it, or raise ASSISTANT_MAX_UPLOAD_MB."
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(
            f"“{shown}” cannot be opened: {reason.lower()}. Check that it exists and is readable."
        ) from error


def _check_signature(data: bytes, shown: str, suffix: str) -> None:
    expected = _SIGNED.get(suffix)
    reach = 1024 if suffix == ".pdf" else 2  # PDF allows other bytes before its own
    if expected is not None and expected in data[:reach]:
        return
    looks_like = next((what for sign, what in _SIGNATURES if data.startswith(sign)), None)
    if looks_like is None and (expected is not None or formats.is_binary(data)):
        looks_like = "plain text" if not formats.is_binary(data) else "binary data"
    if looks_like is not None:
        raise DocumentError(
            f"“{shown}” is named {suffix}, but its content is {looks_like}. "
            "Give me the original file, or name it as what it is."
        )


@contextmanager
def _explained(shown: str, suffix: str) -> Iterator[None]:
    """Turn whatever a format's parser raises into a sentence; damaged files raise anything."""
    try:
        yield
    except formats.UnreadableError as error:
        raise DocumentError(f"“{shown}” cannot be read: {error}") from error
    except RecursionError as error:
        raise DocumentError(
            f"“{shown}” cannot be read: it is nested deeper than any honest file."
        ) from error
    except Exception as error:
        raise DocumentError(
            f"“{shown}” cannot be read as a {suffix} file: it seems to be damaged "
            f"({type(error).__name__}). Open it in its own program and save it again."
        ) from error


def _join(pages: list[str]) -> tuple[str, tuple[int, ...]]:
    """Join the pages with a blank line; return the text and where each page begins in it."""
    starts: list[int] = []
    position = 0
    for page in pages:
        starts.append(position)
        position += len(page) + 2
    text = "\n\n".join(pages)
    return (text, tuple(starts)) if text.strip() else ("", ())


def _no_text(shown: str, suffix: str, pages: int) -> str:
    if suffix == ".pdf":
        count = "1 page" if pages == 1 else f"{pages} pages"
        return (
            f"“{shown}” has {count} but no text: it looks like a scan. Run it through a "
            "text-recognition program (OCR) such as ocrmypdf, and add the result."
        )
    return f"“{shown}” holds no text. Choose a file that does."
