"""One reader for each file format: bytes in, the text of each page out.

Formats without pages give one. Readers know nothing of files, names or limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from assistant.retrieval.formats import office, pdf, plain, records, web
from assistant.retrieval.formats.plain import decode, encoding_of, is_binary
from assistant.retrieval.formats.unreadable import UnreadableError

__all__ = [
    "OWN",
    "PAGED",
    "READERS",
    "ROWS",
    "Reader",
    "UnreadableError",
    "decode",
    "encoding_of",
    "is_binary",
]

Reader = Callable[[bytes], Iterable[str]]

READERS: dict[str, Reader] = {
    ".csv": records.table,
    ".docx": office.word,
    ".epub": office.epub,
    ".htm": web.html,
    ".html": web.html,
    ".ipynb": plain.notebook,
    ".json": records.records,
    ".jsonl": records.record_lines,
    ".markdown": plain.markdown,
    ".md": plain.markdown,
    ".mdx": plain.markdown,
    ".pdf": pdf.pdf,
    ".pptx": office.slides,
    ".tsv": records.table,
    ".txt": plain.text,
    ".xlsx": records.workbook,
}
PAGED = frozenset({".pdf", ".pptx"})
ROWS = frozenset({".csv", ".json", ".jsonl", ".tsv", ".xlsx"})  # a line is a row
# Read with Python's own means, without a foreign parser.
OWN = frozenset({".csv", ".ipynb", ".json", ".jsonl", ".markdown", ".md", ".mdx", ".tsv", ".txt"})
