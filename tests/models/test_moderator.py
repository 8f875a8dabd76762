from __future__ import annotations

import pytest

from assistant.models.catalogue import Models
from assistant.models.heads import CATEGORIES, EXPERIMENTAL

INSULT = "You are a stupid idiot and everyone hates you."
POLITE = "I respectfully disagree with this article; the second figure seems wrong to me."
SPAM = "Check out my channel and subscribe!!! Free iPhone for the first 100 at http://win.example"


def test_every_category_is_scored_and_has_thresholds_in_order(models: Models) -> None:
    scores = models.moderation.score([INSULT])[0].scores
    assert tuple(scores) == CATEGORIES
    assert models.moderation.experimental == EXPERIMENTAL
    for name in set(CATEGORIES) - EXPERIMENTAL:
        limits = models.moderation.thresholds[name]
        assert 0 < limits["review"] <= limits["block"] < 1


@pytest.mark.parametrize("text", [INSULT, "shut up you pathetic moron", "you fucking asshole"])
def test_insults_reach_the_review_threshold(text: str, models: Models) -> None:
    score = models.moderation.score([text])[0].scores["toxicity"]
    assert score >= models.moderation.thresholds["toxicity"]["review"]


@pytest.mark.parametrize(
    "text",
    [
        POLITE,
        "The food was cold and the waiter forgot us twice. Very disappointing.",
        "Thanks for the video, it helped me fix my bike!",
        "This is the worst film I have seen this year.",
    ],
)
def test_polite_criticism_is_left_alone(text: str, models: Models) -> None:
    score = models.moderation.score([text])[0].scores["toxicity"]
    assert score < models.moderation.thresholds["toxicity"]["review"]


def test_spam_is_told_from_insults(models: Models) -> None:
    spam, insult = models.moderation.score([SPAM, INSULT])
    assert spam.scores["spam"] > 0.5 > insult.scores["spam"]
    assert insult.scores["toxicity"] > spam.scores["toxicity"]


def test_the_insulting_words_are_marked_whole(models: Models) -> None:
    marked = " ".join(
        INSULT[span.start : span.end] for span in models.moderation.score([INSULT])[0].spans
    )
    assert "idiot" in marked
    assert models.moderation.score([POLITE])[0].spans == ()


def test_a_comment_is_as_bad_as_its_worst_part(models: Models) -> None:
    long = POLITE * 30 + INSULT + POLITE * 30
    result = models.moderation.score([long])[0]
    assert result.scores["toxicity"] > 0.5
    assert any("idiot" in long[span.start : span.end] for span in result.spans)


@pytest.mark.parametrize("text", ["", " \n\t", "\x00"])
def test_a_comment_without_words_is_harmless(text: str, models: Models) -> None:
    result = models.moderation.score([text])[0]
    assert set(result.scores.values()) == {0.0}
    assert result.spans == ()


def test_order_does_not_change_the_scores_and_progress_reaches_the_end(models: Models) -> None:
    texts = [INSULT, POLITE, SPAM, "ok", "😀", "\ud83d", POLITE * 20] * 40
    seen: list[tuple[int, int]] = []
    forth = models.moderation.score(texts, lambda done, total: seen.append((done, total)))
    back = models.moderation.score(texts[::-1])[::-1]
    assert seen[-1] == (len(texts), len(texts))
    for one, other in zip(forth, back, strict=True):
        assert dict(one.scores) == pytest.approx(dict(other.scores), abs=0.05)
