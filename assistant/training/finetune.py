"""Trains an adapter: LoRA, heads and perhaps a feature table on the MiniLM encoder, on CPU.

Batches hold texts of like length and about the same number of tokens. The learning rate warms
up, then falls to zero at the last epoch's end or when the minutes are over, whichever is sooner.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.models.heads import Head
from assistant.training import network as networks
from assistant.training.encoding import UNKNOWN, Encoded, Encoding

if TYPE_CHECKING:
    import torch

Progress = Callable[[float, float], None]
"""Called with the share done (0 to 1) and the mean loss since the last call."""
EVERY = 20  # steps between calls of progress
CHARACTERS = 4  # about as many make a token


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to train; ``tokens`` is the size of a batch, padding included."""

    epochs: float = 2.0
    minutes: float = 10.0
    rate: float = 6e-4
    tokens: int = 1024
    warmup: float = 0.05  # share of the training
    seed: int = 0

    def rate_at(self, done: float) -> float:
        """Return the learning rate when this share of the training is done."""
        rising, falling = (done + 0.005) / self.warmup, (1 - done) / (1 - self.warmup)
        return self.rate * min(rising, falling)


def batches(sizes: Sequence[int], limit: int, chance: random.Random) -> Iterator[list[int]]:
    """Yield every place once, grouped by like size (padded sum ≤ ``limit``), in random order."""
    groups: list[list[int]] = [[]]
    for place in sorted(range(len(sizes)), key=lambda place: (sizes[place], chance.random())):
        if groups[-1] and (len(groups[-1]) + 1) * sizes[place] > limit:
            groups.append([])
        groups[-1].append(place)
    chance.shuffle(groups)
    yield from groups


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
    encoding: Encoding,
    heads: Sequence[Head],
    plan: Plan,
    progress: Progress | None = None,
) -> float:
    """Train ``network`` in place and return the mean loss of the last tenth of the steps."""
    import torch

    torch.manual_seed(plan.seed)
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=plan.rate, weight_decay=0.01)
    losses: list[float] = []
    network.train()
    for done, rows in _schedule(encoding, plan):
        for settings in optimizer.param_groups:
            settings["lr"] = plan.rate_at(done)
        batch = collate(rows, heads)
        loss = networks.loss(networks.forward(network, batch, heads), batch, heads)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        losses.append(loss.item())
        if progress and len(losses) % EVERY == 0:
            progress(done, sum(losses[-EVERY:]) / EVERY)
    network.eval()
    tail = losses[-max(1, len(losses) // 10) :]
    return sum(tail) / max(1, len(tail))


def _schedule(encoding: Encoding, plan: Plan) -> Iterator[tuple[float, list[Encoded]]]:
    """Yield the share done and the next batch until the epochs or the minutes are over."""
    chance = random.Random(plan.seed)
    limit = plan.tokens * CHARACTERS
    started = time.monotonic()
    total = plan.epochs * len(encoding.sizes)
    seen = 0
    while True:
        for places in batches(encoding.sizes, limit, chance):
            done = max(seen / total, (time.monotonic() - started) / (60 * plan.minutes))
            if done >= 1:
                return
            yield done, [encoding.encode(place) for place in places]
            seen += len(places)


def tensors(network: torch.nn.ModuleDict) -> dict[str, Any]:
    """Return what was trained as NumPy arrays in half precision, named as the run time expects."""
    import numpy as np

    trained = {name: weight.detach().numpy() for name, weight in _trained(network).items()}
    return {name: array.astype(np.float16) for name, array in trained.items()}


def restore(network: torch.nn.ModuleDict, tensors: Mapping[str, Any]) -> None:
    """Put what an earlier training gave into ``network``, to go on from there."""
    import numpy as np
    import torch

    with torch.no_grad():
        for name, weight in _trained(network).items():
            weight.copy_(torch.from_numpy(tensors[name].astype(np.float32)))


def _trained(network: torch.nn.ModuleDict) -> dict[str, torch.nn.Parameter]:
    return {
        name.replace("encoder.base_model.model.", "").replace(".default", ""): weight
        for name, weight in network.named_parameters()
        if weight.requires_grad
    }
