"""The models that were trained here and put in use, whatever they were trained from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from assistant.errors import ModelError
from assistant.models import temperature
from assistant.models.adapter import load
from assistant.models.classifier import Classifier
from assistant.models.encoder import Encoder
from assistant.models.fine_tuned import FineTuned
from assistant.models.runtime import Tick
from assistant.models.versions import MODEL, Run, Versions, verify

log = logging.getLogger("assistant")


class TextClassifier(Protocol):
    """One label of several for a text."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What every prediction scores."""

    @property
    def runtime(self) -> str:
        """What computes it, for doctor."""

    def predict(self, texts: Sequence[str], tick: Tick | None = None) -> list[dict[str, float]]:
        """Return label → score for each text; a text's scores add up to 1."""


Opener = Callable[..., Any]
"""Makes the run-time model of a role from adapter, encoder and number of threads."""


class Trained:
    """Opens what is in use, and notices when that changes, by this process or by another."""

    def __init__(self, data_dir: Path, encoder: Callable[[], Encoder], threads: int) -> None:
        self._versions = Versions(data_dir)
        self._encoder = encoder
        self._threads = threads
        self._opened: dict[str, Path | None] = {}  # role → what was in use when it was opened

    def roles(self) -> tuple[str, ...]:
        """Return the roles and tools that such a model fills."""
        return self._versions.roles()

    def folder(self, role: str) -> Path | None:
        """Return the folder of the model in use; None for the shipped one."""
        try:
            return self._versions.current(role)
        except ModelError:  # ``open`` logs it, and the shipped model serves
            return None

    def open(self, role: str, opener: Opener | None) -> tuple[Path, Any] | None:
        """Return the model in use and its folder, or None for the shipped one.

        If it is damaged, the log says so and the model in use before it takes its place.

        Args:
            role: what the model is to do.
            opener: makes the model of an adapter with other heads than a classifier's.

        Raises:
            ModelError: no model that was in use can be opened; says what is wrong with the last.
        """
        reasons: list[ModelError] = []
        try:
            folders = self._versions.candidates(role)
        except ModelError as error:
            log.warning("%s", error)
            raise
        self._opened[role] = folders[0] if folders else None
        for folder in folders:
            try:
                return folder, open_trained(folder, role, self._encoder, opener, self._threads)
            except ModelError as error:
                log.warning("%s", error)
                reasons.append(error)
        if reasons:
            raise reasons[0]
        return None

    def use(self, name: str, opener: Callable[[str], Opener | None]) -> Run:
        """Put a run's model in use, once it has been opened without fault.

        Raises:
            InputError: there is no such run.
            ModelError: it has no model, or one that cannot be used; nothing has changed then.
        """
        run = self._versions.find(name)
        if run.ready:
            model = run.folder / MODEL
            open_trained(model, run.role, self._encoder, opener(run.role), self._threads)
        self._versions.use(run)
        return run

    def rollback(self, role: str) -> str | None:
        """See Versions."""
        return self._versions.rollback(role)

    def changed(self) -> tuple[str, ...]:
        """Return the opened roles for which another model is in use by now."""
        return tuple(role for role, was in self._opened.items() if self._now(role) != was)

    def _now(self, role: str) -> Path | None:
        try:
            return self._versions.current(role)
        except ModelError as error:
            log.warning("%s", error)
            return self._opened[role]


def open_trained(
    folder: Path,
    role: str,
    encoder: Callable[[], Encoder],
    opener: Opener | None = None,
    threads: int = 0,
) -> Any:
    """Return the model in ``folder``, ready for ``role``; ``encoder`` is asked if it is an adapter.

    Raises:
        ModelError: a file is missing or was changed, or the model does not fit the role.
    """
    manifest = verify(folder)
    if manifest.kind == "transformers":
        return _as(role, FineTuned(folder))
    adapter = load(folder, encoder())
    if [head.kind for head in adapter.heads] == ["choice"]:
        scale = temperature.read(folder)
        return _as(role, Classifier(adapter, encoder(), threads, temperature=scale))
    if opener is None or manifest.role != role:
        raise ModelError(f"The model in {folder} was trained for {manifest.role}, not for {role}.")
    return opener(adapter, encoder(), threads)


def _as(role: str, classifier: TextClassifier) -> Any:
    from assistant.models.label_moderator import LabelModerator

    return LabelModerator(classifier) if role == "moderation" else classifier
