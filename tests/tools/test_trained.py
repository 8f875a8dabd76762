"""A classifier that the user trained is a tool in the chat, with no code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Assistant, Settings, Turn
from assistant.errors import InputError
from assistant.types import Labels
from tests.training.samples import untrained


@pytest.fixture
def patents(tmp_path: Path, tiny_base: str) -> Iterator[Assistant]:
    """An assistant with a tool called patents9."""
    made = Assistant.from_settings(Settings.read([], data_dir=tmp_path, generator="none"))
    untrained(tmp_path, "patents9", ("chemistry", "*physics*"), tiny_base)
    made.models.use("patents9-1")
    yield made
    made.close()


@pytest.mark.parametrize("turn", ["/patents9 A lens of glass.", "Patents9: A lens of glass."])
def test_the_tool_answers_to_its_name(patents: Assistant, turn: str) -> None:
    reply = patents.reply(Turn(turn))
    assert reply.failed is None
    assert (reply.tool, reply.payload) == ("patents9", "A lens of glass.")
    (result,) = reply.results
    assert isinstance(result, Labels)
    assert set(result.scores) == {"chemistry", "*physics*"}
    assert "**chemistry**" in reply.text or r"**\*physics\***" in reply.text


def test_the_tool_is_listed_and_asks_for_its_text(patents: Assistant) -> None:
    assert "patents9" in patents.tools
    assert list(patents.tools)[-1] == "patents9"
    assert len(patents.tools) == len(list(patents.tools))
    assert "/patents9" in patents.reply(Turn("/help")).text
    assert "Which text" in patents.reply(Turn("/patents9")).text


def test_after_a_rollback_there_is_no_such_tool(patents: Assistant) -> None:
    patents.models.rollback("patents9")
    with pytest.raises(InputError, match="There is no command /patents9"):
        patents.route(Turn("/patents9 A lens of glass."))
    with pytest.raises(KeyError):
        patents.tools["patents9"]


def test_a_mistyped_name_is_answered_with_the_right_one(patents: Assistant) -> None:
    with pytest.raises(InputError, match="Did you mean /patents9"):
        patents.route(Turn("/patent9 A lens of glass."))
