"""A training of the user's own, from a table to a report: repeatable, stoppable, resumable."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import InputError, ModelError
from assistant.models import temperature
from assistant.models.encoder import Encoder
from assistant.models.fine_tuned import FineTuned
from assistant.models.versions import MODEL, Versions, verify
from assistant.training import classifiers
from assistant.training.classifiers import CHECKPOINTS, Request
from assistant.training.figures import best
from assistant.training.labelled import Example
from assistant.training.options import Options, Point
from assistant.training.report import Report
from tests.training.samples import moods, table


@pytest.fixture
def request_(tiny_base: str, tmp_path: Path) -> Request:
    """A training that takes about a second."""
    options = Options(tiny_base, "full", epochs=8, learning_rate=5e-3, batch_size=8)
    return Request("moods", table(tmp_path / "moods.csv", moods(80)), options=options)


def run(
    request: Request,
    folder: Path,
    watch: object = None,
    stop: threading.Event | None = None,
) -> Report:
    progress = watch if callable(watch) else None
    return classifiers.train(request, request.look(), folder, Encoder(), progress, stop)


def scores(folder: Path, texts: list[str]) -> list[dict[str, float]]:
    return FineTuned(folder).predict(texts)


def test_a_table_becomes_a_model_and_a_report(request_: Request, tmp_path: Path) -> None:
    seen: list[Point] = []
    report = run(request_, tmp_path, seen.append)
    assert report.figures.accuracy >= 0.9
    assert report.rows == {"train": 56, "validation": 8, "test": 16}
    assert [one.name for one in report.baselines][:2] == ["majority", "TF-IDF + linear SVM"]
    assert not report.stopped
    assert report.curve[-1].validation_loss < report.curve[0].validation_loss  # type: ignore[operator]
    assert any(point.loss is not None for point in seen)
    assert [point.done for point in seen] == sorted(point.done for point in seen)
    assert all(point.seconds_left is None or point.seconds_left >= 0 for point in seen)

    folder = tmp_path / "models" / "moods" / "moods-1"
    assert json.loads((folder / "report.json").read_text())["run"] == "moods-1"
    assert "TF-IDF + linear SVM" in (folder / "report.md").read_text()
    assert not (folder / CHECKPOINTS).exists()
    assert verify(folder / MODEL).labels == ("bad", "good")
    assert (
        best(scores(folder / MODEL, ["the song and the boat of house 99 were dreadful"])[0])
        == "bad"
    )
    river = "the river and the boat " * 40  # a text of many windows, whose last one tells
    (sad,), (glad,) = (scores(folder / MODEL, [river + word]) for word in ("useless", "lovely"))
    assert sad["bad"] > glad["bad"]
    assert temperature.read(folder / MODEL) == report.temperature
    surest = report.figures.bins[-1]
    served = scores(folder / MODEL, [example.text for example in request_.look().test])
    assert sum(max(score.values()) > surest.low for score in served) == surest.count
    assert Versions(tmp_path).current("moods") is None  # training changes nothing that is in use


def test_a_training_is_repeatable_and_goes_on_after_a_crash(
    request_: Request, tmp_path: Path
) -> None:
    """The power fails in the middle; resumed, it must end as if it had not."""
    whole = run(request_, tmp_path / "whole")

    def fail(point: Point) -> None:
        if point.done > 0.5 and point.loss is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(request_, tmp_path / "broken", fail)
    broken = Versions(tmp_path / "broken").find("moods-1")
    assert not broken.ready
    assert any((broken.folder / CHECKPOINTS).iterdir())
    resumed = classifiers.resume(broken, Encoder())
    assert resumed.curve == whole.curve
    assert resumed.figures == whole.figures
    texts = [item.text for item in moods(6, seed=9)]
    models = [tmp_path / name / "models/moods/moods-1" / MODEL for name in ("whole", "broken")]
    assert scores(models[0], texts) == scores(models[1], texts)
    with pytest.raises(InputError, match="ended with a model"):
        classifiers.resume(Versions(tmp_path / "broken").find("moods-1"), Encoder())


def test_changed_data_is_not_gone_on_with(request_: Request, tmp_path: Path) -> None:
    def fail(point: Point) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(request_, tmp_path, fail)
    table(Path(request_.data), moods(60))
    with pytest.raises(InputError, match="is not what the run moods-1 was training on"):
        classifiers.resume(Versions(tmp_path).find("moods-1"), Encoder())


def test_stop_keeps_the_best_state(request_: Request, tmp_path: Path) -> None:
    stop = threading.Event()

    def watch(point: Point) -> None:
        if point.done > 0.3:
            stop.set()

    report = run(request_, tmp_path, watch, stop)
    assert report.stopped
    assert report.steps < 56 * 0.6
    losses = [point.validation_loss for point in report.curve]
    assert report.best_step == round(report.curve[losses.index(min(losses))].done * 56)  # type: ignore[type-var]
    assert verify(tmp_path / "models/moods/moods-1" / MODEL)


def test_the_clock_ends_a_training(request_: Request, tmp_path: Path) -> None:
    options = replace(request_.options, epochs=500, minutes=0.01)
    report = run(replace(request_, options=options), tmp_path)
    assert report.steps < 500 * 7
    assert report.curve


def test_early_stopping_ends_what_gets_no_better(request_: Request, tmp_path: Path) -> None:
    options = replace(request_.options, epochs=60, learning_rate=0.3, patience=1)
    report = run(replace(request_, options=options), tmp_path)
    assert report.steps < 60 * 7
    assert not report.stopped


def test_long_texts_are_learned_from_in_windows(request_: Request, tmp_path: Path) -> None:
    long = [Example(" and ".join([item.text] * 6), item.label) for item in moods(40)]
    options = replace(request_.options, windows=2)
    report = run(
        replace(request_, data=table(tmp_path / "long.csv", long), options=options), tmp_path
    )
    assert report.steps == 2 * 28 / 8 * 8  # two windows of each of 28 texts, eight at a time
    assert report.figures.accuracy >= 0.8


def test_lora_trains_any_base(request_: Request, tmp_path: Path) -> None:
    options = replace(request_.options, method="lora")
    assert run(replace(request_, options=options), tmp_path).figures.accuracy >= 0.8


def test_a_base_that_cannot_be_loaded_leaves_no_run_behind(
    request_: Request, tmp_path: Path
) -> None:
    options = replace(request_.options, base=str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match="cannot be loaded"):
        run(replace(request_, options=options), tmp_path)
    assert Versions(tmp_path).runs() == ()


@pytest.mark.parametrize("name", ["Patents!", "x", "../up", "9lives", "", "a b"])
def test_a_name_that_is_no_command_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name"):
        classifiers.check_name(name)


def test_a_name_that_is_taken_is_refused() -> None:
    classifiers.check_name("patents", {"help"})
    with pytest.raises(InputError, match="means something else"):
        classifiers.check_name("help", {"help"})


def test_an_option_out_of_range_is_named(request_: Request, tmp_path: Path) -> None:
    request = replace(request_, options=replace(request_.options, batch_size=0))
    with pytest.raises(InputError, match="Batch size 0 is out of range: it must be 1 to 1024"):
        run(request, tmp_path)
