"""What was trained here is in use at once, everywhere, until it is rolled back or damaged."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models.catalogue import Models
from assistant.models.classifier import Classifier
from assistant.models.fine_tuned import FineTuned
from assistant.models.label_moderator import LabelModerator, is_harmless
from assistant.models.moderator import Moderator
from assistant.models.versions import MODEL
from assistant.settings import Settings
from tests.training.samples import untrained


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def models_of(data: Path) -> Models:
    return Models(Settings.read([], data_dir=data))


def test_a_trained_model_serves_at_once_everywhere_and_after_a_restart(
    data: Path, tiny_base: str
) -> None:
    models, elsewhere = models_of(data), models_of(data)
    assert isinstance(models.sentiment, Classifier)
    assert isinstance(elsewhere.sentiment, Classifier)
    untrained(data, "sentiment", ("bad", "good"), tiny_base)
    models.use("sentiment-1")
    assert isinstance(models.sentiment, FineTuned)
    assert set(models.sentiment.predict(["a fine boat"])[0]) == {"bad", "good"}
    elsewhere.refresh()
    assert isinstance(elsewhere.sentiment, FineTuned)
    assert isinstance(models_of(data).sentiment, FineTuned)
    assert models.rollback("sentiment") is None
    assert isinstance(models.sentiment, Classifier)


def test_a_new_name_is_a_classifier_until_it_is_rolled_back(data: Path, tiny_base: str) -> None:
    models = models_of(data)
    assert models.classifiers() == ()
    for labels in (("a", "b"), ("c", "d")):
        untrained(data, "patents", labels, tiny_base)
    models.use("patents-1")
    assert models.classifiers() == ("patents",)
    assert models.classifier("patents").labels == ("a", "b")
    models.use("patents-2")
    assert models.classifier("patents").labels == ("c", "d")
    assert models.rollback("patents") == "patents-1"
    assert models.classifier("patents").labels == ("a", "b")
    models.rollback("patents")
    assert models.classifiers() == ()


def test_a_damaged_model_cannot_be_put_in_use_and_the_one_before_goes_on(
    data: Path, tiny_base: str, caplog: pytest.LogCaptureFixture
) -> None:
    models = models_of(data)
    for _ in range(2):
        untrained(data, "sentiment", ("bad", "good"), tiny_base)
    models.use("sentiment-1")
    weights = data / "models/sentiment/sentiment-2" / MODEL / "model.safetensors"
    sound = weights.read_bytes()
    weights.write_bytes(sound[:-1] + b"?")
    with pytest.raises(ModelError, match=r"model\.safetensors was changed"):
        models.use("sentiment-2")
    assert models.folder("sentiment").parent.name == "sentiment-1"

    weights.write_bytes(sound)
    models.use("sentiment-2")
    weights.unlink()
    with caplog.at_level(logging.WARNING):
        again = models_of(data)
        assert isinstance(again.sentiment, FineTuned)
    assert again.loaded()[-1].model.endswith("sentiment-1/model")
    assert "model.safetensors is missing" in caplog.text


def test_where_every_trained_model_is_damaged_the_shipped_one_serves(
    data: Path, tiny_base: str
) -> None:
    untrained(data, "sentiment", ("bad", "good"), tiny_base)
    models_of(data).use("sentiment-1")
    (data / "models/sentiment/sentiment-1" / MODEL / "config.json").write_text("{}")
    assert isinstance(models_of(data).sentiment, Classifier)
    (data / "models/sentiment/current.json").write_text("{")
    assert isinstance(models_of(data).sentiment, Classifier)


def test_a_classifier_moderates_by_its_labels(data: Path, tiny_base: str) -> None:
    models = models_of(data)
    assert isinstance(models.moderation, Moderator)
    untrained(data, "moderation", ("insult", "ok"), tiny_base)
    models.use("moderation-1")
    assert isinstance(models.moderation, LabelModerator)
    assert models.moderation.categories == ("insult",)
    assert set(models.moderation.score(["hello"])[0].scores) == {"insult"}


def test_labels_among_which_none_is_harmless_cannot_moderate(data: Path, tiny_base: str) -> None:
    untrained(data, "moderation", ("insult", "threat"), tiny_base)
    models = models_of(data)
    with pytest.raises(ModelError, match="do not say which comments are harmless"):
        models.use("moderation-1")
    assert models.folder("moderation").parent.name == "embedded"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ok", True),
        ("Not-toxic", True),
        ("ham", True),
        ("0", True),
        ("toxic", False),
        ("notable", False),
    ],
)
def test_harmless_labels_are_known_by_name(label: str, expected: bool) -> None:
    assert is_harmless(label) is expected
