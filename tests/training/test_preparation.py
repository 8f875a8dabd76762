"""Bad data gets a clear answer before any training, and what misleads is removed and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from assistant.errors import InputError
from assistant.training.labelled import Example, Labelled
from assistant.training.preparation import prepare

Pairs = Sequence[tuple[str, str]]
GOOD = [(f"text number {place}", "ab"[place % 2]) for place in range(60)]


def data(train: Pairs, text: str = "text", label: str = "label", **parts: Pairs) -> Labelled:
    every = {"train": train, **parts}
    examples = {part: tuple(Example(*pair) for pair in pairs) for part, pairs in every.items()}
    return Labelled("data.csv", ("id", "text", "label"), text, label, examples)


def test_every_part_has_every_label_and_nothing_twice() -> None:
    ready = prepare(data(GOOD), seed=3)
    assert (len(ready.train), len(ready.validation), len(ready.test)) == (42, 6, 12)
    for part in (ready.train, ready.validation, ready.test):
        assert Counter(example.label for example in part).keys() == {"a", "b"}
    texts = [item.text for item in (*ready.train, *ready.validation, *ready.test)]
    assert sorted(texts) == sorted(text for text, _ in GOOD)
    assert ready == prepare(data(GOOD), seed=3)
    assert ready != prepare(data(GOOD), seed=4)
    assert ready.notices == ()
    assert {example.label for example in ready.sample()} == {"a", "b"}


def test_given_parts_stay_as_they_are() -> None:
    test = [(f"held out {place}", "ab"[place % 2]) for place in range(10)]
    ready = prepare(data(GOOD, test=test))
    assert [(item.text, item.label) for item in ready.test] == test
    assert not set(ready.validation) & set(ready.train)


def test_empty_texts_and_labels_are_left_out_and_counted() -> None:
    ready = prepare(data([*GOOD, ("  ", "a"), ("", "b"), ("no label", "")]))
    assert "2 of 63 rows have no text (text) and were left out." in ready.notices
    assert "1 of 63 rows have no label (label) and were left out." in ready.notices


def test_duplicates_are_left_out_of_training_not_of_the_test() -> None:
    test = [("Text  NUMBER 1", "b"), ("new", "a"), ("newer", "b")]
    ready = prepare(data([*GOOD, GOOD[0]], test=test))
    assert len(ready.test) == 3
    assert "text number 1" not in {item.text for item in ready.train}
    assert any(
        "1 texts of the train part stand in the test part, too" in it for it in ready.notices
    )
    assert any("1 texts repeat an earlier one" in notice for notice in ready.notices)


def test_a_text_with_two_labels_is_left_out_altogether() -> None:
    ready = prepare(data([*GOOD, ("text number 1", "a")]))
    assert "text number 1" not in {i.text for i in (*ready.train, *ready.validation, *ready.test)}
    assert any("2 rows repeat a text with another label" in notice for notice in ready.notices)


def test_labels_that_only_the_test_part_knows_are_left_out() -> None:
    ready = prepare(data(GOOD, test=[("one", "a"), ("two", "z"), ("three", "b")]))
    assert len(ready.test) == 2
    assert any("“z”" in notice for notice in ready.notices)


def test_uneven_labels_are_noted() -> None:
    ready = prepare(
        data([*[(f"t{n}", "a") for n in range(200)], *[(f"u{n}", "b") for n in range(6)]])
    )
    assert any("uneven" in notice for notice in ready.notices)


def test_a_limit_draws_rows() -> None:
    ready = prepare(data(GOOD), limit=30)
    assert sum(ready.counts.values()) == 30


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (data([(text, "a") for text, _ in GOOD]), "the same label, “a”"),
        (data([("", label) for _, label in GOOD]), "empty in the column 'text'"),
        (data([(text, "") for text, _ in GOOD]), "empty in the column 'label'"),
        (data(GOOD, text="label"), "both text and label"),
        (data([(label, text) for text, label in GOOD]), "seem to be swapped"),
        (data([(text, f"label {n}") for n, (text, _) in enumerate(GOOD)]), "does not look like"),
        (data([(text, label * 100) for text, label in GOOD]), "one of 100 characters"),
        (data([(label, label) for _, label in GOOD]), "the text is the label itself"),
        (data([(f"{text} class: {label}", label) for text, label in GOOD]), "read it off"),
        (data(GOOD[:12]), "has 12 usable texts; 20 at least"),
        (data([*GOOD, ("one", "c"), ("two", "c")]), "Too few texts for “c”: 2"),
        (data([("same", "a"), ("same", "b")] * 20), "fewer than two labels"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(bad: Labelled, message: str) -> None:
    with pytest.raises(InputError, match=message):
        prepare(bad)


def test_labels_that_stand_in_some_texts_are_noted() -> None:
    texts = [(f"{text} {label if n < 40 else ''}", label) for n, (text, label) in enumerate(GOOD)]
    assert any("reading it off" in notice for notice in prepare(data(texts)).notices)


def test_a_label_that_stands_in_every_text_alike_is_no_leak() -> None:
    texts = [(f"{text}: a or b?", label) for text, label in GOOD]
    assert prepare(data(texts)).notices == ()
