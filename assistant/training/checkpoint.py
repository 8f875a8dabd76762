"""What a broken training needs to go on: weights, optimizer and progress, in one file."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import InputError

if TYPE_CHECKING:
    import torch

SECONDS = 120.0  # between two writes
UNREADABLE = (
    OSError,
    EOFError,
    pickle.UnpicklingError,
    RuntimeError,
    KeyError,
    TypeError,
    ValueError,
)


@dataclass(slots=True)
class State:
    """How far a training is: the loss of every step, examples seen, seconds spent."""

    examples: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)


class Checkpoint:
    """The file of one training, or none at all if ``file`` is None.

    ``plan`` is what the training was asked to do: only a run of the same plan may go on from it.
    """

    def __init__(self, file: Path | None, plan: Mapping[str, float]) -> None:
        self._file = file
        self._plan = dict(plan)
        self._written = time.monotonic()

    def read(self, network: torch.nn.ModuleDict, optimizer: torch.optim.Optimizer) -> State:
        """Put network and optimizer where the last run left them; a fresh state if none did.

        Raises:
            InputError: the file is damaged, or belongs to a run of another plan.
        """
        import torch

        if self._file is None or not self._file.exists():
            return State()
        cure = f"Delete {self._file} to start afresh."
        try:
            found: dict[str, Any] = torch.load(self._file, weights_only=True)
            if found["plan"] != self._plan:
                raise InputError(
                    f"{self._file} holds a broken-off training with other settings or data: "
                    f"{found['plan']} instead of {self._plan}. Give the same ones, or: {cure}"
                )
            network.load_state_dict(found["network"])
            optimizer.load_state_dict(found["optimizer"])
            torch.set_rng_state(found["draws"])
            return State(**found["state"])
        except UNREADABLE as error:
            raise InputError(f"{self._file} is damaged, or no checkpoint. {cure}") from error

    def write_now_and_then(
        self, network: torch.nn.ModuleDict, optimizer: torch.optim.Optimizer, state: State
    ) -> None:
        """Write the file if the last time is long enough ago."""
        if self._file is not None and time.monotonic() - self._written >= SECONDS:
            self.write(network, optimizer, state)

    def write(
        self, network: torch.nn.ModuleDict, optimizer: torch.optim.Optimizer, state: State
    ) -> None:
        """Write the file, whole or not at all."""
        import torch

        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        values = {
            "plan": self._plan,
            "network": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "draws": torch.get_rng_state(),
            "state": asdict(state),
        }
        torch.save(values, part)
        os.replace(part, self._file)
        self._written = time.monotonic()

    def remove(self) -> None:
        """Delete the file of a training that is finished."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)
