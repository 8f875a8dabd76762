from __future__ import annotations

import random

import pytest
from sklearn.metrics import accuracy_score, f1_score

from assistant.training import baselines
from assistant.training.figures import measure, mistakes
from assistant.training.labelled import Example
from tests.training.samples import moods


def test_figures_agree_with_a_count_by_hand() -> None:
    truth = ["a", "a", "a", "b", "b"]
    scores = [{"a": p, "b": 1 - p} for p in (0.95, 0.85, 0.35, 0.05, 0.55)]
    found = measure(("a", "b"), truth, scores)
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.confusion == ((2, 1), (1, 1))
    assert found.classes["a"].precision == pytest.approx(2 / 3)
    assert found.classes["b"].recall == pytest.approx(1 / 2)
    assert found.classes["b"].support == 2
    # bins: .9-1 holds two answers (.95, .95, both right), .8-.9 one (right), .6-.7 one (wrong),
    # .5-.6 one (wrong): (2 * .05 + .15 + .65 + .55) / 5
    assert [one.count for one in found.bins] == [1, 1, 1, 2]
    assert found.calibration_error == pytest.approx((0.1 + 0.15 + 0.65 + 0.55) / 5)


def test_macro_f1_agrees_with_scikit_learn() -> None:
    draw = random.Random(0)
    labels = ("a", "b", "c")
    truth = [draw.choice(labels) for _ in range(300)]
    scores = [dict.fromkeys(labels, 0.1) | {draw.choice(labels): 0.8} for _ in truth]
    given = [max(score, key=score.__getitem__) for score in scores]
    found = measure(labels, truth, scores)
    assert found.macro_f1 == pytest.approx(f1_score(truth, given, average="macro"))
    assert found.accuracy == pytest.approx(accuracy_score(truth, given))


def test_a_perfectly_honest_score_has_no_calibration_error() -> None:
    scores = [{"a": 0.75, "b": 0.25}] * 4
    assert measure(("a", "b"), ["a", "a", "a", "b"], scores).calibration_error == pytest.approx(0)


def test_mistakes_begin_with_the_surest() -> None:
    examples = [Example(f"text {p} " + "long " * 100, "a") for p in (0.2, 0.1, 0.9)]
    found = mistakes(examples, [{"a": p, "b": 1 - p} for p in (0.2, 0.1, 0.9)])
    assert [mistake.score for mistake in found] == [0.9, 0.8]
    assert found[0].given == "b"
    assert len(found[0].text) <= 240


def test_every_baseline_is_trained_and_tested_on_the_split() -> None:
    examples = moods(120)
    found = {one.name: one for one in baselines.compare(examples[:80], examples[80:])}
    assert list(found) == ["majority", "TF-IDF + linear SVM", "TF-IDF + 3 nearest neighbours"]
    assert found["majority"].accuracy == pytest.approx(0.5)
    assert found["TF-IDF + linear SVM"].accuracy > 0.95
    assert found["TF-IDF + 3 nearest neighbours"].accuracy > 0.6


def test_vader_joins_where_labels_are_sentiments() -> None:
    names = {"good": "Pos", "bad": "neg"}
    examples = [Example(item.text, names[item.label]) for item in moods(40)]
    found = {one.name: one for one in baselines.compare(examples, examples)}
    assert found["VADER"].accuracy > 0.7


def test_vader_calls_a_score_near_zero_neutral_only_where_there_is_such_a_label() -> None:
    test = [Example("The boat is long.", "neutral"), Example("I love it!", "positive")]
    three = {"negative", "neutral", "positive"}
    assert baselines.vader(test, three) == ["neutral", "positive"]
    assert baselines.vader(test, {"negative", "positive"}) == ["positive", "positive"]
