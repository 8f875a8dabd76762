"""Which model fills which role, loaded when first asked for, once, and shared by all threads."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelError, SettingsError
from assistant.models.adapter import load
from assistant.models.encoder import Encoder, digest
from assistant.models.hub_files import Bytes, fetch, get
from assistant.models.roles import ROLES
from assistant.models.trained import Opener, TextClassifier, Trained
from assistant.models.versions import Run
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.models.blanks import HubBlanks
    from assistant.models.classifier import Classifier
    from assistant.models.entailment import HubEntailment
    from assistant.models.hub import HubClassifier, HubModerator, HubReader, HubTagger
    from assistant.models.label_matcher import LabelMatcher
    from assistant.models.moderator import Moderator
    from assistant.models.reader import Reader
    from assistant.models.segmenter import Segmenter
    from assistant.models.seq2seq import HubSummarizer, HubTranslator
    from assistant.models.tagger import Tagger

EMBEDDED = Path(__file__).resolve().parent / "embedded"
PROFILES = ("embedded", "hub")

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
        SettingsError: at once, when ``settings.models`` names an unknown role.
        ModelError: on first use of a role that nothing fills, or whose files are missing or
            damaged.
    """

    def __init__(self, settings: Settings) -> None:
        known = [role for role, kind in ROLES.items() if kind.hub]
        if unknown := sorted(settings.models.keys() - set(known)):
            raise SettingsError(
                f"The setting ASSISTANT_MODELS (--models) names the role {unknown[0]!r}; the roles "
                f"are {', '.join(known)}. Write role=name, such as translator=hub."
            )
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
    def sentiment(self) -> Classifier | HubClassifier:
        """Text → negative, neutral, positive."""
        model: Classifier | HubClassifier = self._shared("sentiment")
        return model

    @cached_property
    def entities(self) -> Tagger | HubTagger:
        """Text → PER, ORG, LOC, MISC spans."""
        model: Tagger | HubTagger = self._shared("entities")
        return model

    @cached_property
    def reader(self) -> Reader | HubReader:
        """Question and contexts → answers."""
        model: Reader | HubReader = self._shared("reader")
        return model

    @cached_property
    def moderation(self) -> Moderator | HubModerator:
        """Comments → scores per category and harmful words."""
        model: Moderator | HubModerator = self._shared("moderation")
        return model

    @cached_property
    def segmenter(self) -> Segmenter:
        """Turn → its material and the tools it asks for."""
        model: Segmenter = self._shared("segmenter")
        return model

    @cached_property
    def zero_shot(self) -> LabelMatcher | HubEntailment:
        """Text and labels of the user's own → scores."""
        model: LabelMatcher | HubEntailment = self._shared("zero_shot")
        return model

    @cached_property
    def summarizer(self) -> HubSummarizer:
        """Text → a summary in other words."""
        model: HubSummarizer = self._shared("summarizer")
        return model

    @cached_property
    def translator(self) -> HubTranslator:
        """Sentences → sentences of another language."""
        model: HubTranslator = self._shared("translator")
        return model

    @cached_property
    def fill_mask(self) -> HubBlanks:
        """Text with blanks → words for them."""
        model: HubBlanks = self._shared("fill_mask")
        return model

    def source(self, role: str) -> str:
        """Return the name of the hub model or folder that fills ``role``; none if embedded."""
        chosen = self._settings.models.get(role)
        if chosen is None and self._trained.folder(role):
            return ""
        chosen = chosen or self._settings.profile
        if chosen in PROFILES:
            return ROLES[role].model if chosen == "hub" else ""
        return chosen

    def label(self, role: str) -> str:
        """Return what fills ``role`` as records name it: shipped, a training run, a hub model."""
        folder = None if role in self._settings.models else self._trained.folder(role)
        return folder.parent.name if folder else self.source(role) or "shipped"

    def fingerprint(self, role: str) -> str:
        """Return what tells the model that fills ``role`` from every other one, by its content."""
        if source := self.source(role):
            return source
        return " ".join(digest(file) for file in sorted(self.folder(role).glob("*.safetensors")))

    def offers(self, role: str) -> bool:
        """Say whether anything fills ``role``."""
        return ROLES[role].embedded or bool(self.source(role))

    def fetch(self, role: str) -> Generator[Bytes]:
        """Download the model of ``role`` if it is not here, yielding the bytes done and in all."""
        if role not in self.__dict__ and (source := self.source(role)):
            yield from fetch(source)

    def classifiers(self) -> tuple[str, ...]:
        """Return the names of the classifiers that the user trained beside the roles."""
        return tuple(name for name in self._trained.roles() if name not in ROLES)

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
                held: dict[str, Any] = self.__dict__ if name in ROLES else self._classifiers
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
        self._note("encoder", encoder.folder, runtime, started)
        return encoder

    def _shared(self, role: str) -> Any:
        with self._lock:
            if role not in self.__dict__:  # else another thread was first
                self.__dict__[role] = self._open(role)
            return self.__dict__[role]

    def _open(self, role: str) -> Any:
        if role not in self._settings.models and (model := self._open_trained(role)) is not None:
            return model
        if role not in ROLES:
            raise ModelError(
                f"No model is in use for {role}. Choose one of your training runs with: "
                "python -m assistant models use RUN"
            )
        kind = ROLES[role]
        if (source := self.source(role)) and kind.hub:
            started = time.perf_counter()
            model = kind.hub(source)
            self._note(role, get(source), model.runtime, started)
            return model
        encoder, folder = self.encoder, EMBEDDED / role
        started = time.perf_counter()
        if kind.plain:
            model = kind.plain(encoder)
            self._note(role, encoder.folder, model.runtime, started)
        elif kind.adapter:
            model = kind.adapter(load(folder, encoder), encoder, self._settings.threads)
            self._note(role, folder, model.runtime, started)
        else:
            raise ModelError(missing(role))
        return model

    def _open_trained(self, role: str) -> Any:
        """Return what the user trained, or None where the shipped model serves."""
        started = time.perf_counter()
        try:
            found = self._trained.open(role, _opener(role))
        except ModelError:
            if role in ROLES:  # the log has it, and the shipped model is sound
                return None
            raise
        if found is None:
            return None
        folder, model = found
        self._note(role, folder, model.runtime, started)
        return model

    def _note(self, role: str, folder: Path, runtime: str, started: float) -> None:
        seconds = time.perf_counter() - started
        size = sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 2**20
        self._loaded.append(Loaded(role, str(folder), runtime, size, seconds))


def _opener(role: str) -> Opener | None:
    return ROLES[role].adapter if role in ROLES else None


def missing(role: str) -> str:
    """Return the sentences for a role that nothing fills: which settings would."""
    kind = ROLES[role]
    name = kind.model.partition("@")[0]
    return (
        f"This needs a model that does not ship with Switchboard. Start with --models {role}=hub "
        f"to download {name} once (about {kind.megabytes} MB; after that it works offline), with "
        f"--models {role}=NAME for another model, or with --profile hub for the larger models of "
        "every role."
    )
