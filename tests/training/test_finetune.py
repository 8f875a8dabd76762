from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from assistant.models.adapter import load
from assistant.models.classifier import Classifier
from assistant.models.encoder import Encoder
from assistant.models.heads import HEADS
from assistant.training import commands
from assistant.training.checkpoint import Checkpoint, State
from assistant.training.datasets import Text
from assistant.training.encoding import Encoding
from assistant.training.finetune import Plan, Progress, batches, finetune, tensors
from assistant.training.network import build

GOOD = ("I adore this cake", "what a lovely day", "wonderful work, thank you", "the best ever")
BAD = ("I loathe this cake", "what a horrible day", "useless work, shame on you", "the worst ever")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Forty tiny labelled texts."""
    rows = [
        {"text": f"{text} {place}", "label": label}
        for place in range(5)
        for texts, label in ((GOOD, "positive"), (BAD, "negative"))
        for text in texts
    ]
    file = tmp_path / "tiny.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return file


def test_forty_examples_make_an_adapter_that_can_be_used(data: Path, tmp_path: Path) -> None:
    seen: list[float] = []
    report = commands.train(
        "sentiment",
        data,
        out=tmp_path / "adapter",
        minutes=0.3,
        seed=1,
        progress=lambda done, loss: seen.append(done),
    )
    assert report.examples == 36
    assert report.folder == tmp_path / "adapter"
    encoder = Encoder()
    model = Classifier(load(report.folder, encoder), encoder)
    scores = model.predict(["what a wonderful cake", "what a horrible cake"])
    assert scores[0]["positive"] > scores[1]["positive"]


def test_a_role_that_cannot_be_trained_or_evaluated_is_named(data: Path) -> None:
    with pytest.raises(InputError, match="'poetry' cannot be trained"):
        commands.train("poetry", data)
    with pytest.raises(InputError, match="'poetry' cannot be evaluated"):
        commands.evaluate("poetry", data)


def test_batches_hold_every_row_once_within_the_limit() -> None:
    sizes = [random.Random(place).randrange(1, 50) for place in range(200)]
    groups = list(batches(sizes, 100, random.Random(0)))
    assert sorted(place for group in groups for place in group) == list(range(200))
    assert all(len(group) * max(sizes[place] for place in group) <= 100 for group in groups)
    assert groups == list(batches(sizes, 100, random.Random(0)))


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    rates = [Plan(rate=1.0).rate_at(done / 100) for done in range(101)]
    peak = rates.index(max(rates))
    assert 3 <= peak <= 6
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] == 0


def stop(done: float, loss: float) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(
    encoder: Encoder, tmp_path: Path
) -> None:
    import numpy as np
    import torch

    examples = [Text(text, {"positive": 1.0}) for text in GOOD]
    examples += [Text(text, {"negative": 1.0}) for text in BAD]
    encoding = Encoding("sentiment", examples, encoder.tokenizer)
    plan = Plan(epochs=6.0, minutes=1e9, tokens=16)  # so that the clock decides nothing
    file = tmp_path / "run.pt"

    def run(checkpoint: Path | None, progress: Progress | None = None) -> Any:
        torch.manual_seed(3)  # for the fresh head
        network = build(encoder.weights, HEADS["sentiment"], features=False)
        finetune(network, encoding, HEADS["sentiment"], plan, progress, checkpoint)
        return tensors(network)["heads.sentiment.weight"]

    unbroken = run(None)
    with pytest.raises(KeyboardInterrupt):
        run(file, stop)
    np.testing.assert_array_equal(run(file), unbroken)
    assert not file.exists()


def test_a_checkpoint_of_another_training_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    import torch

    network = torch.nn.ModuleDict({"layer": torch.nn.Linear(2, 2)})
    optimizer = torch.optim.AdamW(network.parameters())
    file = tmp_path / "run.pt"
    Checkpoint(file, {"rate": 0.1}).write(network, optimizer, State(3, 1.5, [0.5]))
    assert Checkpoint(file, {"rate": 0.1}).read(network, optimizer) == State(3, 1.5, [0.5])
    with pytest.raises(InputError, match=r"run\.pt holds a broken-off training with other"):
        Checkpoint(file, {"rate": 0.2}).read(network, optimizer)
    file.write_bytes(b"not a checkpoint")
    with pytest.raises(InputError, match=r"run\.pt is damaged.*Delete"):
        Checkpoint(file, {"rate": 0.1}).read(network, optimizer)
