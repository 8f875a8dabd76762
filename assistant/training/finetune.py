"""Trains an adapter: the MiniLM encoder's layers, heads and perhaps a feature table, on CPU.

Batches hold texts of like length and about the same number of tokens. The learning rate warms
up, then falls to zero at the last epoch's end or when the minutes are over, whichever is sooner.
A run that is broken off goes on from its last checkpoint.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.models.heads import Head
from assistant.training import network as networks
from assistant.training.checkpoint import Checkpoint, State
from assistant.training.encoding import UNKNOWN, Encoded, Encoding

if TYPE_CHECKING:
    import torch

Progress = Callable[[float, float], None]
"""Called with the share done (0 to 1) and the mean loss since the last call."""
EVERY = 20  # steps between calls of progress


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to train; ``tokens`` is the size of a batch, padding included."""

    epochs: float = 2.0
    minutes: float = 10.0
    rate: float = 2e-4
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
    checkpoint: Path | None = None,
    stop: threading.Event | None = None,
) -> float:
    """Train ``network`` in place and return the mean loss of the last tenth of the steps.

    ``checkpoint`` is written every two minutes and when the user interrupts. If it is there at the
    start, the training goes on from it. It is removed at the end. Setting ``stop``
    ends the training after the step at hand.

    Raises:
        InputError: the checkpoint is damaged, or another plan or other data made it.
    """
    import torch

    torch.manual_seed(plan.seed)
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=plan.rate, weight_decay=0.01, fused=True)
    store = Checkpoint(checkpoint, {**asdict(plan), "examples": len(encoding.sizes)})
    state = store.read(network, optimizer)
    network.train()
    try:
        for done, rows in _schedule(encoding, plan, state):
            if stop is not None and stop.is_set():
                break
            for settings in optimizer.param_groups:
                settings["lr"] = plan.rate_at(done)
            batch = collate(rows, heads)
            loss = networks.loss(networks.forward(network, batch, heads), batch, heads)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            state.losses.append(loss.item())
            state.examples += len(rows)
            store.write_now_and_then(network, optimizer, state)
            if progress and len(state.losses) % EVERY == 0:
                progress(done, sum(state.losses[-EVERY:]) / EVERY)
    except KeyboardInterrupt:
        store.write(network, optimizer, state)
        raise
    network.eval()
    store.remove()
    tail = state.losses[-max(1, len(state.losses) // 10) :]
    return sum(tail) / max(1, len(tail))


def _schedule(
    encoding: Encoding, plan: Plan, state: State
) -> Iterator[tuple[float, list[Encoded]]]:
    """Yield the share done and the next batch until the epochs or the minutes are over.

    What a step sees and draws depends on the seed and its number alone, so that a resumed run
    sees what an unbroken one would have seen.
    """
    total = plan.epochs * len(encoding.sizes)
    before, started = state.seconds, time.monotonic()
    for number, places in enumerate(_endless(encoding.sizes, plan)):
        if number < len(state.losses):  # an earlier run did it
            continue
        state.seconds = before + time.monotonic() - started
        done = max(state.examples / total, state.seconds / (60 * plan.minutes))
        if done >= 1:
            return
        chance = random.Random(f"{plan.seed} {number}")
        yield done, [encoding.encode(place, chance) for place in places]


def _endless(sizes: Sequence[int], plan: Plan) -> Iterator[list[int]]:
    for epoch in itertools.count():
        yield from batches(sizes, plan.tokens, random.Random(f"{plan.seed} {epoch}"))


def tensors(network: torch.nn.ModuleDict) -> dict[str, Any]:
    """Return what was trained as NumPy arrays, named as the run time expects."""
    return {
        name.removeprefix("encoder."): weight.detach().numpy()
        for name, weight in network.named_parameters()
        if weight.requires_grad
    }
