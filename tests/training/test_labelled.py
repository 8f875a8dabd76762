"""Labelled texts as users have them: any file, any column names, in one part or several."""

from __future__ import annotations

import csv
from pathlib import Path

import datasets
import pytest

from assistant.errors import InputError
from assistant.training import labelled
from assistant.training.labelled import Example


def table(file: Path, *rows: tuple[object, ...]) -> str:
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(rows)
    return str(file)


def test_columns_are_guessed_by_name_then_by_content(tmp_path: Path) -> None:
    named = table(
        tmp_path / "a.csv",
        ("id", "Label", "Review"),
        *[(n, "ab"[n % 2], f"r{n}") for n in range(9)],
    )
    data = labelled.read(named)
    assert (data.text_column, data.label_column) == ("Review", "Label")
    unnamed = table(
        tmp_path / "b.csv",
        ("n", "what", "kind"),
        *[(n, f"a long text {n}", "ab"[n % 2]) for n in range(9)],
    )
    data = labelled.read(unnamed)
    assert (data.text_column, data.label_column) == ("what", "kind")
    assert data.parts["train"][1] == Example("a long text 1", "b")


def test_given_columns_are_taken_and_unknown_ones_named(tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", ("title", "body", "x", "y"), ("t", "b", "1", "2"))
    data = labelled.read(file, "title", "y")
    assert data.parts["train"] == (Example("t", "2"),)
    with pytest.raises(InputError, match="no column 'kind'; its columns are title, body, x, y"):
        labelled.read(file, label="kind")


def test_a_folder_gives_its_parts(tmp_path: Path) -> None:
    for name in ("train", "dev", "test"):
        table(tmp_path / f"{name}.csv", ("text", "label"), (f"from {name}", "a"))
    data = labelled.read(str(tmp_path))
    assert {part: rows[0].text for part, rows in data.parts.items()} == {
        "train": "from train",
        "validation": "from dev",
        "test": "from test",
    }


def test_a_hub_data_set_gives_class_names_and_parts() -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )
    part = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, -1]}, features=features)
    parts = labelled.parts_of(datasets.DatasetDict(train=part, test=part), "owner/name")
    assert list(parts) == ["train", "test"]
    assert parts["train"].rows == (("a", "pos"), ("b", ""))


def test_a_hub_data_set_that_cannot_be_had_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"'someone/something' cannot be loaded .* no such file"):
        labelled.read("someone/something")


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.csv does not exist"):
        labelled.read("nothing.csv")
    with pytest.raises(InputError, match="holds no table"):
        labelled.read(str(tmp_path))
    lonely = table(tmp_path / "test.csv", ("text", "label"), ("x", "a"))
    assert labelled.read(lonely).parts["train"]
    with pytest.raises(InputError, match="none to train on"):
        labelled.read(str(tmp_path))
    with pytest.raises(InputError, match="one column only"):
        labelled.read(table(tmp_path / "one.csv", ("text",), ("x",)))


def test_text_that_was_not_quoted_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,label\nfine,a\nwell, not so fine,b\n")
    with pytest.raises(InputError, match=r"Row 2 of a\.csv has more cells"):
        labelled.read(str(file))
