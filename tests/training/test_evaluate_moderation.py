from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.models.catalogue import Models
from assistant.models.moderator import Moderation, Moderator
from assistant.training.datasets import Text
from assistant.training.evaluate_moderation import (
    calibration_error,
    category_auc,
    category_f1,
    marks_f1,
    offensive_f1,
)
from assistant.training.fairness import MEASURING, TEACHING, TERMS, balanced, false_alarms
from assistant.training.moderation_baselines import FEWEST, Vader, WordList, svm


class ReadsNumbers:
    """Scores a text with the number that it is."""

    categories = ("toxicity",)

    def score(self, texts: Sequence[str]) -> list[Moderation]:
        return [Moderation({"toxicity": float(text)}, ()) for text in texts]


def texts(*pairs: tuple[str, float]) -> list[Text]:
    return [Text(text, {"toxicity": toxic}) for text, toxic in pairs]


NUMBERS = ReadsNumbers()


def test_scores_that_come_true_have_no_calibration_error() -> None:
    assert calibration_error(NUMBERS, texts(("0.5", 1.0), ("0.5", 0.0))) == pytest.approx(0)
    assert calibration_error(NUMBERS, texts(("1.0", 1.0), ("0.0", 0.0))) == pytest.approx(0)


def test_scores_that_promise_too_much_have_one() -> None:
    examples = texts(("0.9", 1.0), ("0.9", 0.0), ("0.0", 0.0), ("0.0", 0.0))
    assert calibration_error(NUMBERS, examples) == pytest.approx(0.2)


def test_offensive_is_toxicity_from_a_half_on() -> None:
    right = [Text("0.7", {"offensive": 1.0}), Text("0.2", {"not-offensive": 1.0})]
    assert offensive_f1(NUMBERS, right) == 1.0
    assert offensive_f1(NUMBERS, [*right, Text("0.9", {"not-offensive": 1.0})]) < 1.0


def test_nothing_marked_where_nothing_is_harmful_is_right() -> None:
    assert marks_f1(NUMBERS, [Text("0.1", {}, ())]) == 1.0
    assert marks_f1(NUMBERS, [Text("0.1", {}, ((0, 3),))]) == 0.0


def test_naming_a_group_does_not_hold_a_harmless_comment_up(models: Models) -> None:
    model = models.moderation
    assert isinstance(model, Moderator)
    alarms = false_alarms(model)
    assert set(alarms) == set(TERMS)
    assert max(alarms.values()) <= 0.05


def test_no_sentence_both_teaches_and_measures() -> None:
    assert not set(TEACHING) & set(MEASURING)


def test_groups_that_are_mostly_named_in_toxic_texts_get_harmless_ones() -> None:
    harmless = texts(("a young man", 0.0), ("our blind neighbour", 0.0), ("the train", 0.0))
    toxic = texts(("gay people stink", 1.0), ("a Gay and young fool", 1.0), ("you fool", 1.0))
    made = balanced(harmless + toxic, seed=0)
    assert {text.text for text in made} == {"a gay man", "our gay neighbour"}
    assert all(text.scores == {"toxicity": 0.0} for text in made)


def test_groups_that_are_mostly_named_in_harmless_texts_need_nothing() -> None:
    assert balanced(texts(("a young man", 0.0), ("a young fool", 1.0)), seed=0) == []


def test_f1_is_counted_from_the_score_on_that_is_best_for_other_texts() -> None:
    known = texts(("0.2", 0.0), ("0.4", 1.0))
    examples = texts(("0.3", 0.0), ("0.4", 1.0), ("0.5", 0.0), ("0.1", 1.0))
    learned, found = (NUMBERS.score([text.text for text in part]) for part in (known, examples))
    assert category_f1(learned, known, found, examples) == {"toxicity_f1": 0.5}
    assert category_auc(found, examples) == {"toxicity_auc": 0.25}


def test_the_word_list_counts_and_vader_feels() -> None:
    listed = WordList().score(["You idiot!", "you stupid, stupid thing", "Such a class act."])
    assert [result.scores["toxicity"] for result in listed] == [0.5, 0.75, 0.0]
    bad, good = Vader().score(["I hate this awful thing", "I love it, great"])
    assert bad.scores["toxicity"] > 0.5 > good.scores["toxicity"]


def test_a_support_vector_machine_learns_the_categories_that_it_has_texts_for() -> None:
    learned = svm(texts(*[("you fool", 1.0)] * FEWEST, *[("nice train", 0.0)] * FEWEST))
    assert learned.categories == ("toxicity",)
    bad, good = learned.score(["what a fool", "a nice day"])
    assert bad.scores["toxicity"] > 0.5 > good.scores["toxicity"]
