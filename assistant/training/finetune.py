"""Trains an adapter: LoRA, feature table and heads on the MiniLM encoder, on CPU.

Batches hold texts of like length and about the same number of tokens. The learning rate warms
up, then falls to zero at the last epoch's end or when the minutes are over, whichever is sooner.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.models.heads import Head
from assistant.training import network as networks
from assistant.training.encoding import UNKNOWN, Encoded

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)
Progress = Callable[[float, float], None]
"""Called with the share done (0 to 1) and the mean loss since the last call."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to train."""

    epochs: float = 2.0
    minutes: float = 10.0
    rate: float = 6e-4
    tokens: int = 1024  # per batch, padding included
    warmup: float = 0.05  # share of the training
    seed: int = 0


def batches(rows: Sequence[Encoded], tokens: int, chance: random.Random) -> Iterator[list[Encoded]]:
    """Yield every row once, in batches of like length whose order is random."""
    order = sorted(range(len(rows)), key=lambda place: (len(rows[place].ids), chance.random()))
    groups: list[list[int]] = [[]]
    for place in order:
        if groups[-1] and (len(groups[-1]) + 1) * len(rows[place].ids) > tokens:
            groups.append([])
        groups[-1].append(place)
    chance.shuffle(groups)
    for group in groups:
        yield [rows[place] for place in group]


def collate(rows: Sequence[Encoded], heads: Sequence[Head]) -> networks.Batch:
    """Return the rows padded to one length."""
    import torch

    length = max(len(row.ids) for row in rows)

    def padded(name: str) -> torch.Tensor:
        lists = [getattr(row, name) for row in rows]
        return torch.tensor([items + [0] * (length - len(items)) for items in lists])

    mask = torch.tensor([[1] * len(row.ids) + [0] * (length - len(row.ids)) for row in rows])
    targets = {}
    for head in heads:
        values: list[Any] = [row.targets[head.name] for row in rows]
        if head.kind in {"tags", "marks"}:
            fill = UNKNOWN if head.kind == "tags" else float("nan")
            values = [items + [fill] * (length - len(items)) for items in values]
        targets[head.name] = torch.tensor(values)
    return networks.Batch(padded("ids"), mask, padded("segments"), padded("features"), targets)


def finetune(
    network: torch.nn.ModuleDict,
    rows: Sequence[Encoded],
    heads: Sequence[Head],
    plan: Plan,
    progress: Progress | None = None,
) -> float:
    """Train in place and return the mean loss of the last tenth of the steps."""
    import torch

    torch.manual_seed(plan.seed)
    chance = random.Random(plan.seed)
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=plan.rate, weight_decay=0.01)
    steps = max(
        1, round(plan.epochs * sum(1 for _ in batches(rows, plan.tokens, random.Random(0))))
    )
    started, losses = time.monotonic(), []
    network.train()
    for step, group in enumerate(_endless(rows, plan.tokens, chance)):
        done = max(step / steps, (time.monotonic() - started) / (60 * plan.minutes))
        if done >= 1:
            break
        factor = min(done / plan.warmup, (1 - done) / (1 - plan.warmup)) if done else 0.01
        for settings in optimizer.param_groups:
            settings["lr"] = plan.rate * max(factor, 0.01)
        batch = collate(group, heads)
        loss = networks.loss(networks.forward(network, batch, heads), batch, heads)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        losses.append(loss.item())
        if progress and step % 20 == 19:
            progress(done, sum(losses[-20:]) / 20)
    network.eval()
    tail = losses[-max(1, len(losses) // 10) :]
    return sum(tail) / max(1, len(tail))


def _endless(
    rows: Sequence[Encoded], tokens: int, chance: random.Random
) -> Iterator[list[Encoded]]:
    while True:
        yield from batches(rows, tokens, chance)


def tensors(network: torch.nn.ModuleDict) -> dict[str, Any]:
    """Return what was trained as NumPy arrays in half precision, by name."""
    import numpy as np

    return {
        name.replace("encoder.base_model.model.", "").replace(".default", ""): weight.detach()
        .numpy()
        .astype(np.float16)
        for name, weight in network.named_parameters()
        if weight.requires_grad
    }


def checkpoint(network: torch.nn.ModuleDict, file: Path) -> None:
    """Write what was trained to a safetensors file."""
    from safetensors.numpy import save_file

    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors(network), file)
