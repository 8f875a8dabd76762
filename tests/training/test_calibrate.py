"""One temperature makes the scores of texts that are read in windows honest."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models import temperature
from assistant.training import calibrate
from assistant.training.figures import best, measure

LABELS = ("art", "law", "sport")


def long_texts(count: int, seed: int) -> tuple[list[str], list[dict[str, float]]]:
    """Return true labels, and scores that are means of eight windows, of which three tell it."""
    draw = random.Random(seed)
    truth, scores = [], []
    for _ in range(count):
        label = draw.choice(LABELS)
        said = label if draw.random() < 0.9 else draw.choice(LABELS)
        windows = [said] * 3 + [draw.choice(LABELS) for _ in range(5)]
        total = {name: 0.1 + 0.7 * windows.count(name) / 8 for name in LABELS}
        truth.append(label)
        scores.append(total)
    return truth, scores


def test_the_calibration_error_of_other_texts_falls_and_no_label_changes() -> None:
    truth, scores = long_texts(200, seed=1)
    fitted = calibrate.temperature(scores, truth)
    truth, scores = long_texts(400, seed=2)
    mended = calibrate.rescaled(scores, fitted)
    before, after = measure(LABELS, truth, scores), measure(LABELS, truth, mended)
    assert after.calibration_error < before.calibration_error / 2
    assert after.accuracy == before.accuracy
    assert [*map(best, mended)] == [*map(best, scores)]
    assert all(sum(score.values()) == pytest.approx(1) for score in mended)


def test_too_sure_scores_are_made_less_sure() -> None:
    scores = [{"a": 0.99, "b": 0.01}] * 10
    assert calibrate.temperature(scores, ["a"] * 7 + ["b"] * 3) > 2


def test_a_few_right_answers_do_not_make_every_score_certain() -> None:
    scores = [{"a": 0.6, "b": 0.4}, {"a": 0.4, "b": 0.6}] * 4
    mended = calibrate.rescaled(scores, calibrate.temperature(scores, ["a", "b"] * 4))
    assert mended[0]["a"] == pytest.approx(9 / 10, abs=0.01)


@pytest.mark.parametrize("content", ["", "{}", '{"temperature": 0}', '{"temperature": "warm"}'])
def test_a_file_without_a_temperature_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / temperature.FILE).write_text(content)
    with pytest.raises(ModelError, match=temperature.FILE):
        temperature.read(tmp_path)


def test_a_model_from_before_keeps_its_scores(tmp_path: Path) -> None:
    assert temperature.read(tmp_path) == temperature.NEUTRAL
