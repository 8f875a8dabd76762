"""Builds small documents of every format that the library reads, and its own kinds of damage."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class WordEncoder:
    """An honest small encoder: counts of hashed words. Texts that share words are similar."""

    def __init__(self, dimensions: int = 64, fingerprint: str = "words") -> None:
        self.dimensions = dimensions
        self.fingerprint = fingerprint
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.encoded.extend(texts)
        rows = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[zlib.crc32(word.strip(".,:?!").encode()) % self.dimensions] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pdf(
    pages: Sequence[str], encrypted: bool = False, bookmarks: Sequence[tuple[str, int]] = ()
) -> bytes:
    """Write a PDF with the lines of each page; an empty text makes a page like a scan's.

    ``bookmarks`` are titles, each with the number of its page from 0.
    """
    count = len(pages)
    kids = " ".join(f"{4 + number} 0 R" for number in range(count))
    outline = 4 + 2 * count
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R{f' /Outlines {outline} 0 R' if bookmarks else ''} >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number in range(count):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {4 + count + number} 0 R >>"
        )
    for text in pages:
        shown = "".join(f"({line}) Tj 0 -14 Td " for line in text.split("\n"))
        stream = f"BT /F1 12 Tf 72 700 Td {shown}ET" if text else ""
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    if bookmarks:
        last = outline + len(bookmarks)
        objects.append(f"<< /First {outline + 1} 0 R /Last {last} 0 R /Count {len(bookmarks)} >>")
    for number, (title, page) in enumerate(bookmarks, start=outline + 1):
        following = f" /Next {number + 1} 0 R" if number < outline + len(bookmarks) else ""
        objects.append(
            f"<< /Title ({title}) /Parent {outline} 0 R /Dest [{4 + page} 0 R /Fit]{following} >>"
        )
    parts = ["%PDF-1.4\n"]
    offsets = []
    start = len(parts[0])
    for number, content in enumerate(objects, start=1):
        offsets.append(start)
        parts.append(f"{number} 0 obj\n{content}\nendobj\n")
        start += len(parts[-1])
    body = "".join(parts) + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    body += "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    lock = ""
    if encrypted:
        key = "41" * 32
        lock = f" /Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >>"
        lock += f" /ID [<{'42' * 16}> <{'42' * 16}>]"
    body += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R{lock} >>\nstartxref\n{start}\n%%EOF\n"
    )
    return body.encode("latin-1")


def docx(heading: str, paragraph: str, more: dict[str, str] | None = None) -> bytes:
    """Write a Word document; ``more`` are further parts, or others for the usual ones."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = (
        f'<w:document xmlns:w="{word}"><w:body>'
        f'<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>{heading}</w:t></w:r></w:p>'
        f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p></w:body></w:document>"
    )
    styles = (
        f'<w:styles xmlns:w="{word}"><w:style w:type="paragraph" w:styleId="Heading1">'
        '<w:name w:val="heading 1"/></w:style></w:styles>'
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}.document.main+xml"/>'
            f'<Override PartName="/word/styles.xml" ContentType="{main}.styles+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{office}/styles" Target="styles.xml"/></Relationships>',
            "word/document.xml": document,
            "word/styles.xml": styles,
            **(more or {}),
        }
    )


def epub(title: str, paragraph: str) -> bytes:
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
            'container" version="1.0"><rootfiles><rootfile full-path="book.opf" '
            'media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata>'
            '<manifest><item id="c1" href="one.xhtml" media-type="application/xhtml+xml"/>'
            '</manifest><spine><itemref idref="c1"/></spine></package>',
            "one.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{title}</h1>'
            f"<p>{paragraph}</p></body></html>",
        }
    )


def pptx(slides: Sequence[tuple[str, str]]) -> bytes:
    from pptx import Presentation

    show = Presentation()
    for title, body in slides:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    stream = io.BytesIO()
    show.save(stream)
    return stream.getvalue()


def xlsx(sheet: str, rows: Sequence[Sequence[object]], hidden: str = "") -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    if hidden:
        book.create_sheet(hidden).append([hidden, hidden])
        book[hidden].sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def notebook(text: str) -> bytes:
    cells = [
        {"cell_type": "markdown", "source": ["# Greeting\n", "\n", text], "metadata": {}},
        {"cell_type": "code", "source": "print('hi')", "outputs": [{"text": "an output"}]},
    ]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def archive(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return stream.getvalue()
