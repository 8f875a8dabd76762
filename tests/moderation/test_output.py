"""What is downloaded: every row, every column, and nothing that runs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from assistant.errors import InputError
from assistant.moderation import output
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.moderation.files import open_file
from assistant.types import Span

HOSTILE = ('=HYPERLINK("http://x.test";"a")', "a\u202eb\x00c", "+1;+2", "x" * 40_000, "\ud83d!")


def judged(comment: Comment) -> Judged:
    decision = Decision("block", "insult", "insult is 0.91")
    return Judged(comment, {"insult": 0.91234}, (Span(0, 3, "toxicity", 0.9),), decision)


def rows_of(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        lines = [
            ["" if v is None else str(v) for v in r] for r in sheet.iter_rows(values_only=True)
        ]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    text = path.read_text("utf-8-sig")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl"])
def test_the_columns_of_the_source_are_kept_in_order(suffix: str, tmp_path: Path) -> None:
    given = tmp_path / "in.csv"
    given.write_text("Verdict,verdict,id,Comment Text,likes\nold,older,7,you fool,3\nmere,,\n")
    source = open_file(given)
    comments = list(source.comments())
    path = tmp_path / f"out.{suffix}"
    layout = output.layout_of(source, ("insult",))
    output.write(path, [judged(comments[0]), comments[1]], layout=layout)
    first, second = rows_of(path)
    assert list(first) == [
        *("Verdict", "verdict", "id", "Comment Text", "likes"),
        *("verdict 2", "rule", "reason", "insult", "marked words"),
    ]
    assert {key: str(value) for key, value in first.items()} == {
        **{"Verdict": "old", "verdict": "older", "id": "7", "Comment Text": "you fool"},
        **{"likes": "3", "verdict 2": "block", "rule": "insult", "reason": "insult is 0.91"},
        **{"insult": "0.9123", "marked words": "you"},
    }
    assert second["Verdict"] == "mere"
    assert second["verdict 2"] == ""
    assert "Row 2" in second["reason"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_no_comment_runs_or_hides_in_a_spreadsheet(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"out.{suffix}"
    output.write(path, [judged(Comment(text, fields={text[:9]: text})) for text in HOSTILE])
    found = [row["text"] for row in rows_of(path)]
    assert found[0] == "'" + HOSTILE[0]
    assert found[1:3] == ["abc", "'+1;'+2"]
    assert len(found[3]) == (40_000 if suffix == "csv" else 32_767)
    assert found[4] == "!"


def test_json_lines_keep_every_text_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    output.write(path, [judged(Comment(text)) for text in HOSTILE])
    assert [row["text"] for row in rows_of(path)] == list(HOSTILE)
    assert path.read_bytes().isascii()


def test_a_full_sheet_goes_on_in_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "SHEET_ROWS", 3)
    path = tmp_path / "out.xlsx"
    output.write(path, [judged(Comment(str(number))) for number in range(5)])
    sheets = openpyxl.load_workbook(path).worksheets
    assert [[row[0].value for row in sheet.iter_rows(min_row=2)] for sheet in sheets] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(InputError, match=r"\.csv, \.xlsx or \.jsonl"):
        output.format_of(Path("out.ods"))
