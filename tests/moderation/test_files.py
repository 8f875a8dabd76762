"""Files of comments as people and programs write them, and as nobody should."""

from __future__ import annotations

import gzip
from pathlib import Path

import openpyxl
import pyarrow
import pytest
from pyarrow import parquet

from assistant.errors import DocumentError
from assistant.moderation.comments import Comment
from assistant.moderation.files import attached, open_file
from assistant.moderation.pasted import pasted
from assistant.types import Attachment


def test_a_paste_of_several_comments_is_read_line_by_line() -> None:
    text = "Great!\n\nYou moron.\n"
    assert pasted(text, "moderate these") == ("Great!", "You moron.")
    assert pasted(text, "is this ok") == ("Great!\n\nYou moron.",)
    assert pasted("1. a b\n2. c d", "is it ok") == ("a b", "c d")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,comment\n1,hello there\n2,=cmd()\n"),
        ("b.csv", "id;Comment Text\n1;hello there\n2;=cmd()\n"),
        ("c.csv", "hello there\n=cmd()\n"),
        ("d.jsonl", '{"id": 1, "body": "hello there"}\n{"id": 2, "body": "=cmd()"}\n'),
        ("e.txt", "hello there\n=cmd()\n"),
    ],
)
def test_the_comments_of_a_file_are_found(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    found = attached(Attachment(name, content, path))
    assert found == ("hello there", "=cmd()")


def test_broken_json_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{broken\n")
    with pytest.raises(DocumentError, match="line 1"):
        attached(Attachment("a.jsonl", "", path))


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts(path: Path) -> list[str]:
    return [comment.text for comment in open_file(path).comments()]


def test_the_columns_of_a_youtube_export_are_known(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "export.csv",
        "commentId,authorDisplayName,likeCount,publishedAt,textOriginal,parentId\n"
        "a1,@ada,3,2024-01-02T03:04:05Z,first!,\n"
        "a2,@bob,0,2024-01-02T04:00:00Z,so what?,a1\n",
    )
    source = open_file(path)
    assert source.text_column == "textOriginal"
    assert source.total == 2
    assert list(source.comments())[1] == Comment(
        "so what?", "a2", "@bob", "2024-01-02T04:00:00Z", "a1", {"likeCount": "0"}
    )


def test_a_column_can_be_chosen_and_a_wrong_choice_names_those_that_there_are(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "a.csv", "text,note\nx,why not\ny,because\n")
    assert [c.text for c in open_file(path, column="note").comments()] == ["why not", "because"]
    with pytest.raises(DocumentError, match="its columns are text, note"):
        open_file(path, column="body")


@pytest.mark.parametrize("suffix", ["xlsx", "parquet", "jsonl", "json", "csv.gz", "txt.gz"])
def test_every_format_gives_the_same_comments(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    match suffix:
        case "xlsx":
            book = openpyxl.Workbook()
            for row in (["id", "text"], [1, "déjà vu"], [2, "<b>no</b>"]):
                book.active.append(row)  # type: ignore[union-attr]
            book.save(path)
        case "parquet":
            table = pyarrow.table({"id": [1, 2], "text": ["déjà vu", "<b>no</b>"]})
            parquet.write_table(table, path)
        case "jsonl":
            path.write_text('{"id": 1, "text": "déjà vu"}\n\n{"text": "<b>no</b>", "x": 1}\n')
        case "json":
            path.write_text('{"n": 2, "items": [{"text": "déjà vu"}, {"text": "<b>no</b>"}]}')
        case "csv.gz":
            path.write_bytes(gzip.compress("id;text\r\n1;déjà vu\r\n2;<b>no</b>".encode("cp1252")))
        case "txt.gz":
            path.write_bytes(gzip.compress("déjà vu\n\n<b>no</b>\n".encode()))
    source = open_file(path)
    assert [comment.text for comment in source.comments()] == ["déjà vu", "<b>no</b>"]
    assert source.problems == []


def test_each_bad_row_is_named_and_every_other_one_is_read(tmp_path: Path) -> None:
    rows = (
        b"id,text,likes",
        "1,fine für mich,2".encode(),
        b"2,too,many,cells,3",
        b"3",
        b"4,caf\xe9 in another encoding,0",
        b"5,with\0 a NUL,0",
        b'6,"over two\nlines",0',
        b'7,"never closed,0',
        b"8,the last one,1",
    )
    source = open_file(write(tmp_path, "a.csv", b"\n".join(rows) + b"\n"))
    found = list(source.comments())
    assert [comment.id for comment in found] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert [comment.text for comment in found] == [
        "fine für mich",
        "too",
        "",
        "café in another encoding",
        "with a NUL",
        "over two\nlines",
        '"never closed',
        "the last one",
    ]
    assert found[1].fields == {"likes": "many,cells,3"}
    assert [comment.id for comment in found if comment.problem] == ["3"]
    said = {problem.row: problem.sentence for problem in source.problems}
    assert said.keys() == {2, 3, 4, 5, 7}
    assert "has 5 cells where there are 3 columns" in said[2]
    assert "no comment" in said[3]
    assert "cp1252" in said[4]
    assert "NUL" in said[5]
    assert "opens a quotation mark that nothing closes" in said[7]


def test_a_stray_quotation_mark_does_not_swallow_the_rows_up_to_the_next_one(
    tmp_path: Path,
) -> None:
    lines = ["id,text", '1,"oops', *(f"{n},fine" for n in range(2, 40)), '40,"closed, at last"']
    source = open_file(write(tmp_path, "a.csv", "\n".join(lines)))
    assert len(list(source.comments())) == 40
    assert [problem.row for problem in source.problems] == [1]


def test_comments_without_a_header_lose_none(tmp_path: Path) -> None:
    assert texts(write(tmp_path, "a.csv", "1,hello there\n2,good bye\n")) == [
        "hello there",
        "good bye",
    ]
    assert texts(write(tmp_path, "c.csv", "ada,hello there\nbob,good bye\n")) == [
        "hello there",
        "good bye",
    ]
    assert texts(write(tmp_path, "b.csv", "hello there\ngood bye\n")) == ["hello there", "good bye"]


@pytest.mark.parametrize("content", ["", "\n\n", "id,text\n", "text\n"])
def test_a_file_without_rows_is_refused(content: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="holds no rows"):
        open_file(write(tmp_path, "a.csv", content))


def test_a_million_columns_are_one_problem(tmp_path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(1_000_000))
    path = write(tmp_path, "a.csv", f"text,{names}\nhello{',1' * 1_000_000}\nbye\n")
    source = open_file(path)
    assert [comment.text for comment in source.comments()] == ["hello", "bye"]
    assert len(source.columns) == 501
    assert "20,000 columns" in source.problems[0].sentence


def test_a_cell_of_a_megabyte_is_one_comment(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", f'id,text\n1,"{"line of text " * 80_000}\nend"\n2,short\n')
    assert [len(text) for text in texts(path)] == [1_040_004, 5]


@pytest.mark.parametrize("count", [300, 20_000])
def test_a_file_that_breaks_off_keeps_what_came_before(count: int, tmp_path: Path) -> None:
    rows = "\n".join(f"{number},comment number {number * 7919}" for number in range(count))
    packed = gzip.compress(f"id,text\n{rows}".encode())
    source = open_file(write(tmp_path, "a.csv.gz", packed[: len(packed) * 2 // 3]))
    found = list(source.comments())
    assert len(found) > count // 3
    assert all(not comment.problem for comment in found[:-1])
    assert "nor can what follows" in found[-1].problem


def test_a_broken_line_of_json_stands_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"text": "one"}\n{"text": oops}\n' + "[" * 5000 + "\n")
    found = list(open_file(path).comments())
    assert [bool(comment.problem) for comment in found] == [False, True, True]
    assert found[1].text == '{"text": oops}'


def test_the_fields_of_objects_within_objects_are_columns(tmp_path: Path) -> None:
    answer = (
        '{"kind": "list", "items": [{"id": "a", "snippet": {"topLevelComment": '
        '{"snippet": {"textOriginal": "hi", "authorDisplayName": "@b", "tags": ["x"]}}}}]}'
    )
    (comment,) = open_file(write(tmp_path, "a.json", answer)).comments()
    assert (comment.text, comment.id, comment.author) == ("hi", "a", "@b")
    assert comment.fields == {"snippet.topLevelComment.snippet.tags": '["x"]'}


def test_a_list_that_unpacks_to_more_than_any_honest_one_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"[" + b" " * 210_000_000, compresslevel=1)
    with pytest.raises(DocumentError, match="unpacks to more than 200 MB"):
        open_file(write(tmp_path, "a.json.gz", packed))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0", r"Save or unpack it as \.xlsx first"),
        ("a.csv", bytes(range(256)) * 40, "bytes that no text holds"),
        ("a.xlsx", b"PK\x03\x04 not really", "damaged or cut short"),
    ],
)
def test_what_is_no_table_is_refused(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(DocumentError, match=message):
        open_file(write(tmp_path, name, content))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such file"):
        open_file(tmp_path / "none.csv")
