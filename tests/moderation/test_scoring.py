from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from assistant.models.catalogue import Models
from assistant.models.moderator import Moderation, Moderator, Progress
from assistant.moderation.comments import Comment
from assistant.moderation.judging import Judge
from assistant.moderation.policy import standard
from assistant.moderation.scoring import Scorer
from assistant.types import Span

DISGUISED = "Great video. You are a s.t.u.p.i.d 1d10t!"


class KnowsIdiots:
    """Marks the word idiot, and remembers what it was asked."""

    categories = ("insult", "spam")
    experimental = frozenset({"spam"})

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        self.asked += texts
        if progress:
            progress(len(texts), len(texts))
        return [self._score(text) for text in texts]

    def _score(self, text: str) -> Moderation:
        place = text.find("idiot")
        if place < 0:
            return Moderation({"insult": 0.1, "spam": 0.4}, ())
        return Moderation({"insult": 0.9, "spam": 0.2}, (Span(place, place + 5, "toxicity", 0.9),))


def scorer() -> tuple[Scorer, KnowsIdiots]:
    model = KnowsIdiots()
    return Scorer(cast(Moderator, model)), model


def test_a_disguised_comment_is_as_bad_as_its_worse_reading_and_marked_where_it_stands() -> None:
    made, _ = scorer()
    (found,) = made.score(["you 1d10t"])
    assert found.scores == {"insult": 0.9, "spam": 0.4}
    assert [(span.start, span.end) for span in found.spans] == [(4, 9)]


def test_what_is_the_same_is_scored_once_and_answered_in_order() -> None:
    made, model = scorer()
    seen: list[tuple[int, int]] = []
    texts = ["first!", "you idiot", "first!", "you 1d10t", "first!"]
    found = made.score(texts, lambda done, total: seen.append((done, total)))
    assert sorted(model.asked) == ["first!", "you 1d10t", "you idiot"]
    assert [line.scores["insult"] for line in found] == [0.1, 0.9, 0.1, 0.9, 0.1]
    assert seen[-1] == (5, 5)


def test_no_comments_are_no_work() -> None:
    assert scorer()[0].score([]) == []


def test_experimental_categories_are_shown_and_decide_nothing(models: Models) -> None:
    made = Scorer(models.moderation)
    assert made.experimental == {"sexually_explicit"}
    assert made.experimental < set(made.categories)
    assert not made.experimental & set(models.moderation.thresholds)


def test_a_disguised_insult_is_held_up_with_its_words_marked(models: Models) -> None:
    judge = Judge(
        models.moderation, standard(models.moderation.thresholds, models.moderation.experimental)
    )
    (judged,) = judge.judge([Comment(DISGUISED)])
    assert judged.decision.verdict != "allow"
    marked = [DISGUISED[span.start : span.end] for span in judged.spans]
    assert any("1d10t" in words for words in marked)
    assert not any("Great" in words for words in marked)


@pytest.mark.parametrize("text", ["", "\u200b", "﷽" * 3, "\x00", "🤬"])
def test_odd_texts_are_scored_too(text: str, models: Models) -> None:
    (found,) = Scorer(models.moderation).score([text])
    assert set(found.scores) == set(models.moderation.categories)
