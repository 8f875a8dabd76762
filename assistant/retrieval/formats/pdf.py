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
_BETWEEN = re.compile(r"[\s\-\u00ad\u2010\u2011\ufffe\x02]+")
_NUMBER = re.compile(r"(?<!\d)\d{1,5}(?!\d)")
_FEWEST_PAGES = 4  # below this nothing is called a running head
_OFTEN = 0.6  # share of pages from which a first or last line is one
_CHAPTER = 3  # pages from which it is one if it holds the page's number
_NUMBERING = 14  # characters before a title in its line: 2.1, Appendix A
_DEEPEST = 6  # levels of headings

_Key = tuple[int, str, int | None]  # first or last line, its text, its number less the page's


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
            body = [
                line
                for place, line in _placed(lines)
                if place > 0 or heads.isdisjoint(_keys(place, line, number))
            ]
            text = "\n".join(_with_headings(body or lines, bookmarks.get(number, [])))
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


def _keys(place: int, line: str, page: int) -> Iterator[_Key]:
    """Give what lines have in common that are the same but for the number of their page."""
    yield place, line, None
    for match in _NUMBER.finditer(line):
        rest = f"{line[: match.start()]}#{line[match.end() :]}"
        yield place, rest, int(match[0]) - page


def _placed(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Give each line with 0 if it is the page's first, -1 if it is its last, else 1."""
    for index, line in enumerate(lines):
        yield 0 if index == 0 else -1 if index == len(lines) - 1 else 1, line


def _running(pages: list[list[str]]) -> set[_Key]:
    """Return the first and last lines that most pages share, or some with the page's number."""
    filled = [(page, lines) for page, lines in enumerate(pages) if len(lines) > 1]
    if len(filled) < _FEWEST_PAGES:
        return set()
    counts = Counter(
        key
        for page, lines in filled
        for place in (0, -1)
        for key in _keys(place, lines[place], page)
    )
    return {
        key
        for key, count in counts.items()
        if count >= (_OFTEN * len(filled) if key[2] is None else _CHAPTER)
    }


def _bookmarks(document: Any) -> dict[int, list[tuple[int, str]]]:
    """Return page number → level and title of the bookmarks that lead to that page."""
    found: dict[int, list[tuple[int, str]]] = {}
    for bookmark in document.get_toc(max_depth=_DEEPEST):
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        title = " ".join(bookmark.get_title().split())
        if page is not None and title:
            found.setdefault(page, []).append((bookmark.level, title))
    return found


def _with_headings(lines: list[str], bookmarks: list[tuple[int, str]]) -> list[str]:
    """Make headings of the lines that the bookmarks to this page name, and of nothing else.

    A bookmark whose title stands nowhere on the page becomes a heading above it.
    """
    left = list(bookmarks)
    marked = []
    for line in lines:
        named = next((each for each in left if _names(each[1], line)), None)
        if named is not None:
            left.remove(named)
            marked.append(_heading(named[0], line))
        else:
            marked.append(f"\u00a0{line}" if line.startswith("#") else line)
    return [_heading(level, title) for level, title in left] + marked


def _names(title: str, line: str) -> bool:
    wanted, found = _squeezed(title), _squeezed(line)
    return bool(wanted) and found.endswith(wanted) and len(found) - len(wanted) <= _NUMBERING


def _heading(level: int, title: str) -> str:
    return f"\n{'#' * (level + 1)} {title}\n"


def _squeezed(title: str) -> str:
    """Return a title as it can be compared: bookmarks and lines differ in spaces and hyphens."""
    return _BETWEEN.sub("", title.casefold())
