"""Laws that every tool keeps; a new tool is tested the moment its file exists."""

from __future__ import annotations

import pytest

import assistant.tools
from assistant import Assistant, Options, Sampling, Turn
from assistant.discovery import members
from assistant.events import Done, Failed, Routed, TextDelta, ToolFinished, ToolStarted

TOOLS = sorted(members(assistant.tools))
MATERIAL = [
    "Ada Lovelace wrote to Charles Babbage from London, and she was delighted with his answer.",
    "ok",
    "🙂🙂🙂",
    "\ud83d broken emoji and \x00\x07 control characters",
    "ünïcödé 中文 العربية",
    "<script>alert(1)</script> [x](javascript:alert(1))",
    "The train was late again today. " * 250,
]
SHORT = Options(sampling=Sampling(strategy="greedy", max_tokens=8))


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_describes_itself(name: str) -> None:
    tool = members(assistant.tools)[name]
    assert tool.title
    assert tool.description.endswith("?") or tool.description.endswith(".")
    assert tool.examples
    assert tool.needs in {"text", "nothing"}
    assert tool.needs == "nothing" or tool.ask.endswith((".", "?"))


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("text", MATERIAL, ids=range(len(MATERIAL)))
def test_a_tool_survives_any_text(assistant: Assistant, name: str, text: str) -> None:
    events = list(assistant.stream(Turn(text, tool=name, options=SHORT)))
    assert isinstance(events[0], Routed)
    assert isinstance(events[-1], Done)
    assert not [event for event in events if isinstance(event, Failed)]
    assert any(isinstance(event, TextDelta) and event.text for event in events)


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_starts_and_finishes(assistant: Assistant, name: str) -> None:
    events = list(assistant.stream(Turn(MATERIAL[0], tool=name, options=SHORT)))
    assert ToolStarted(name) in events
    assert [event.tool for event in events if isinstance(event, ToolFinished)] == [name]


@pytest.mark.parametrize("name", [n for n in TOOLS if members(assistant.tools)[n].needs == "text"])
def test_a_tool_without_its_text_asks_for_it(assistant: Assistant, name: str) -> None:
    reply = assistant.reply(Turn(f"/{name}"))
    assert reply.text.strip() == members(assistant_tools())[name].ask
    assert not reply.results


def assistant_tools():  # noqa: ANN201 - the package, whose name the fixture hides in tests
    import assistant.tools as package

    return package
