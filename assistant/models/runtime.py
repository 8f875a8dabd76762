"""Runs a network on input rows: batches of like length, one at a time, on OpenVINO or else torch.

Knows rows and arrays, not texts or labels.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Protocol

import numpy as np

from assistant.models.graph import FEATURES, WORDS, Weights, build
from assistant.models.heads import Head
from assistant.models.layout import Row

log = logging.getLogger(__name__)
Array = np.ndarray[Any, np.dtype[np.float32]]
Tick = Callable[[int], None]
BATCH_TOKENS = 1024  # per batch, padding included: a short text never waits long behind others


class Runtime(Protocol):
    """One network, ready to compute."""

    name: str

    def infer(self, inputs: list[np.ndarray[Any, Any]]) -> list[Array]:
        """Return one array a head for ids, mask, segments and features (texts × tokens)."""


class OpenVinoRuntime:
    """The default: compiled for this processor in a fraction of a second."""

    name = "OpenVINO"

    def __init__(
        self,
        weights: Weights,
        heads: Sequence[Head],
        threads: int,
        exact: bool,
        taps: Sequence[int] = (),
    ) -> None:
        from openvino import Core

        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
        if exact:  # else OpenVINO computes in bfloat16 where the processor can
            options["INFERENCE_PRECISION_HINT"] = "f32"
        model = Core().compile_model(build(weights, heads, exact, taps), "CPU", options)
        self._shared = weights[WORDS]  # the graph reads this array in place
        self._request = model.create_infer_request()
        self._inputs = 4 if FEATURES in weights else 3

    def infer(self, inputs: list[np.ndarray[Any, Any]]) -> list[Array]:
        """See Runtime."""
        outputs = self._request.infer(inputs[: self._inputs])
        return [np.array(array) for array in outputs.to_tuple()]


def open_runtime(
    weights: Weights,
    heads: Sequence[Head],
    threads: int = 0,
    exact: bool = False,
    taps: Sequence[int] = (),
) -> Runtime:
    """Return the fastest runtime that is installed; ``threads`` 0 uses every core.

    For ``taps`` see ``graph.build``.
    """
    try:
        return OpenVinoRuntime(weights, heads, threads, exact, taps)
    except ImportError:
        from assistant.models.torch_runtime import TorchRuntime

        log.warning("OpenVINO is not installed; the task models run on torch, more slowly.")
        return TorchRuntime(weights, heads, taps)


class Runner:
    """Computes rows in batches of like length; may be used from several threads at once."""

    def __init__(self, runtime: Runtime) -> None:
        self.name = runtime.name
        self._runtime = runtime
        self._lock = Lock()

    def run(self, rows: Sequence[Row], tick: Tick | None = None) -> list[list[Array]]:
        """Return, for each row in order, one array a head; a token head's has one line a token.

        ``tick`` is called with the number of rows finished so far.
        """
        results: list[list[Array]] = [[] for _ in rows]
        done = 0
        for group in _groups([len(row[0]) for row in rows]):
            inputs = _pad([rows[place] for place in group])
            with self._lock:
                outputs = self._runtime.infer(inputs)
            for line, place in enumerate(group):
                length = len(rows[place][0])
                results[place] = [
                    array[line, :length] if array.ndim == 3 else array[line] for array in outputs
                ]
            done += len(group)
            if tick:
                tick(done)
        return results


def _groups(lengths: Sequence[int]) -> list[list[int]]:
    groups: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not groups or (len(groups[-1]) + 1) * lengths[place] > BATCH_TOKENS:
            groups.append([])
        groups[-1].append(place)
    return groups


def _pad(rows: Sequence[Row]) -> list[np.ndarray[Any, Any]]:
    """Return ids, mask, segments and features, all int32 of texts × tokens."""
    length = max(len(row[0]) for row in rows)
    ids, mask, segments, features = arrays = [
        np.zeros((len(rows), length), np.int32) for _ in range(4)
    ]
    for line, row in enumerate(rows):
        size = len(row[0])
        ids[line, :size], segments[line, :size], features[line, :size] = row
        mask[line, :size] = 1
    return arrays
