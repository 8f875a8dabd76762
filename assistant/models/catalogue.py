"""Which model fills which role, loaded when first asked for, once, and shared by all threads."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

from assistant.errors import ModelError
from assistant.models import hub
from assistant.models.adapter import WEIGHTS, load
from assistant.models.classifier import Classifier
from assistant.models.encoder import Encoder
from assistant.models.moderator import Moderator
from assistant.models.reader import Reader
from assistant.models.segmenter import Segmenter
from assistant.models.tagger import Tagger
from assistant.models.trained import Opener, TextClassifier, Trained
from assistant.models.versions import Run
from assistant.settings import Settings

EMBEDDED = Path(__file__).resolve().parent / "embedded"
ROLES = ("sentiment", "entities", "reader", "moderation")
KINDS: dict[str, tuple[Callable[..., Any], Callable[[str], Any] | None]] = {  # embedded, hub
    "sentiment": (Classifier, hub.HubClassifier),
    "entities": (Tagger, hub.HubTagger),
    "reader": (Reader, hub.HubReader),
    "moderation": (Moderator, hub.HubModerator),
    "segmenter": (Segmenter, None),
}

log = logging.getLogger("assistant")


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

    A model that the user trained and put in use (see ``versions``) is taken before the shipped
    one. If it is damaged, the one before it serves, and the log says why.

    Raises:
        ModelError: on first use of a role whose files are missing or damaged.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = RLock()
        self._loaded: list[Loaded] = []
        self._trained = Trained(settings.data_dir, lambda: self.encoder, settings.threads)
        self._classifiers: dict[str, TextClassifier] = {}

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

    @cached_property
    def segmenter(self) -> Segmenter:
        """Turn → its material and the tools it asks for."""
        model: Segmenter = self._shared("segmenter")
        return model

    def classifiers(self) -> tuple[str, ...]:
        """Return the names of the classifiers that the user trained beside the roles."""
        return tuple(name for name in self._trained.roles() if name not in KINDS)

    def classifier(self, name: str) -> TextClassifier:
        """Return one of those that ``classifiers`` names."""
        with self._lock:
            if name not in self._classifiers:
                self._classifiers[name] = self._open(name)
            return self._classifiers[name]

    def use(self, run: str) -> Run:
        """Put the model of a training run in use, at once and after a restart.

        Raises:
            InputError: there is no such run.
            ModelError: its model is missing, damaged or unfit; the one in use stays.
        """
        found = self._trained.use(run, _opener)
        self.refresh()
        return found

    def rollback(self, role: str) -> str | None:
        """Go back to the model used before; return its run, or None for the shipped one.

        Raises:
            InputError: nothing that was trained here is in use for ``role``.
        """
        before = self._trained.rollback(role)
        self.refresh()
        return before

    def refresh(self) -> None:
        """Take up what was put in use or rolled back since, by this process or by another.

        A model that cannot be opened is logged, and the one in memory goes on serving.
        """
        with self._lock:
            for name in self._trained.changed():
                held: dict[str, Any] = self.__dict__ if name in KINDS else self._classifiers
                try:
                    held[name] = self._open(name)
                except ModelError as error:
                    log.warning("%s", error)

    def loaded(self) -> list[Loaded]:
        """Return the models in memory, in the order in which they were loaded."""
        with self._lock:
            return list(self._loaded)

    def folder(self, role: str) -> Path:
        """Return the folder of the adapter that fills ``role``."""
        return self._trained.folder(role) or EMBEDDED / role

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
        if (model := self._open_trained(role)) is not None:
            return model
        if role not in KINDS:
            raise ModelError(
                f"No model is in use for {role}. Choose one of your training runs with: "
                "python -m assistant models use RUN"
            )
        embedded, larger = KINDS[role]
        if larger and self._settings.profile == "hub":
            started = time.perf_counter()
            model = larger(hub.NAMES[role])
            self._loaded.append(
                Loaded(role, hub.NAMES[role], model.runtime, 0.0, time.perf_counter() - started)
            )
            return model
        encoder, folder = self.encoder, EMBEDDED / role
        started = time.perf_counter()
        model = embedded(load(folder, encoder), encoder, self._settings.threads)
        self._note(role, folder / WEIGHTS, model.runtime, started)
        return model

    def _open_trained(self, role: str) -> Any:
        """Return what the user trained, or None where the shipped model serves."""
        started = time.perf_counter()
        try:
            found = self._trained.open(role, _opener(role))
        except ModelError:
            if role in KINDS:  # the log has it, and the shipped model is sound
                return None
            raise
        if found is None:
            return None
        folder, model = found
        weights = max(folder.glob("*.safetensors"), key=lambda file: file.stat().st_size)
        self._note(role, weights, model.runtime, started)
        return model

    def _note(self, role: str, file: Path, runtime: str, started: float) -> None:
        seconds = time.perf_counter() - started
        size = file.stat().st_size / 2**20
        self._loaded.append(Loaded(role, str(file.parent), runtime, size, seconds))


def _opener(role: str) -> Opener | None:
    return KINDS[role][0] if role in KINDS else None
