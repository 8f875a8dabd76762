"""An adapter on disk and its marriage with the encoder's weights.

A folder holds ``adapter.safetensors`` (the encoder's layers as differences, heads, perhaps a
feature table) and ``config.json``, which records the checksum of that file and of the encoder it
was trained on, so that neither a damaged file nor another encoder goes unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import ModelError
from assistant.models.encoder import Encoder, digest, read_weights
from assistant.models.graph import Weights
from assistant.models.heads import Head
from assistant.models.packing import pack, unpack
from assistant.models.runtime import Runner, open_runtime

CONFIG, WEIGHTS = "config.json", "adapter.safetensors"
CURE = "Restore the folder from the repository, or train the role again."


@dataclass(frozen=True, slots=True)
class Adapter:
    """What was trained: whole weights by name, and what is needed to use them.

    ``calibration`` and ``thresholds`` belong to the role; ``figures`` are the results measured
    after training. ``scale`` multiplies each LoRA product.
    """

    role: str
    heads: tuple[Head, ...]
    tensors: Weights
    scale: float = 1.0
    calibration: Mapping[str, list[float]] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)


def save(adapter: Adapter, folder: Path, encoder: Encoder, whole: bool = False) -> None:
    """Write the adapter to ``folder``, which is made if need be.

    ``whole`` keeps half precision (20 MB) instead of four bits a weight (5 MB): rounding to these
    would undo what little a short training changes.
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: array.astype(np.float16) for name, array in adapter.tensors.items()}
    save_file(halves if whole else pack(encoder.weights, adapter.tensors), folder / WEIGHTS)
    values = {name: value for name, value in asdict(adapter).items() if name != "tensors"}
    values |= {"encoder": encoder.fingerprint, "sha256": digest(folder / WEIGHTS)}
    (folder / CONFIG).write_text(json.dumps(values, indent=2) + "\n", "utf-8")


def load(folder: Path, encoder: Encoder) -> Adapter:
    """Return the adapter in ``folder``.

    Raises:
        ModelError: a file is missing or damaged, or it was trained on another encoder.
    """
    config = _config(folder / CONFIG)
    found = digest(folder / WEIGHTS)
    if found != config["sha256"]:
        raise ModelError(
            f"The model file {folder / WEIGHTS} is damaged: its SHA-256 is {found[:12]}…, but "
            f"{config['sha256'][:12]}… was recorded when it was trained. {CURE}"
        )
    if encoder.fingerprint != config["encoder"]:
        raise ModelError(
            f"The adapter in {folder} was trained on the encoder {config['encoder'][:12]}…, but "
            f"{encoder.fingerprint[:12]}… is installed. Install requirements.txt again, or train "
            "the role again."
        )
    return Adapter(
        config["role"],
        tuple(Head(head["name"], head["kind"], tuple(head["labels"])) for head in config["heads"]),
        unpack(encoder.weights, read_weights(folder / WEIGHTS)),
        config["scale"],
        config["calibration"],
        config["thresholds"],
        config["figures"],
    )


def _config(file: Path) -> Any:
    try:
        config = json.loads(file.read_text("utf-8"))
        missing = {"role", "heads", "scale", "sha256", "encoder", "thresholds"} - set(config)
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"The model description {file} cannot be read ({error}). {CURE}"
        ) from error
    if missing:
        raise ModelError(f"The model description {file} lacks {', '.join(sorted(missing))}. {CURE}")
    return config


def merge(base: Weights, adapter: Adapter) -> dict[str, np.ndarray[Any, Any]]:
    """Return the encoder's weights with the adapter's in their place or added."""
    merged = dict(base)
    for name, array in adapter.tensors.items():
        if name.endswith(".lora_A.weight"):
            target = name.replace(".lora_A.weight", ".weight")
            other = adapter.tensors[name.replace(".lora_A.", ".lora_B.")]
            product = other.astype(np.float32) @ array.astype(np.float32)
            merged[target] = base[target] + adapter.scale * product
        elif ".lora_B." not in name:
            merged[name] = array.astype(np.float32)
    return merged


def open_adapter(
    adapter: Adapter, encoder: Encoder, threads: int = 0, exact: bool = False, bulk: bool = False
) -> Runner:
    """Return the adapted encoder, ready to compute rows; for ``bulk`` see ``open_runtime``."""
    weights = merge(encoder.weights, adapter)
    return Runner(open_runtime(weights, adapter.heads, threads, exact, bulk=bulk))
