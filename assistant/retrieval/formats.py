"""One reader for each file format: bytes in, the text of each page out.

Formats without pages give one. Word, PowerPoint, EPUB and HTML become Markdown through
markitdown; spreadsheets and records become one line for each row, each value beside its column.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

Reader = Callable[[bytes], Iterable[str]]

_UNPACKED_LIMIT = 400_000_000  # bytes; more than any honest office file, less than a ZIP bomb
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"
_BOILERPLATE = ("script", "style", "noscript", "template", "nav", "footer", "aside", "form")
_DECORATION = ("button", "iframe", "svg", "img")
_LATIN = (
    "Basic Latin",
    "Control",
    "Latin",
    "General Punctuation",
    "Currency",
    "Letterlike",
    "Spacing",
    "Box",
)
_SLIDE = re.compile(r"<!-- Slide number: \d+ -->")


class UnreadableError(Exception):
    """A file cannot be read for a reason that its reader knows; the message ends a sentence."""


def is_binary(data: bytes) -> bool:
    """Say whether ``data`` cannot be text in any encoding that text files come in."""
    sample = data[:65536]
    if any(data.startswith(bom) for bom, _ in _BOMS) or _utf16_order(sample):
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"\0" in sample or controls > max(8, len(sample) * 0.02)


def decode(data: bytes) -> str:
    """Decode text of unknown encoding: byte-order mark, UTF-8, UTF-16, then the likeliest one."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_utf16_order(data[:65536]) or _likeliest(data), "replace")


def _utf16_order(sample: bytes) -> str | None:
    """Western text in UTF-16 has a zero in nearly every other byte."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < 2 or abs(even - odd) < half * 0.5 or min(even, odd) > half * 0.05:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _likeliest(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:65536]).best()
    if best is None or all(name.startswith(_LATIN) for name in best.alphabets):
        return "cp1252"  # among Latin encodings a guess from few bytes is worse than the commonest
    return best.encoding


def _text(data: bytes) -> Iterator[str]:
    yield decode(data)


def _pdf(data: bytes) -> Iterator[str]:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LTTextContainer
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    pages = 0
    try:
        for page in extract_pages(io.BytesIO(data)):
            pages += 1
            boxes = [box.get_text().strip() for box in page if isinstance(box, LTTextContainer)]
            text = "\n\n".join(box for box in boxes if box)
            yield re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)  # a word cut at the line's end
    except PDFPasswordIncorrect as error:
        raise UnreadableError(
            "it is protected by a password. Save a copy without the password, and add that."
        ) from error
    if not pages:
        raise UnreadableError("it is damaged: no page can be found in it. Download it again.")


def _html(data: bytes) -> Iterator[str]:
    from bs4 import BeautifulSoup
    from markitdown.converters import HtmlConverter

    soup = BeautifulSoup(data, "html.parser")
    for element in soup([*_BOILERPLATE, *_DECORATION]):
        element.decompose()
    for link in soup("a"):
        link.unwrap()
    yield HtmlConverter().convert_string(str(soup)).markdown


def _office(converter: str, part: str) -> Reader:
    """Make a reader for a zipped format that holds ``part``, by markitdown's ``converter``."""

    def read(data: bytes) -> Iterator[str]:
        import markitdown.converters
        from markitdown import StreamInfo

        _check_archive(data, part)
        stream = io.BytesIO(data)
        yield getattr(markitdown.converters, converter)().convert(stream, StreamInfo()).markdown

    return read


def _slides(data: bytes) -> Iterator[str]:
    for text in _office("PptxConverter", "ppt/presentation.xml")(data):
        yield from (slide.strip() for slide in _SLIDE.split(text)[1:])


def _check_archive(data: bytes, part: str) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableError("it is damaged or cut short. Copy or download it again.") from error
    if part not in {entry.filename for entry in entries}:
        raise UnreadableError(
            f"it is an archive without {part}, so not what its name says. Give me the original."
        )
    if sum(entry.file_size for entry in entries) > _UNPACKED_LIMIT:
        raise UnreadableError(
            f"it unpacks to more than {_UNPACKED_LIMIT // 1_000_000} MB. Split it up first."
        )


def _workbook(data: bytes) -> Iterator[str]:
    from openpyxl import load_workbook

    _check_archive(data, "xl/workbook.xml")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheets = []
    for sheet in book.worksheets:
        cells = ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))
        sheets.append(f"## {sheet.title}\n\n{_records(cells)}")
    yield "\n\n".join(sheets)


def _csv(data: bytes) -> Iterator[str]:
    text = decode(data)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:8192], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    yield _records(csv.reader(io.StringIO(text, newline=""), dialect))


def _json(data: bytes) -> Iterator[str]:
    text = decode(data)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"its JSON breaks off at line {error.lineno}, column {error.colno} "
            f"({error.msg.lower()}). Mend it there and add it again."
        ) from error
    rows = value if isinstance(value, list) else [value]
    yield "\n".join(_record(row) for row in rows)


def _json_lines(data: bytes) -> Iterator[str]:
    rows = []
    for number, line in enumerate(decode(data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append(_record(json.loads(line)))
        except json.JSONDecodeError as error:
            raise UnreadableError(
                f"line {number} is not JSON ({error.msg.lower()}). Mend it and add the file again."
            ) from error
    yield "\n".join(rows)


def _record(value: Any) -> str:
    if not isinstance(value, dict):
        return _cell(value)
    return " · ".join(f"{key}: {_cell(item)}" for key, item in value.items() if item is not None)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else None
    if text is None:
        text = json.dumps(value, ensure_ascii=False, default=str).strip('"')
    return " ".join(text.split())


def _records(rows: Iterable[Sequence[str]]) -> str:
    """Write each row as ``column: value · column: value``; the first row names the columns."""
    filled = ([cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row))
    header = next(filled, None)
    if header is None:
        return ""
    lines = []
    for row in filled:
        names = header + [f"column {number + 1}" for number in range(len(header), len(row))]
        pairs = zip(names, row, strict=False)
        lines.append(
            " · ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
        )
    return "\n".join(lines or [" · ".join(cell for cell in header if cell)])


READERS: dict[str, Reader] = {
    ".csv": _csv,
    ".docx": _office("DocxConverter", "word/document.xml"),
    ".epub": _office("EpubConverter", "META-INF/container.xml"),
    ".htm": _html,
    ".html": _html,
    ".json": _json,
    ".jsonl": _json_lines,
    ".md": _text,
    ".pdf": _pdf,
    ".pptx": _slides,
    ".tsv": _csv,
    ".txt": _text,
    ".xlsx": _workbook,
}
PAGED = frozenset({".pdf", ".pptx"})
