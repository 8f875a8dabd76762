"""What a tool is, and what it may use. Tools know no Gradio, no database and no other tool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from assistant.events import Event
from assistant.types import Route, Turn

if TYPE_CHECKING:
    from assistant.generation.loaded import Generators
    from assistant.models.catalogue import Models
    from assistant.retrieval.library import Library
    from assistant.settings import Settings

# What a tool says first when the generator answers a question that the documents do not.
MEMORY = (
    "**Not from your documents.** They do not answer this; what follows is what the model says "
    "from memory, and it may be wrong.\n\n"
)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a tool may use; each part loads on first use."""

    settings: Settings
    models: Models
    library: Library
    generators: Generators


class Tool(Protocol):
    """Answers the turns that the router sends to it; a class is made with the ``Services``.

    ``needs`` is ``"text"`` when the tool works on material of the user's; then ``ask`` is what it
    says when none was given, and ``run`` is never called with a blank payload. ``roles`` names the
    models it works with; those of the hub are downloaded before ``run``.
    """

    @property
    def name(self) -> str:
        """What the command is called: ``/name``."""

    @property
    def title(self) -> str:
        """What the page calls it."""

    @property
    def description(self) -> str:
        """One question or sentence for ``/help``."""

    @property
    def examples(self) -> tuple[str, ...]:
        """Turns to try."""

    @property
    def needs(self) -> Literal["text", "nothing"]:
        """See above."""

    @property
    def roles(self) -> tuple[str, ...]:
        """See above."""

    @property
    def ask(self) -> str:
        """See above."""

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Yield the answer's events while it is made. Closing the iterator stops the work."""
