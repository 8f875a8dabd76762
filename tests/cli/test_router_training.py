"""What the router learns from a correction."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from assistant.cli.router_training import correction_lines
from assistant.storage import Correction

TOOLS = ("sentiment", "summarization")


def correction(text: str, payload: str, tool: str = "summarization") -> Correction:
    return Correction(text, "sentiment", tool, payload, datetime.now(timezone.utc))


def test_the_material_gives_way_to_a_slot() -> None:
    found = correction_lines(
        [correction("Shrink this: I love it\nso much", "I love it\nso much")], TOOLS
    )
    assert found == ["summarization\tShrink this: {text}"]


def test_line_breaks_and_tabs_keep_the_file_a_table() -> None:
    assert correction_lines([correction("a\tb\r\nc", "")], TOOLS) == ["summarization\ta b\\nc"]


def test_the_last_correction_of_a_text_counts() -> None:
    found = correction_lines([correction("x y", ""), correction("x y", "", "sentiment")], TOOLS)
    assert found == ["sentiment\tx y"]


@pytest.mark.parametrize("text", ["", "  ", "w " * 300])
def test_what_holds_no_instruction_teaches_nothing(text: str) -> None:
    assert correction_lines([correction(text, "")], TOOLS) == []


def test_a_tool_that_is_gone_is_left_out() -> None:
    assert correction_lines([correction("x y", "", "telepathy")], TOOLS) == []
