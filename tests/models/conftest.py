"""Small checkpoints, each made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.models import checkpoints

Maker = Callable[..., str]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """A function of (family, kind, labels) that returns the folder of such a checkpoint."""

    @cache
    def make(family: str, kind: str = "", labels: tuple[str, ...] = ("a", "b")) -> str:
        folder: Path = tmp_path_factory.mktemp(f"{family}{kind}")
        match family:
            case "bert" | "distilbert":
                name = {"bert": "Bert", "distilbert": "DistilBert"}[family]
                return checkpoints.bert(folder, kind, labels, name)
            case "bart":
                return checkpoints.bart(folder, kind, labels)
            case other:
                return str(getattr(checkpoints, other)(folder))

    return make


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep torch to one thread: several only wait for each other on models so small."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
