"""Runs a network on input rows: batches of like length, on OpenVINO or else torch.

Knows rows and arrays, not texts or labels.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Protocol

import numpy as np

from assistant.models.graph import FEATURES, WORDS, Weights, build
from assistant.models.heads import Head
from assistant.models.layout import Row

log = logging.getLogger(__name__)
Array = np.ndarray[Any, np.dtype[np.float32]]
Tick = Callable[[int], None]
COARSE = {"DYNAMIC_QUANTIZATION_GROUP_SIZE": 128}  # activations that share a scale; else 32
BATCH_TOKENS = 1024  # per batch, padding included: a short text never waits long behind others


class Runtime(Protocol):
    """One network, ready to compute; ``lanes`` batches at once, while others wait."""

    name: str
    lanes: int

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
        bulk: bool = False,
    ) -> None:
        from openvino import Core

        self.lanes = (threads or cores()) if bulk else 1
        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if bulk:
            options = {"NUM_STREAMS": self.lanes, **COARSE}
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
        if exact:  # else OpenVINO computes in bfloat16 where the processor can
            options["INFERENCE_PRECISION_HINT"] = "f32"
        model = Core().compile_model(build(weights, heads, exact, taps), "CPU", options)
        self._shared = weights[WORDS]  # the graph reads this array in place
        self._requests: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self.lanes):
            self._requests.put(model.create_infer_request())
        self._inputs = 4 if FEATURES in weights else 3

    def infer(self, inputs: list[np.ndarray[Any, Any]]) -> list[Array]:
        """See Runtime."""
        request = self._requests.get()
        try:
            outputs = request.infer(inputs[: self._inputs])
            return [np.array(array) for array in outputs.to_tuple()]
        finally:
            self._requests.put(request)


def open_runtime(
    weights: Weights,
    heads: Sequence[Head],
    threads: int = 0,
    exact: bool = False,
    taps: Sequence[int] = (),
    bulk: bool = False,
) -> Runtime:
    """Return the fastest runtime that is installed; ``threads`` 0 uses every core.

    For ``taps`` see ``graph.build``. ``bulk`` is for many texts at a time: every core computes a
    batch of its own, and activations are rounded more coarsely.
    """
    try:
        return OpenVinoRuntime(weights, heads, threads, exact, taps, bulk)
    except ImportError:
        from assistant.models.torch_runtime import TorchRuntime

        log.warning("OpenVINO is not installed; the task models run on torch, more slowly.")
        return TorchRuntime(weights, heads, taps)


class Runner:
    """Computes rows in batches of like length; may be used from several threads at once."""

    def __init__(self, runtime: Runtime) -> None:
        self.name = runtime.name
        self._runtime = runtime
        self._pool = ThreadPoolExecutor(runtime.lanes) if runtime.lanes > 1 else None

    def run(self, rows: Sequence[Row], tick: Tick | None = None) -> list[list[Array]]:
        """Return, for each row in order, one array a head; a token head's has one line a token.

        ``tick`` is called with the number of rows finished so far.
        """
        groups = _groups([len(row[0]) for row in rows])
        results: list[list[Array]] = [[] for _ in rows]

        def compute(group: list[int]) -> list[Array]:
            return self._runtime.infer(_pad([rows[place] for place in group]))

        spread: Callable[..., Iterator[list[Array]]] = map
        if self._pool and len(groups) > 1:
            spread = self._pool.map
        done = 0
        for group, outputs in zip(groups, spread(compute, groups), strict=True):
            for line, place in enumerate(group):
                length = len(rows[place][0])
                results[place] = [
                    array[line, :length] if array.ndim == 3 else array[line] for array in outputs
                ]
            done += len(group)
            if tick:
                tick(done)
        return results


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
