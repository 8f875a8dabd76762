from __future__ import annotations

import pytest

from assistant.labels import asks_for_several, find_labels, split_labels


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ("classify as sports, politics or tech", "sports|politics|tech"),
        ("Classify this as sports, politics, or tech:", "sports|politics|tech"),
        ("is this about billing or shipping?", "billing|shipping"),
        ("Is it a bug report, a feature request or a question?", "bug report|feature request|"
         "question"),
        ("Which fits best: billing, shipping and returns, or account access?",
         "billing|shipping and returns|account access"),
        ("labels: urgent, not urgent", "urgent|not urgent"),
        ("Put it into one of the categories work/home/travel please", "work|home|travel"),
        ("Choose between 'hard news' and 'opinion piece'", "hard news|opinion piece"),
        ("Pick one:\n- cats\n- dogs\n- fish", "cats|dogs|fish"),
        ("which label fits, A) billing, B) shipping", "billing|shipping"),
        ("zero-shot: anger | joy | Joy", "anger|joy"),
        ("categorize the following ticket (hardware, software)", "hardware|software"),
        ("does this belong to sports or to politics", "sports|politics"),
        ("classify this", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_labels_of_a_request_are_found(words: str, labels: str) -> None:
    assert "|".join(find_labels(words)) == labels


def test_labels_may_stand_before_or_after_the_text() -> None:
    assert split_labels("Is it cooking or sport?\n\nBoil it.") == (("cooking", "sport"), "Boil it.")
    assert split_labels("Boil it.\nlabels: food, sport") == (("food", "sport"), "Boil it.")
    assert split_labels("cats, dogs: It barks: loud.") == (("cats", "dogs"), "It barks: loud.")
    assert split_labels("Dear Sir: hello") == ((), "Dear Sir: hello")


def test_several_labels_are_asked_for_in_words() -> None:
    assert asks_for_several("tag it with all that apply: food, travel")
    assert not asks_for_several("classify as food or travel")
