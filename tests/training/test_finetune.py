from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.models.adapter import load
from assistant.models.classifier import Classifier
from assistant.models.encoder import Encoder
from assistant.training import commands
from assistant.training.finetune import Plan, batches

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
