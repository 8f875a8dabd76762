"""How far a batch came: a file beside its result that outlives a crash at any point.

The result grows in ``OUT.part``. After each window of comments it is written to the disk, and then
a line of the journal says how many comments and bytes of it are good. A batch that goes on cuts
the part to those bytes, so that no row is there twice and none is missing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from assistant.errors import InputError, StorageError


@dataclass(frozen=True, slots=True)
class Job:
    """What must be the same for a batch to go on: the input, who judges, and how it is written."""

    source: str  # the file's fingerprint
    policy: str
    model: str
    form: str  # format and columns


@dataclass(frozen=True, slots=True)
class State:
    """How much of the result is done and on the disk."""

    comments: int = 0
    bytes: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)
    finished: bool = False


class Journal:
    """The journal and the part of the result ``out``; open both with ``opened``."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.part = out.with_name(f"{out.name}.part")
        self._file = out.with_name(f"{out.name}.journal")

    @contextmanager
    def opened(self, job: Job, overwrite: bool) -> Iterator[State]:
        """Give the state from which the batch goes on; one batch at a time writes a result.

        Raises:
            InputError: the result is there already, is being written, or is of another job.
            StorageError: its folder cannot be written to.
        """
        lock = FileLock(f"{self._file}.lock")
        try:
            with lock.acquire(blocking=False):
                yield self._state(job, overwrite)
                with suppress(OSError):  # where an open file cannot be removed
                    Path(lock.lock_file).unlink()
        except Timeout:
            raise InputError(
                f"{self.out} is being written by another program. Wait for it, or choose another "
                "--out."
            ) from None
        except OSError as error:
            raise StorageError(
                f"{self.out} cannot be written: {error.strerror or error}. Choose another --out; "
                "what is done so far goes on from where it stopped."
            ) from error

    def append(self, part: BinaryIO, state: State) -> None:
        """Record a state of the open part, when what it speaks of is on the disk."""
        part.flush()
        os.fsync(part.fileno())
        self._write(asdict(state), "ab")

    def end(self, convert: Callable[[Path, Path], None] | None = None) -> None:
        """Put the finished part in the place of the result, and forget how it came about.

        ``convert`` makes another file of it first.
        """
        if self.part.exists():
            made = self.part
            if convert:
                made = self.out.with_name(f"{self.out.name}.made")
                convert(self.part, made)
            made.replace(self.out)
            self.part.unlink(missing_ok=True)
        self._file.unlink()

    def _state(self, job: Job, overwrite: bool) -> State:
        lines = self._lines()
        if overwrite or not lines:
            if self.out.exists() and not overwrite:
                raise InputError(
                    f"{self.out} is there already. Choose another --out, or add --overwrite."
                )
            self.part.write_bytes(b"")
            self._write(asdict(job), "wb")
            return State()
        changed = [name for name, value in asdict(job).items() if lines[0].get(name) != value]
        if changed:
            raise InputError(
                f"{self.out} was begun with {_other(changed[0])}, so its rows would not fit "
                "together. Go on as it was begun, choose another --out, or begin anew with "
                "--overwrite."
            )
        state = State(**lines[-1]) if len(lines) > 1 else State()
        if not state.finished:
            self._cut(state.bytes)
        return state

    def _lines(self) -> list[dict[str, Any]]:
        """Return what the journal says, but for a last line that a crash cut short."""
        if not self._file.exists():
            return []
        lines = self._file.read_bytes().split(b"\n")
        try:
            return [json.loads(line) for line in lines[:-1]]
        except ValueError as error:
            raise InputError(
                f"{self._file}, which says how far it came, is damaged. Begin anew with "
                "--overwrite."
            ) from error

    def _cut(self, size: int) -> None:
        found = self.part.stat().st_size if self.part.exists() else -1
        if found < size or found < 0:
            raise InputError(
                f"{self.part}, the part that is done, is shorter than it was. Begin anew with "
                "--overwrite."
            )
        os.truncate(self.part, size)

    def _write(self, line: Mapping[str, Any], mode: str) -> None:
        with self._file.open(mode) as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _other(what: str) -> str:
    return {
        "source": "another input, or the input has changed since",
        "policy": "another policy",
        "model": "another moderation model",
        "form": "another format or other columns",
    }[what]
