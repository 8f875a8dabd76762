"""What a training of a text classifier is told, and what it tells on the way: frozen values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.errors import InputError
from assistant.training.bases import EMBEDDED, Method

WINDOWS = 4_000  # that a small data set is shown, repeats included
FEWEST_EPOCHS, MOST_EPOCHS = 3.0, 20.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to train.

    ``base`` is ``embedded``, a model's name on the hub, or its folder. ``method`` is ``lora``
    (small added matrices learn) or ``full`` (everything does). ``epochs`` and ``learning_rate``
    are chosen by the amount of data and by the base if None. ``patience`` is how many validations
    without a better loss end the training; ``minutes`` end it in any case, None never. A long
    text is learned from at most ``windows`` of its windows, spread evenly.
    """

    base: str = EMBEDDED
    method: Method = "lora"
    epochs: float | None = None
    learning_rate: float | None = None
    batch_size: int = 16
    seed: int = 0
    patience: int = 3
    minutes: float | None = None
    windows: int = 8

    def epochs_for(self, count: int) -> float:
        """Return how often ``count`` windows are gone through."""
        return self.epochs or min(MOST_EPOCHS, max(FEWEST_EPOCHS, WINDOWS / count))

    def check(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            InputError: names the option, its value and the range.
        """
        ranges: dict[str, tuple[float | None, float, float]] = {
            "epochs": (self.epochs, 0.01, 1000),
            "learning_rate": (self.learning_rate, 1e-7, 1.0),
            "batch_size": (self.batch_size, 1, 1024),
            "patience": (self.patience, 1, 1000),
            "minutes": (self.minutes, 0.01, 100_000),
            "windows": (self.windows, 1, 10_000),
        }
        for name, (value, low, high) in ranges.items():
            if value is not None and not low <= value <= high:
                words = name.replace("_", " ").capitalize()
                raise InputError(
                    f"{words} {value:g} is out of range: it must be {low:g} to {high:g}."
                )


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of a training: the share done (0 to 1), and what was measured then."""

    done: float
    loss: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds_left: float | None


Progress = Callable[[Point], None]
