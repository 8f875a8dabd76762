"""Trains the segmenter: a small network on the frozen encoder's states, from composed turns.

Its run-time counterpart, without torch, is ``assistant.models.segmenter``; a test holds that both
compute the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.models.encoder import Encoder
from assistant.models.heads import FEATURES
from assistant.models.layout import Row, join_turn, turn_places
from assistant.models.runtime import Runner, open_runtime
from assistant.models.segmenter import ASKED, DILATIONS, KERNEL, TAPS, WIDE, read_turn
from assistant.training.datasets import Text
from assistant.training.finetune import Progress

if TYPE_CHECKING:
    import torch

WIDTH = 128
EPOCHS = 5
TOKENS = 4_096  # a batch, padding included
RATE, WARMUP = 1.5e-3, 50  # learning rate, and the steps in which it rises
DROPPED = 0.1
UNKNOWN = -1.0
OUTSIDE = -9.0  # below every state: padding never is the maximum
EVERY = 10  # steps between calls of progress


@dataclass(frozen=True, slots=True)
class Example:
    """A turn as the network sees it: states (tokens × width), features, and what is true."""

    states: np.ndarray[Any, np.dtype[np.float16]]
    features: Sequence[int]
    marks: Sequence[float]
    asked: Sequence[float]


def prepare(turns: Sequence[Text], encoder: Encoder) -> list[Example]:
    """Return the turns with the encoder's states, about 150 KB each."""
    rows: list[Row] = []
    marks: list[list[float]] = []
    for turn in turns:
        tokens, opens = read_turn(turn.text, encoder.tokenizer)
        start, end = turn.marks[0] if turn.marks else (0, 0)
        inside = [
            float(first < end and start < last)
            for first, last in zip(tokens.starts, tokens.ends, strict=True)
        ]
        places = turn_places(len(tokens))
        rows.append(join_turn(tokens, opens))
        marks.append([inside[place] if place >= 0 else UNKNOWN for place in places])
    states = Runner(open_runtime(encoder.weights, (), taps=TAPS)).run(rows)
    return [
        Example(
            np.concatenate(taps, axis=1).astype(np.float16),
            row[2],
            mark,
            [turn.scores[name] for name in ASKED],
        )
        for taps, row, mark, turn in zip(states, rows, marks, turns, strict=True)
    ]


