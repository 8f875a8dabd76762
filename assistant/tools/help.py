"""Lists what can be asked, with examples: the answer to ``/help``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from assistant.events import Event, TextDelta
from assistant.tools.tool import Services
from assistant.types import Route, Turn


class Help:
    """Every tool, what it does, and a turn to try."""

    name: ClassVar[str] = "help"
    title: ClassVar[str] = "Help"
    description: ClassVar[str] = "What can I ask?"
    examples: ClassVar[tuple[str, ...]] = ("/help",)
    needs: ClassVar[Literal["text", "nothing"]] = "nothing"
    roles: ClassVar[tuple[str, ...]] = ()
    ask: ClassVar[str] = ""

    def __init__(self, services: Services) -> None:
        self._services = services

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """List the tools as Markdown."""
        yield TextDelta(
            "Say what you want in your own words, paste or attach the text it is about, "
            "or start with a command:\n"
        )
        from assistant.tools.toolbox import Toolbox  # which holds this tool as well

        for name, tool in Toolbox(self._services).items():
            if name != self.name:
                example = tool.examples[0].replace("\n", " ")
                yield TextDelta(f"\n- `/{name}` {tool.description} For example: *{example}*")
