"""One number that makes a classifier's scores honest: kept beside its model, applied at the end.

A text that is read in windows gets the mean of their scores, which is far less sure than it is
right: most windows of a long text say little. Temperature scaling (Guo et al., arXiv:1706.04599)
of that mean mends it and changes no label.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import ModelError

FILE = "calibration.json"
NEUTRAL = 1.0  # leaves the scores as they are


def tempered(shares: np.ndarray[Any, Any], temperature: float) -> np.ndarray[Any, Any]:
    """Return (texts, labels) scores made surer by a temperature below 1, less sure above it."""
    if temperature == NEUTRAL:
        return shares
    logits = np.log(np.maximum(shares, 1e-12)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def write(folder: Path, temperature: float) -> None:
    """Keep the temperature in a model's folder."""
    (folder / FILE).write_text(json.dumps({"temperature": temperature}) + "\n", "utf-8")


def read(folder: Path) -> float:
    """Return the temperature kept in a model's folder; models without one are left as they are.

    Raises:
        ModelError: the file holds no temperature.
    """
    file = folder / FILE
    if not file.is_file():
        return NEUTRAL
    try:
        temperature = float(json.loads(file.read_text("utf-8"))["temperature"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file} holds no temperature. Train the model again.") from error
    if not temperature > 0:
        raise ModelError(f"The temperature in {file} is {temperature}; it must be above 0.")
    return temperature
