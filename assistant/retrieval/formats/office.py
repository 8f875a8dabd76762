"""Word, PowerPoint and EPUB, through markitdown, as Markdown. Nothing is unpacked to disk."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.retrieval.formats.unreadable import UnreadableError

UNPACKED_LIMIT = 400_000_000  # bytes; more than any honest office file, less than a ZIP bomb
_MOST_ENTRIES = 20_000
_SLIDE = re.compile(r"<!-- Slide number: \d+ -->")
_PICTURE = re.compile(r"!\[([^\[\]\n]*)\]\([^()\n]*\)")
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\n]*\)")


def word(data: bytes) -> Iterator[str]:
    """Read a Word document."""
    yield _markdown(data, "DocxConverter", "word/document.xml")


def slides(data: bytes) -> Iterator[str]:
    """Read the slides of a PowerPoint presentation, with their notes."""
    text = _markdown(data, "PptxConverter", "ppt/presentation.xml")
    yield from (slide.strip() for slide in _SLIDE.split(text)[1:])


def epub(data: bytes) -> Iterator[str]:
    """Read the chapters of an EPUB book, in their order."""
    yield _markdown(data, "EpubConverter", "META-INF/container.xml")


def check_archive(data: bytes | Path, part: str) -> None:
    """Refuse what is no ZIP archive with ``part`` in it, or unpacks to more than any document.

    The sizes that an archive states bound what ``zipfile`` ever reads of it.
    """
    try:
        entries = zipfile.ZipFile(data if isinstance(data, Path) else io.BytesIO(data)).infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableError("it is damaged or cut short. Copy or download it again.") from error
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableError(
            "it is protected by a password. Save a copy without the password, and add that."
        )
    if part not in names:
        raise UnreadableError(
            f"it is an archive without {part}, so not what its name says. Give me the original."
        )
    if "META-INF/rights.xml" in names:
        raise UnreadableError("it is protected against copying (DRM). Give me a free copy.")
    if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT or len(names) > _MOST_ENTRIES:
        raise UnreadableError(
            f"it unpacks to more than {UNPACKED_LIMIT // 1_000_000} MB or {_MOST_ENTRIES:,} files. "
            "Split it up first."
        )


def _reader(converter: str) -> Callable[[io.BytesIO], str]:
    import markitdown.converters
    from markitdown import StreamInfo

    def convert(stream: io.BytesIO) -> str:
        made = getattr(markitdown.converters, converter)().convert(stream, StreamInfo())
        return str(made.markdown)

    return convert


def _markdown(data: bytes, converter: str, part: str) -> str:
    check_archive(data, part)
    text = _reader(converter)(io.BytesIO(data))
    return _LINK.sub(r"\1", _PICTURE.sub(r"\1", text))
