"""Excel workbooks, row by row; their shared texts are all in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assistant.retrieval.formats import UnreadableError
from assistant.tables.rows import Raw, cell_text


def read(path: Path) -> Iterator[Raw]:
    """Give the rows of the sheet that the workbook opens with; macros and formulas are not run.

    Raises:
        ValueError: it is no workbook, is protected, or unpacks to more than an honest one.
    """
    from openpyxl import load_workbook

    from assistant.retrieval.formats.office import check_archive

    try:
        check_archive(path, "xl/workbook.xml")
    except UnreadableError as error:
        raise ValueError(str(error).rstrip(".")) from error
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.active
        if sheet is None:
            return
        sheet.reset_dimensions()  # those that a file states may be a lie of a million columns
        for row in sheet.iter_rows(values_only=True):
            cells = [cell_text(value) for value in row]
            if any(cells):
                yield Raw(cells)
    finally:
        book.close()
