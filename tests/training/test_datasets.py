from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.training import datasets, recipes
from assistant.training.answers import overlap
from assistant.training.evaluate import true_spans
from assistant.training.recipes import entities


def test_plain_and_gzipped_lines_are_read_alike(tmp_path: Path) -> None:
    row = {"text": "Grüße", "label": "positive"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n\n", "utf-8")
    with gzip.open(tmp_path / "b.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(row))
    assert [list(datasets.rows(file)) for file in datasets.files(tmp_path)] == [[row], [row]]


@pytest.mark.parametrize("content", [b'{"text": ', b"[1]\n", b"\xff\xfe\n", b"\x1f\x8b"])
def test_a_broken_line_is_named_with_its_file(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.jsonl.*line 1"):
        list(datasets.rows(file))


def test_a_file_that_is_no_gzip_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl.gz"
    file.write_bytes(b"hello")
    with pytest.raises(InputError, match=r"bad\.jsonl\.gz cannot be read"):
        list(datasets.rows(file))


def test_a_row_without_the_needed_field_says_which(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"comment": "hi"}\n' * 20)
    with pytest.raises(InputError, match="comment, but this role needs 'text'"):
        recipes.read("moderation", file, 0)


def test_missing_data_an_empty_folder_and_an_unknown_role_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        recipes.read("sentiment", tmp_path / "nothing", 0)
    with pytest.raises(InputError, match="holds no"):
        recipes.read("sentiment", tmp_path, 0)
    with pytest.raises(InputError, match="cannot be trained; choose one of sentiment"):
        recipes.read("poetry", tmp_path, 0)


def test_one_example_in_ten_validates_and_is_not_trained_on(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    lines = [json.dumps({"text": f"text {place}", "label": "neutral"}) for place in range(30)]
    file.write_text("\n".join(lines))
    split = recipes.read("sentiment", file, 0)
    assert (len(split.train), len(split.validation)) == (27, 3)
    assert not {item.text for item in split.train} & {item.text for item in split.validation}


def test_entity_types_are_renamed_and_others_dropped() -> None:
    row = {"tokens": ["Ada", "plays", "jazz"], "tags": ["B-musicalartist", "O", "B-musicgenre"]}
    assert datasets.tagged_of(row, entities.CROSSNER_TYPES).tags == ("B-PER", "O", "O")


def test_tags_become_character_spans() -> None:
    tagged = datasets.Tagged(("New", "York", "and", "Ada"), ("B-LOC", "I-LOC", "O", "B-PER"))
    assert list(true_spans(tagged)) == [(0, 8, "LOC"), (13, 16, "PER")]


@pytest.mark.parametrize(
    ("answer", "golds", "expected"),
    [
        ("the Eiffel Tower", ["Eiffel tower."], (1.0, True)),
        ("Eiffel", ["Eiffel Tower", "tower"], (2 / 3, False)),
        ("Rome", ["Paris"], (0.0, False)),
        ("anything", [], (0.0, False)),
    ],
)
def test_answers_are_compared_as_squad_does(
    answer: str, golds: list[str], expected: tuple[float, bool]
) -> None:
    assert overlap(answer, golds) == pytest.approx(expected)
