"""Where the page takes comments from, and what it says when there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from assistant.errors import AssistantError
from assistant.ui.moderate_intake import Intake


@pytest.fixture
def intake() -> Intake:
    with gr.Blocks():
        return Intake(1000, "")


def given(kind: str, **values: Any) -> list[Any]:
    names = ("text", "upload", "column", "video", "key", "page")
    return [kind, *(values.get(name) for name in names)]


def test_pasted_lines_are_comments_with_the_numbers_of_their_lines(intake: Intake) -> None:
    source = intake.source(*given("paste", text="one\n\n  two  \n"))
    assert [(item.id, item.text) for item in source.comments()] == [("1", "one"), ("3", "two")]


def test_a_file_is_read_by_the_column_that_is_chosen(intake: Intake, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title,text\nHello,a longer text that is found\n", encoding="utf-8")
    source = intake.source(*given("file", upload=str(path), column="title"))
    assert [item.text for item in source.comments()] == ["Hello"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (given("paste", text=" \n "), "no comment yet"),
        (given("file"), "no file yet"),
        (given("video", video="https://example.com/watch?v=1", key="k"), "no address of a YouTube"),
        (given("video", video="https://youtu.be/dQw4w9WgXcQ"), "need a key"),
    ],
)
def test_what_cannot_be_read_is_refused_by_a_sentence(
    intake: Intake, values: list[Any], sentence: str
) -> None:
    with pytest.raises(AssistantError, match=sentence):
        intake.source(*values)
