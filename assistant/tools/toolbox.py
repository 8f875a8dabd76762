"""Every tool by its name: those of this package, and one for each classifier the user trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import assistant.tools
from assistant.discovery import members
from assistant.router.commands import SHORT
from assistant.tools.tool import Services, Tool
from assistant.tools.trained import TrainedClassifier


class Toolbox(Mapping[str, Tool]):
    """Looks up what is in use at every call, so that a new classifier is a tool at once.

    Attributes:
        members: the tools that are always there.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self.members: dict[str, Tool] = {
            name: kind(services) for name, kind in members(assistant.tools).items()
        }

    def __getitem__(self, name: str) -> Tool:
        if name in self.members:
            return self.members[name]
        if name in self.trained():
            return TrainedClassifier(name, self._services)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from self.members
        yield from self.trained()

    def __len__(self) -> int:
        return len(self.members) + len(self.trained())

    def reserved(self) -> frozenset[str]:
        """Return the names that no training of a classifier may take: they mean something else."""
        own = {*self.trained(), "sentiment", "moderation"}
        others = {"router", "answerability", "baselines", "encoder", "reader"}
        return frozenset({*self, *SHORT, *others} - own)

    def trained(self) -> tuple[str, ...]:
        """Return the names of the tools that the user trained."""
        own = self._services.models.classifiers()
        return tuple(name for name in own if name not in self.members)
