"""Which model fills which role, loaded when first asked for, once, and shared by all threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

from assistant.models import hub
from assistant.models.adapter import WEIGHTS, load
from assistant.models.classifier import Classifier
from assistant.models.encoder import Encoder
from assistant.models.moderator import Moderator
from assistant.models.reader import Reader
from assistant.models.tagger import Tagger
from assistant.settings import Settings

EMBEDDED = Path(__file__).resolve().parent / "embedded"
ROLES = ("sentiment", "entities", "reader", "moderation")
KINDS: dict[str, tuple[Callable[..., Any], Callable[[str], Any]]] = {  # embedded, hub
    "sentiment": (Classifier, hub.HubClassifier),
    "entities": (Tagger, hub.HubTagger),
    "reader": (Reader, hub.HubReader),
    "moderation": (Moderator, hub.HubModerator),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is in memory: its role, where it came from, what runs it, and the cost."""

    role: str
    model: str
    runtime: str
    megabytes: float  # of its files
    seconds: float  # to load


class Models:
    """The models of a profile; each attribute loads on first use.

    An adapter that the user trained (in the data directory) is taken before the shipped one.

    Raises:
        ModelError: on first use of a role whose files are missing or damaged.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = RLock()
        self._loaded: list[Loaded] = []

    @cached_property
    def encoder(self) -> Encoder:
        """Texts → vectors."""
        with self._lock:
            return self.__dict__.get("encoder") or self._open_encoder()

    @cached_property
    def sentiment(self) -> Classifier | hub.HubClassifier:
        """Text → negative, neutral, positive."""
        model: Classifier | hub.HubClassifier = self._shared("sentiment")
        return model

    @cached_property
    def entities(self) -> Tagger | hub.HubTagger:
        """Text → PER, ORG, LOC, MISC spans."""
        model: Tagger | hub.HubTagger = self._shared("entities")
        return model

    @cached_property
    def reader(self) -> Reader | hub.HubReader:
        """Question and contexts → answers."""
        model: Reader | hub.HubReader = self._shared("reader")
        return model

    @cached_property
    def moderation(self) -> Moderator | hub.HubModerator:
        """Comments → scores per category and harmful words."""
        model: Moderator | hub.HubModerator = self._shared("moderation")
        return model

    def loaded(self) -> list[Loaded]:
        """Return the models in memory, in the order in which they were loaded."""
        with self._lock:
            return list(self._loaded)

    def folder(self, role: str) -> Path:
        """Return the folder of the adapter that fills ``role``."""
        own = self._settings.data_dir / "models" / role
        return own if own.is_dir() else EMBEDDED / role

    def _open_encoder(self) -> Encoder:
        started = time.perf_counter()
        encoder = Encoder(threads=self._settings.threads)
        runtime = encoder.runner.name
        self._note("encoder", encoder.folder / "model.safetensors", runtime, started)
        return encoder

    def _shared(self, role: str) -> Any:
        with self._lock:
            if role not in self.__dict__:  # else another thread was first
                self.__dict__[role] = self._open(role)
            return self.__dict__[role]

    def _open(self, role: str) -> Any:
        embedded, larger = KINDS[role]
        folder = self.folder(role)
        if self._settings.profile == "hub" and folder == EMBEDDED / role:
            started = time.perf_counter()
            model = larger(hub.NAMES[role])
            self._loaded.append(
                Loaded(role, hub.NAMES[role], model.runtime, 0.0, time.perf_counter() - started)
            )
            return model
        encoder = self.encoder
        started = time.perf_counter()
        model = embedded(load(folder, encoder), encoder, self._settings.threads)
        self._note(role, folder / WEIGHTS, model.runtime, started)
        return model

    def _note(self, role: str, file: Path, runtime: str, started: float) -> None:
        seconds = time.perf_counter() - started
        size = file.stat().st_size / 2**20
        self._loaded.append(Loaded(role, str(file.parent), runtime, size, seconds))
