from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from assistant import Message, Options, Turn
from assistant.errors import GeneratorError
from assistant.events import Progress, Resulted
from assistant.models.catalogue import Models
from assistant.tools.summarization import Summarization
from assistant.types import Route, Text

TEXT = (
    "The council of Marlow approved a bridge over the river on Monday. "
    "The bridge will cost the town 4 million pounds. "
    "It will open in spring 2027, said the engineer Priya Shah. "
    "A dog slept through the debate."
)
EXTRACT = TEXT.split(" A dog", maxsplit=1)[0]


class Writer:
    """Generators of which each says what it is told to, or fails."""

    def __init__(self, says: str | None) -> None:
        self._says = says

    def stream(self, name: str | None, messages: Sequence[Message], sampling: Any) -> Iterator[str]:
        if self._says is None:
            raise GeneratorError("The generator is not there.")
        yield from self._says.split(" ")[:1]
        yield self._says[len(self._says.split(" ")[0]) :]


def summary(models: Models, says: str | None, instruction: str = "in three sentences") -> Text:
    tool = Summarization(SimpleNamespace(models=models, generators=Writer(says)))  # type: ignore[arg-type]
    route = Route("summarization", TEXT, instruction=instruction)
    events = list(tool.run(route, Turn(TEXT, options=Options(rephrase=True))))
    assert any(isinstance(event, Progress) for event in events)
    results = [event.result for event in events if isinstance(event, Resulted)]
    assert len(results) == 1
    assert isinstance(results[0], Text)
    return results[0]


def test_wording_that_keeps_the_facts_is_shown(models: Models) -> None:
    said = "On Monday the council of Marlow approved a bridge over the river."
    shown = summary(models, said)
    assert shown.text == said
    assert "checked" in shown.caption


@pytest.mark.parametrize(
    "says",
    [
        "On Monday the council of Marlow approved a bridge. The bridge costs 5 million pounds.",
        "The council of Marlow approved a bridge, said Boris Carter.",
        "On Monday the council of Marlow approved a bridge. Elephants are the largest animals.",
        "On Monday the council of Marlow did not approve a bridge over the river.",
        "",
        None,
    ],
    ids=["a wrong number", "a new name", "a new claim", "a denial", "nothing", "no generator"],
)
def test_wording_that_changes_a_fact_gives_way_to_the_extract(
    models: Models, says: str | None
) -> None:
    shown = summary(models, says)
    assert shown.text == EXTRACT
    assert "checked" not in shown.caption


@pytest.mark.parametrize(
    ("instruction", "count"),
    [("in one sentence", 1), ("in 2 sentences", 2), ("the gist", 1), ("longer", 4)],
)
def test_the_length_is_the_one_asked_for(models: Models, instruction: str, count: int) -> None:
    shown = summary(models, None, instruction)
    assert shown.caption.startswith(f"{count} of 4 sentences")
