"""Tables of texts, in the spellings that spreadsheets and scripts write."""

from __future__ import annotations

import gzip
from pathlib import Path

import openpyxl
import pyarrow
import pytest
from pyarrow import parquet

from assistant import tables
from assistant.errors import DocumentError

ROWS = (("Straße, lang", "gut"), ('he said "no"', "schlecht"), ("two\nlines", "gut"))


def write(folder: Path, name: str) -> Path:
    """Write ROWS in the format of ``name``."""
    file = folder / name
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in ROWS]
    match file.suffix:
        case ".xlsx":
            book = openpyxl.Workbook()
            for row in (("text", "label"), *ROWS):
                book.active.append(row)  # type: ignore[union-attr]
            book.save(file)
        case ".parquet":
            columns = dict(zip(("text", "label"), map(list, zip(*ROWS, strict=True)), strict=True))
            parquet.write_table(pyarrow.table(columns), file)
        case _:
            delimiter = {".tsv": "\t", ".csv": ";"}[tables.kind(file)]
            lines = [delimiter.join(row) for row in (["text", "label"], *quoted)]
            file.write_text("\n".join(lines), "utf-8")
    return file


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.xlsx", "a.parquet"])
def test_every_format_gives_the_same_rows(name: str, tmp_path: Path) -> None:
    records = tables.read(write(tmp_path, name))
    assert records.columns == ("text", "label")
    assert records.rows == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiter_and_encoding_are_found(delimiter: str, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "export.csv.gz"
    text = (
        f"text{delimiter}label\r\n" + f"déjà vu: a b{delimiter}yes\r\nno way{delimiter}no\r\n" * 9
    )
    file.write_bytes(gzip.compress(text.encode(encoding)))
    records = tables.read(file)
    assert records.columns == ("text", "label")
    assert records.rows[:2] == (("déjà vu: a b", "yes"), ("no way", "no"))


def test_json_lines_may_lack_fields_and_hold_other_things_than_text(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "one", "label": 1}\n\n{"text": "two", "tags": ["a"]}\n')
    records = tables.read(file)
    assert records.columns == ("text", "label", "tags")
    assert records.rows == (("one", "1", ""), ("two", "", '["a"]'))


def test_a_file_without_a_header_numbers_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("good film,pos\nbad film,neg\nfine film,pos\n")
    records = tables.read(file)
    assert records.columns == ("column 1", "column 2")
    assert len(records.rows) == 3


def test_a_cell_may_be_longer_than_the_csv_module_likes(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"text,label\n{'word ' * 40_000},x\n")
    assert len(tables.read(file).rows[0][0]) == 200_000


def test_the_first_row_with_too_many_cells_is_known(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,label\none,a\ntwo,three,b\n")
    assert tables.read(file).uneven == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.jsonl",
            b'{"text": "x"}\n{"text": \n',
            r"cannot be read as JSONL \(row 2 is no JSON, line 2",
        ),
        ("a.json", b'{"text": "x"', r"cannot be read as JSON"),
        ("a.xlsx", b"not a workbook", r"cannot be read as XLSX"),
        ("a.parquet", b"not parquet", r"cannot be read as PARQUET"),
        ("a.csv.gz", b"not gzip", r"cannot be read"),
        ("a.csv", b"", "holds no rows"),
        ("a.csv", b"\x00\x01\x02", "cannot be read as CSV"),
        ("a.pkl", b"x", "no table that I can read"),
    ],
)
def test_a_broken_file_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(DocumentError, match=message):
        tables.read(file)
