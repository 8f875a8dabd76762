"""``moderate``: a file with and without a result, a pipe, and what cannot be done."""

from __future__ import annotations

import csv
import io
import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app

ROWS = "id,text\n1,Thank you for the lovely video\n2,you stupid idiot\n3\n"


def run(*words: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["moderate", *map(str, words)], input=stdin)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(ROWS)
    return path


def test_a_file_gives_a_summary_or_a_result_with_every_row(table: Path, tmp_path: Path) -> None:
    end = ("--data-dir", tmp_path / "data")
    looked = run(table, *end)
    assert (
        "3 comments: 1 to allow, 0 to review, 1 to block, 1 that cannot be read." in looked.stdout
    )
    assert "block\tinsult\tyou stupid idiot" in looked.stdout
    assert "Row 3 has 1 of 2 cells" in looked.stderr

    out = tmp_path / "out.csv"
    done = json.loads(run(table, "--out", out, "--json", *end).stdout)
    assert (done["comments"], done["unread"], done["finished"]) == (3, 1, True)
    text = out.read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["verdict"] for row in rows] == ["allow", "block", ""]


def test_a_pipe_is_answered_line_by_line(tmp_path: Path) -> None:
    result = run("-", "--json", "--data-dir", tmp_path, stdin="you stupid idiot\n\nhello\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["text"], row["verdict"]) for row in rows] == [
        ("you stupid idiot", "block"),
        ("hello", "allow"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.csv",), "no such file"),
        (("-", "--out", "x.csv"), "judged as it comes"),
        (("in.csv", "--column", "body"), "its columns are id, text"),
        (("in.csv", "--out", "x.docx"), r".csv, .xlsx or .jsonl"),
        (("in.csv", "--engine", "ray"), "Add --out FILE"),
        (("https://youtu.be/none",), "no address of a YouTube video"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: tuple[str, ...], said: str, table: Path, tmp_path: Path
) -> None:
    named = [table if word == "in.csv" else word for word in words]
    result = run(*named, "--data-dir", tmp_path)
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_the_command_that_brings_it_is_said(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = run(table, "--engine", "ray", "--out", out, "--data-dir", tmp_path)
    assert result.exit_code == 1
    assert "pip install -r requirements-ray.txt" in result.stderr
