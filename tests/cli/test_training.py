"""Train, use and roll back from the command line, as a user does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app
from tests.training.samples import moods, table


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def file(tmp_path: Path) -> str:
    return table(tmp_path / "moods.csv", moods(60))


def test_a_new_name_is_trained_used_and_rolled_back(
    file: str, tiny_base: str, tmp_path: Path
) -> None:
    home = ("--data-dir", tmp_path / "data")
    quick = ("--base", tiny_base, "--method", "full", "--epochs", 6, "--learning-rate", 5e-3)
    trained = run("train", "moods", "--data", file, *map(str, quick), *home)
    assert trained.exit_code == 0, trained.output
    assert "42 train, 6 validation, 12 test" in trained.stderr  # before the training
    assert "e.g. good: the" in trained.stderr
    assert "validation loss" in trained.stderr
    assert "TF-IDF + linear SVM" in trained.stdout
    assert "python -m assistant models use moods-1" in trained.stderr

    assert "moods-1                  ready" in run("models", "list", *home).stdout
    assert "try /moods" in run("models", "use", "moods-1", *home).stdout
    listed = json.loads(run("models", "list", "--json", *home).stdout)
    assert [(item["run"], item["state"]) for item in listed] == [("moods-1", "in use")]
    assert json.loads(run("models", "rollback", "moods", "--json", *home).stdout)["in_use"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("train", "help", "--data", "moods.csv"), "means something else"),
        (("train", "tldr", "--data", "moods.csv"), "means something else"),
        (("train", "moods"), "--data"),
        (("train", "moods", "--data", "nowhere.csv"), "does not exist"),
        (("train", "moods", "--resume", "moods-7"), "no training run 'moods-7'"),
        (("models", "use", "moods-7"), "no training run 'moods-7'"),
        (("models", "rollback", "moods"), "Nothing that was trained here"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    result = run(*words, "--data-dir", tmp_path)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_bad_data_is_refused_before_a_run_is_made(tmp_path: Path) -> None:
    texts = table(tmp_path / "moods.csv", [item for item in moods(60) if item.label == "good"])
    result = run("train", "moods", "--data", texts, "--data-dir", tmp_path / "data", "--json")
    assert result.exit_code == 1
    assert "have the same label" in json.loads(result.stdout)["error"]
    assert not (tmp_path / "data" / "models").exists()
