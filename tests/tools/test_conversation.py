from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from assistant import Turn
from assistant.events import Routed, fold
from assistant.settings import Settings
from assistant.tools.conversation import Conversation
from assistant.tools.tool import MEMORY
from assistant.types import Route


def stream(*_: Any) -> Iterator[str]:
    yield "384,400 km."


@pytest.mark.parametrize(("unanswered", "text"), [(False, ""), (True, MEMORY)])
def test_what_the_documents_do_not_hold_is_labelled(unanswered: bool, text: str) -> None:
    generators = SimpleNamespace(stream=stream)
    services: Any = SimpleNamespace(settings=Settings.read([]), generators=generators)
    turn = Turn("How far is the moon?", unanswered=unanswered)
    route = Route("conversation", turn.text)
    reply = fold([Routed(route), *Conversation(services).run(route, turn)])
    assert reply.text == f"{text}384,400 km."
