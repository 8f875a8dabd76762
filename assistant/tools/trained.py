"""Sorts a text into the classes of a model that the user trained: one such tool for each model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from assistant.events import Event, Resulted, TextDelta
from assistant.tools.tool import Services
from assistant.types import Labels, Route, Turn


class TrainedClassifier:
    """The class of a text, with the score of each. No member of the package: see ``toolbox``."""

    needs: Literal["text", "nothing"] = "text"
    roles: tuple[str, ...] = ()
    description = "Which class does your own model give a text?"

    def __init__(self, name: str, services: Services) -> None:
        self.name = name
        self.title = name.replace("_", " ").capitalize()
        self.examples = (f"/{name} Paste the text here.",)
        self.ask = f"Which text should I sort by {self.title}? Paste it, or attach a file."
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Score the payload; long texts are read whole."""
        scores = self._models.classifier(self.name).predict([route.payload])[0]
        label = max(scores, key=scores.__getitem__)
        yield TextDelta(f"{self.title}: **{_plain(label)}** ({scores[label]:.0%}).")
        yield Resulted(Labels(label, scores))


def _plain(label: str) -> str:
    """Return a label of the user's data so that no Markdown in it has an effect."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|~!" else sign for sign in label)
