"""Trained weights as small differences from the encoder's: four bits a weight, one scale a row.

A matrix of the encoder becomes ``<name>.steps`` (two weights a byte) and ``<name>.scale``; what
the encoder has not, and every vector, stays whole in half precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from assistant.models.graph import Weights

STEPS, SCALE = ".steps", ".scale"
HIGHEST = 7  # steps run from -7 to 7


def pack(base: Weights, trained: Weights) -> dict[str, np.ndarray[Any, Any]]:
    """Return ``trained`` in its small form."""
    packed = {}
    for name, array in trained.items():
        if name in base and array.ndim == 2:
            change = array.astype(np.float32) - base[name]
            scale = (np.abs(change).max(axis=1, keepdims=True) / HIGHEST).astype(np.float16)
            steps = np.round(change / np.maximum(scale.astype(np.float32), 1e-8))
            codes = (np.clip(steps, -HIGHEST, HIGHEST) + HIGHEST).astype(np.uint8)
            packed[name + STEPS] = codes[:, 0::2] | codes[:, 1::2] << 4
            packed[name + SCALE] = scale
        else:
            packed[name] = array.astype(np.float16)
    return packed


def unpack(base: Weights, packed: Weights) -> dict[str, np.ndarray[Any, Any]]:
    """Return the weights, in single precision, that ``pack`` made small."""
    whole = {}
    for name, array in packed.items():
        if name.endswith(STEPS):
            target = name.removesuffix(STEPS)
            codes = np.stack([array & 15, array >> 4], axis=2).reshape(base[target].shape)
            change = (codes.astype(np.float32) - HIGHEST) * packed[target + SCALE]
            whole[target] = base[target] + change
        elif not name.endswith(SCALE):
            whole[name] = array.astype(np.float32)
    return whole
