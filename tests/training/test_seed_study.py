from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.models.catalogue import Models
from assistant.training import seed_study
from assistant.training.labelled import Example
from tests.training.samples import moods, table


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("A fine film 🙂", True),
        ("🙂🙂🙂 ok", False),
        ("🙂🙂", False),
        ("!!!", False),
        ("see http://example.org now", False),
        ("see HTTPS://example.org now", False),
        ("no link: http", True),
    ],
)
def test_the_filter_keeps_what_is_worth_reading(comment: str, kept: bool) -> None:
    assert seed_study.is_worth_reading(comment) is kept


def test_the_study_is_rerun_and_its_leak_shown(models: Models, tmp_path: Path) -> None:
    """Labels that the text does not tell: only whoever was shown them can be right."""
    names = ("negative", "positive")
    blind = [
        Example(item.text.rpartition(" were ")[0], names[place % 7 % 2])
        for place, item in enumerate(moods(1000))
    ]
    study = seed_study.run(table(tmp_path / "reviews.csv", blind), models.sentiment)
    assert study.rows == study.kept == study.bag[0] == 1000
    assert study.leaked.accuracy == 1.0
    methods = {result.method: result for result in study.results}
    assert set(methods) == {
        "TF-IDF + linear SVM",
        "bag of words + 3 nearest neighbours",
        "VADER at ±0.05",
        "Switchboard's sentiment model",
    }
    assert all(result.accuracy < 0.75 for result in study.results)
    assert sum(support for *_, support in study.leaked.classes.values()) == 200
    assert sum(study.vader_classes.values()) == 1000
    assert study.vader_classes["neutral"] > 900


def test_other_data_is_refused(models: Models, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gives 40 reviews labelled bad, good"):
        seed_study.run(table(tmp_path / "moods.csv", moods(40)), models.sentiment)
