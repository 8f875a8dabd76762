"""PDF: the text of each page, headings taken from the bookmarks, running heads left out.

PDFium reads a page about twenty times as fast as pdfminer, and keeps the rows of tables in lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from assistant.retrieval.formats.unreadable import UnreadableError

_CUT_WORD = re.compile(r"(?<=[a-z])(?:-|\ufffe|\x02)\n(?=[a-z])")
_HYPHENS = re.compile("[\ufffe\x02]\n?")
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_FEWEST_PAGES = 4  # below this nothing is called a running head
_OFTEN = 0.6  # share of pages from which a first or last line is one
_DEEPEST = 6  # levels of headings


def pdf(data: bytes) -> Iterator[str]:
    """Read the pages of a PDF file."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(_why(str(error))) from error
    with document:
        if not len(document):
            raise UnreadableError("it is damaged: no page can be found in it. Download it again.")
        pages = [_lines(document, number) for number in range(len(document))]
        heads = _running(pages)
        bookmarks = _bookmarks(document)
        for number, lines in enumerate(pages):
            body = [line for place, line in _placed(lines) if (place, _key(line)) not in heads]
            text = "\n".join(_with_headings(body, bookmarks.get(number, [])))
            yield _HYPHENS.sub("", _CUT_WORD.sub("", text))


def _why(error: str) -> str:
    if "password" in error.lower():
        return "it is protected by a password. Save a copy without the password, and add that."
    return "it is damaged: no page can be found in it. Download it again."


def _lines(document: Any, number: int) -> list[str]:
    import pypdfium2

    try:
        page = document[number]
        text: str = page.get_textpage().get_text_bounded()
        page.close()
    except pypdfium2.PdfiumError:
        return []  # one broken page does not hide the others
    return [line.strip() for line in text.replace("\r", "").split("\n") if line.strip()]


def _key(line: str) -> str:
    """Return the line with its numbers alike: page 3 of 20 is page 4 of 20."""
    return _NUMBER.sub("0", line.casefold())


def _placed(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Give each line with 0 if it is the page's first, -1 if it is its last, else 1."""
    for index, line in enumerate(lines):
        yield 0 if index == 0 else -1 if index == len(lines) - 1 else 1, line


def _running(pages: list[list[str]]) -> set[tuple[int, str]]:
    """Return the first and last lines that most pages share."""
    filled = [lines for lines in pages if len(lines) > 1]
    if len(filled) < _FEWEST_PAGES:
        return set()
    counts = Counter((place, _key(lines[place])) for lines in filled for place in (0, -1))
    return {line for line, count in counts.items() if count >= _OFTEN * len(filled)}


def _bookmarks(document: Any) -> dict[int, list[tuple[int, str]]]:
    """Return page number → level and title of the bookmarks that lead to that page."""
    found: dict[int, list[tuple[int, str]]] = {}
    for bookmark in document.get_toc(max_depth=_DEEPEST):
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            found.setdefault(page, []).append((bookmark.level, _squeezed(bookmark.get_title())))
    return found


def _with_headings(lines: list[str], bookmarks: list[tuple[int, str]]) -> list[str]:
    """Make headings of the lines that say what a bookmark to this page says."""
    titles = {title: level for level, title in bookmarks if title}
    marked = []
    for line in lines:
        key = _squeezed(line)
        level = titles.get(key, titles.get(re.sub(r"^[\d.]+", "", key)))
        marked.append(line if level is None else f"\n{'#' * (level + 1)} {line}\n")
    return marked


def _squeezed(title: str) -> str:
    return "".join(title.casefold().split())
