"""The models trained here: the runs of each name, which one is in use, and which were before it.

``models/NAME/NAME-1/`` in the data directory is a run; its ``model/`` holds the files that are
used, with a manifest of their checksums. ``models/NAME/current.json`` names the run in use; it is
replaced in one step, so that whoever reads it sees the old or the new one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.errors import InputError, ModelError
from assistant.models.encoder import digest
from assistant.private_files import make_folder

MANIFEST, CURRENT, MODEL = "manifest.json", "current.json", "model"
Kind = Literal["adapter", "transformers"]
"""adapter: on the embedded encoder · transformers: a model of its own."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder holds; ``files`` gives the SHA-256 of each."""

    role: str
    kind: Kind
    labels: tuple[str, ...]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """A training run of a role; ``ready`` says that it ended with a model."""

    name: str
    role: str
    folder: Path
    ready: bool
    in_use: bool


def seal(folder: Path, role: str, kind: Kind, labels: Sequence[str]) -> Manifest:
    """Record what ``folder`` holds, so that ``verify`` notices any change."""
    files = {file.name: digest(file) for file in sorted(folder.iterdir()) if file.name != MANIFEST}
    manifest = Manifest(role, kind, tuple(labels), files)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n", "utf-8")
    return manifest


def verify(folder: Path) -> Manifest:
    """Return what the sealed ``folder`` holds.

    Raises:
        ModelError: a file is missing or was changed; names it and its checksum.
    """
    try:
        values = json.loads((folder / MANIFEST).read_text("utf-8"))
        manifest = Manifest(
            values["role"], values["kind"], tuple(values["labels"]), dict(values["files"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{folder / MANIFEST} cannot be read ({type(error).__name__}), so nothing says what "
            "the model's files should be. Train it again."
        ) from error
    for name, recorded in manifest.files.items():
        file = folder / name
        if Path(name).name != name or not file.is_file():
            raise ModelError(
                f"The model file {file} is missing (SHA-256 {recorded[:12]}…). Restore it from a "
                "backup, or train the model again."
            )
        found = digest(file)
        if found != recorded:
            raise ModelError(
                f"The model file {file} was changed: its SHA-256 is {found[:12]}…, but "
                f"{recorded[:12]}… was recorded after training. Restore it from a backup, or "
                "train the model again."
            )
    return manifest


class Versions:
    """The runs in a data directory; every process that uses it sees the same."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "models"

    def roles(self) -> tuple[str, ...]:
        """Return the names that have a run in use, in alphabetical order."""
        return tuple(sorted(file.parent.name for file in self._folder.glob(f"*/{CURRENT}")))

    def runs(self) -> tuple[Run, ...]:
        """Return every run, by name and number."""
        found = []
        for folder in self._folder.glob("*/*-*"):
            role, _, number = folder.name.rpartition("-")
            if folder.is_dir() and number.isdigit() and role == folder.parent.name:
                ready = (folder / MODEL / MANIFEST).is_file()
                found.append(Run(folder.name, role, folder, ready, self._name(role) == folder.name))
        return tuple(sorted(found, key=lambda run: (run.role, int(run.name.rpartition("-")[2]))))

    def new(self, role: str) -> Path:
        """Make the folder of the next run of ``role``."""
        number = 1 + sum(run.role == role for run in self.runs())
        make_folder(self._folder / role)
        while True:
            folder = self._folder / role / f"{role}-{number}"
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                number += 1
            else:
                return folder

    def find(self, name: str) -> Run:
        """Return the run called ``name``.

        Raises:
            InputError: there is none; names those that there are.
        """
        runs = self.runs()
        for run in runs:
            if run.name == name:
                return run
        known = ", ".join(run.name for run in runs) or "none yet"
        raise InputError(f"There is no training run {name!r}. The runs are: {known}.")

    def current(self, role: str) -> Path | None:
        """Return the folder of the model in use for ``role``, or None for the shipped one."""
        name = self._name(role)
        return self._model(role, name) if name else None

    def candidates(self, role: str) -> tuple[Path, ...]:
        """Return the model in use and those used before it, newest first."""
        stack = self._read(role)
        return tuple(self._model(role, name) for name in reversed(stack) if name)

    def use(self, run: Run) -> None:
        """Make the run's model the one in use.

        Raises:
            ModelError: it has no model, or a file is missing or was changed.
        """
        if not run.ready:
            raise ModelError(
                f"The run {run.name} has no model yet: its training did not end. Go on with "
                f"--resume {run.name}."
            )
        verify(run.folder / MODEL)
        try:
            before = self._read(run.role)
        except ModelError:  # this is how a damaged file is mended
            before = []
        self._write(run.role, [*(name for name in before if name != run.name), run.name])

    def rollback(self, role: str) -> str | None:
        """Go back to what was in use before; return its run, or None for the shipped model.

        Raises:
            InputError: nothing trained here is in use.
        """
        stack = self._read(role)
        if not stack:
            raise InputError(
                f"Nothing that was trained here is in use for {role!r}. "
                f"In use are: {', '.join(self.roles()) or 'none'}."
            )
        self._write(role, stack[:-1])
        return stack[-2] if len(stack) > 1 else None

    def _model(self, role: str, name: str) -> Path:
        return self._folder / role / name / MODEL

    def _name(self, role: str) -> str | None:
        stack = self._read(role)
        return stack[-1] if stack else None

    def _read(self, role: str) -> list[str]:
        """Return the runs used so far, the present one last."""
        file = self._folder / role / CURRENT
        try:
            values: Any = json.loads(file.read_text("utf-8"))
            return [str(name) for name in values["runs"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{file} cannot be read ({type(error).__name__}), so it is not known which model "
                f"is in use for {role}. Delete it for the shipped model, or choose one with: "
                "python -m assistant models use RUN"
            ) from error

    def _write(self, role: str, stack: Sequence[str]) -> None:
        file = self._folder / role / CURRENT
        if not stack:
            file.unlink(missing_ok=True)
            return
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"runs": list(stack)}) + "\n", "utf-8")
        draft.replace(file)
