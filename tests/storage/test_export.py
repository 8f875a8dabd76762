"""CSV that a spreadsheet can only read as data."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.export import to_csv
from assistant.types import Table


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "  =1",
        "\n=1",
        "\u00a0=1",
        "\ufeff=1",
        "\u200b=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "=cmd|' /C calc'!A0",
        '"=1+1',
        "“ +1",
        "\x00=1",
        "\u202e=1",
    ],
)
def test_a_cell_that_could_run_as_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert cells(to_csv(Table(("text",), ((cell,),))))[1][0].startswith("'")


@pytest.mark.parametrize("cell", ["a;=1", "a\t=1", "a\n=1", "a; @x"])
def test_a_formula_after_another_programs_separator_is_stopped_too(cell: str) -> None:
    written = cells(to_csv(Table(("text",), ((cell,),))))[1][0]
    assert written == cell[:2] + "'" + cell[2:]


def test_a_columns_name_cannot_run_either() -> None:
    assert cells(to_csv(Table(("=1",), ()))) == [["'=1"]]


def test_numbers_stay_numbers() -> None:
    assert to_csv(Table(("a", "b"), ((-1, 0.5),))).splitlines()[1] == "-1,0.5"


@pytest.mark.parametrize("text", ["plain", 'a "quoted", one', "two\nlines", "ünï 😀", "a=b", "x-1"])
def test_harmless_text_is_not_changed(text: str) -> None:
    assert cells(to_csv(Table(("text",), ((text,),))))[1] == [text]


def test_what_turns_the_reading_direction_or_is_unseen_is_left_out() -> None:
    assert cells(to_csv(Table(("text",), (("a\u202eb\x1b[31mc\ud83d\x00",),))))[1] == ["ab[31mc"]


@given(st.text())
def test_no_text_whatever_begins_like_a_formula(text: str) -> None:
    written = cells(to_csv(Table(("text",), ((text, 1),))))[1][0]
    assert written.lstrip()[:1] not in set("=+-@＝＋－＠") - {""}
    assert written[:1] not in ("\t", "\r")
