from __future__ import annotations

import pytest

from assistant.models.catalogue import Models


def label(models: Models, text: str) -> str:
    scores = models.sentiment.predict([text])[0]
    return max(scores, key=scores.__getitem__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I love it", "positive"),
        ("Thank you so much, this made my day!", "positive"),
        ("Not bad at all, I would come again.", "positive"),
        ("😍😍😍", "positive"),
        ("Terrible service, never again.", "negative"),
        ("The battery died after two days and nobody answers my mails.", "negative"),
        ("a dull, lifeless film without a single good idea", "negative"),
        ("The train leaves at nine.", "neutral"),
        ("Water boils at 100 degrees.", "neutral"),
    ],
)
def test_plain_feelings_are_recognized(text: str, expected: str, models: Models) -> None:
    assert label(models, text) == expected


def test_a_mixed_feeling_scores_on_both_sides(models: Models) -> None:
    scores = models.sentiment.predict(["the plot dragged but I loved the ending"])[0]
    assert min(scores["negative"], scores["positive"]) > 0.1


def test_scores_add_up_whatever_the_text(models: Models) -> None:
    texts = ["", " \n", "🙂", "\x00", "\ud800", "a" * 5000, "good film. " * 20_000, "北京", "[SEP]"]
    for scores in models.sentiment.predict(texts):
        assert list(scores) == ["negative", "neutral", "positive"]
        assert sum(scores.values()) == pytest.approx(1)


def test_a_text_without_words_leaves_all_labels_alike(models: Models) -> None:
    assert models.sentiment.predict([" "])[0]["neutral"] == pytest.approx(1 / 3)


def test_a_long_text_is_read_to_its_end(models: Models) -> None:
    start = "The room was on the third floor. " * 40
    scores = models.sentiment.predict([start, start + "We hated every awful minute of it! " * 60])
    assert scores[1]["negative"] > scores[0]["negative"] + 0.2


def test_order_and_company_do_not_change_the_label(models: Models) -> None:
    texts = ["I love it", "awful " * 50, "The train leaves at nine.", "ok", "What a day!"]
    together = models.sentiment.predict(texts)
    backwards = models.sentiment.predict(texts[::-1])[::-1]
    for one, other in zip(together, backwards, strict=True):
        assert one == pytest.approx(other, abs=0.03)