def train(
    examples: Sequence[Example], seed: int, progress: Progress | None = None
) -> tuple[dict[str, np.ndarray[Any, Any]], float]:
    """Return the weights of a network that learned ``examples``, in half precision, and the mean
    loss of the last epoch.
    """
    import torch

    torch.manual_seed(seed)
    network = build(examples[0].states.shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    groups = _groups(examples)
    total = EPOCHS * len(groups)
    losses: list[float] = []
    network.train()
    for step, group in enumerate(_schedule(groups, seed)):
        for settings in optimizer.param_groups:
            settings["lr"] = RATE * min(1.0, (step + 1) / WARMUP) * (1 - step / total)
        loss = _loss(network, [examples[place] for place in group])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if progress and step % EVERY == 0:
            progress(step / total, sum(losses[-EVERY:]) / len(losses[-EVERY:]))
    tensors = {
        name: weight.detach().numpy().astype(np.float16)
        for name, weight in network.named_parameters()
    }
    return tensors, sum(losses[-len(groups) :]) / len(groups)


def build(width: int) -> torch.nn.ModuleDict:
    """Return the layers, by the names that the run time expects, for states of this width."""
    import torch

    return torch.nn.ModuleDict(
        {
            "project": torch.nn.Linear(width, WIDTH),
            "features": torch.nn.Embedding(FEATURES, WIDTH),
            "convolutions": torch.nn.ModuleList(
                torch.nn.Conv1d(WIDTH, WIDTH, KERNEL, dilation=step, padding=step * (KERNEL // 2))
                for step in DILATIONS
            ),
            "whole": torch.nn.Linear(WIDTH, WIDTH),
            "norms": torch.nn.ModuleList(torch.nn.LayerNorm(WIDTH) for _ in DILATIONS),
            "mark": torch.nn.Linear(WIDTH, 1),
            "asked": torch.nn.Linear(2 * WIDTH, len(ASKED)),
        }
    )


def forward(
    layers: Any, states: torch.Tensor, features: torch.Tensor, mask: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the log-odds of the marks (texts × tokens) and of the tools (texts × tools)."""
    import torch
    from torch.nn import functional

    kept = mask.unsqueeze(-1)
    training = layers.training
    hidden = functional.gelu(
        layers["project"](states) + layers["features"](features), approximate="tanh"
    )
    for place, (convolution, norm) in enumerate(
        zip(layers["convolutions"], layers["norms"], strict=True)
    ):
        hidden = hidden * kept
        mixed = convolution(hidden.transpose(1, 2)).transpose(1, 2)
        if place in WIDE:
            mixed = mixed + layers["whole"](hidden.sum(1) / kept.sum(1)).unsqueeze(1)
        mixed = functional.gelu(mixed, approximate="tanh")
        hidden = norm(hidden + functional.dropout(mixed, DROPPED, training))
    marks = layers["mark"](hidden).squeeze(-1)
    request = torch.sigmoid(-marks).unsqueeze(-1) * kept
    spoken = (hidden * request).sum(1) / (request.sum(1) + 1e-3)
    highest = hidden.masked_fill(kept == 0, OUTSIDE).amax(1)
    pooled = functional.dropout(torch.cat([spoken, highest], -1), DROPPED, training)
    return marks, layers["asked"](pooled)


def measure(network: Any, turns: Sequence[Text]) -> Mapping[str, float]:
    """Return how well a ``Segmenter`` reads composed turns: shares of word pieces, of turns whose
    every word piece is right, and of turns whose tools are all right and no other.
    """
    pieces = right = exact = heard = 0
    for turn in turns:
        found = network.read(turn.text)
        start, end = turn.marks[0] if turn.marks else (0, 0)
        truth = (found.starts < end) & (found.ends > start)
        agreeing = int(((found.material > 0) == truth).sum())
        pieces += len(truth)
        right += agreeing
        exact += agreeing == len(truth)
        heard += all((found.asked[name] > 0.5) == (turn.scores[name] > 0.5) for name in ASKED)
    return {
        "pieces_right": right / max(1, pieces),
        "material_exact": exact / max(1, len(turns)),
        "tools_exact": heard / max(1, len(turns)),
    }


def _loss(network: Any, examples: Sequence[Example]) -> torch.Tensor:
    import torch
    from torch.nn import functional

    length = max(len(example.marks) for example in examples)
    size = (len(examples), length)
    states = np.zeros((*size, examples[0].states.shape[1]), np.float32)
    features = np.zeros(size, np.int64)
    marks = np.full(size, UNKNOWN, np.float32)
    mask = np.zeros(size, np.float32)
    for line, example in enumerate(examples):
        count = len(example.marks)
        states[line, :count] = example.states
        features[line, :count] = example.features
        marks[line, :count] = example.marks
        mask[line, :count] = 1
    truth = torch.from_numpy(marks)
    found, asked = forward(
        network, torch.from_numpy(states), torch.from_numpy(features), torch.from_numpy(mask)
    )
    known = truth != UNKNOWN
    cost = functional.binary_cross_entropy_with_logits
    return cost(found[known], truth[known]) + cost(
        asked, torch.tensor([example.asked for example in examples])
    )


def _groups(examples: Sequence[Example]) -> list[list[int]]:
    """Return batches of like length, as places in ``examples``."""
    groups: list[list[int]] = [[]]
    for place in sorted(range(len(examples)), key=lambda place: len(examples[place].marks)):
        if groups[-1] and (len(groups[-1]) + 1) * len(examples[place].marks) > TOKENS:
            groups.append([])
        groups[-1].append(place)
    return groups


def _schedule(groups: list[list[int]], seed: int) -> Iterator[list[int]]:
    chance = random.Random(seed)
    for _ in range(EPOCHS):
        yield from chance.sample(groups, len(groups))
