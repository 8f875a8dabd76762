"""Scores comments on every computer of a Ray cluster; reading, policy and result stay on this one.

A window of texts is cut into blocks, and Ray Data gives them to whoever is free. If a computer is
lost in the midst of it, Ray gives its blocks to another one; this computer takes each text's score
by its number, so that every comment comes out once. Ray is imported only when it is asked for.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError, InputError, ModelError
from assistant.models.moderator import Moderation, Progress
from assistant.settings import PROJECT, Settings
from assistant.types import Span

if TYPE_CHECKING:
    import pyarrow

    from assistant.moderation.scoring import Scorer

BLOCK = 500  # texts that one task scores
SECONDS = 5  # that a cluster has to answer
WINDOW = 50_000  # comments that a batch gives a cluster at once


class ClusterScorer:
    """Scores texts like ``scoring.Scorer``, on a cluster.

    It joins the cluster that ``RAY_ADDRESS`` names, or starts one on this computer. Every computer
    needs Switchboard under the same path, and what ``settings`` name: the data directory where a
    trained model is in use.

    Attributes:
        nodes: a computer's id in the cluster → how many texts it has scored.

    Raises:
        InputError: Ray is not installed, or there is no such cluster.
    """

    def __init__(self, settings: Settings, model: str) -> None:
        self._chosen = json.dumps(
            {
                "profile": settings.profile,
                "models": settings.models,
                "data_dir": str(settings.data_dir.resolve()),
                "threads": 1,
            }
        )
        self._model = model
        self.nodes: Counter[str] = Counter()
        _join()

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        """Return the scores and harmful words of each text in order.

        Raises:
            ModelError: no computer could score them, or one has another model; says which.
        """
        import pyarrow
        import ray

        table = pyarrow.table({"number": range(len(texts)), "text": list(texts)})
        blocks = [table.slice(start, BLOCK) for start in range(0, len(texts), BLOCK)]
        work = ray.data.from_arrow(blocks).map_batches(
            _scored,
            batch_size=None,  # a block as it is
            batch_format="pyarrow",
            fn_kwargs={"chosen": self._chosen, "model": self._model},
            num_cpus=1,
        )
        found: dict[int, Moderation] = {}
        try:
            for part in work.iter_batches(batch_size=None, batch_format="pyarrow"):
                for row in part.to_pylist():
                    found[row["number"]] = _unpacked(row["found"])
                    self.nodes[row["node"]] += 1
                if progress:
                    progress(len(found), len(texts))
        except ray.exceptions.RayError as error:
            raise ModelError(_reason(error)) from error
        return [found[number] for number in range(len(texts))]


def _join() -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise InputError(
            "Ray is not installed. Install it with: pip install -r requirements-ray.txt"
        ) from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    if ray.is_initialized():
        return
    address = os.environ.get("RAY_ADDRESS", "")
    try:
        _check(address)
        ray.init(
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level="ERROR",
            runtime_env={"env_vars": {"PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}},
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise InputError(
            f"The Ray cluster {address or 'of this computer'} cannot be joined "
            f"({str(error).splitlines()[0].rstrip('.')}). Start one with: ray start --head"
        ) from error


def _check(address: str) -> None:
    """Find out whether anybody answers there, for which Ray itself takes minutes.

    Raises:
        ConnectionError: nobody does.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():  # “auto”
        return
    try:
        socket.create_connection((host, int(port)), SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ConnectionError("nobody answers there") from error


def _scored(batch: pyarrow.Table, chosen: str, model: str) -> pyarrow.Table:
    """Score a block of texts, on whichever computer this runs."""
    import pyarrow
    import ray

    found = _scorer(chosen, model).score(batch["text"].to_pylist())
    node = ray.get_runtime_context().get_node_id()
    return pyarrow.table(
        {
            "number": batch["number"],
            "found": [json.dumps(asdict(moderation)) for moderation in found],
            "node": [node] * len(found),
        }
    )


@lru_cache(maxsize=1)
def _scorer(chosen: str, model: str) -> Scorer:
    """Return the scorer of this process, with the very model that the batch began with.

    Raises:
        ModelError: this computer has another one.
    """
    from assistant.environment import prepare
    from assistant.models.catalogue import Models
    from assistant.moderation.scoring import Scorer

    settings = Settings.read(None, **json.loads(chosen))
    prepare(settings)
    models = Models(settings)
    if models.fingerprint("moderation") != model:
        raise ModelError(
            f"A computer of the cluster has another moderation model in {settings.data_dir}. Give "
            "every computer the same Switchboard and the same data directory."
        )
    return Scorer(models.moderation)


def _unpacked(text: str) -> Moderation:
    value: dict[str, Any] = json.loads(text)
    return Moderation(value["scores"], tuple(Span(**span) for span in value["spans"]))


def _reason(error: BaseException) -> str:
    """Return what went wrong on the cluster; our own sentence, where it was one."""
    cause = getattr(error, "cause", None) or error.__cause__
    if isinstance(cause, AssistantError):
        return str(cause)
    return (
        f"The Ray cluster could not score the comments ({type(cause or error).__name__}). Look at "
        "ray status; the same command goes on from where it stopped."
    )
