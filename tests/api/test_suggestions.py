"""Suggested scores become review decisions, as Coral and bots send them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from googleapiclient.errors import HttpError

from assistant.moderation.reviews import ReviewItem
from assistant.storage import OPERATOR
from tests.server.conftest import Site

from .conftest import KEYS
from .test_perspective import client, refusal

SUGGEST = "/v1alpha1/comments:suggestscore"


def coral(text: str, number: int, value: int) -> dict[str, Any]:
    """Return the body that Coral sends when a moderator approves (0) or rejects (1) a comment."""
    return {
        "comment": {"text": text},
        "context": {"entries": [{"text": '{"url": "https://news.example/1"}'}]},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": value}}},
        "languages": ["en"],
        "communityId": "Coral:https://news.example",
        "clientToken": f"comment:{number}",
    }


def suggest(site: Site, body: dict[str, Any], key: str = KEYS["coral"]) -> Any:
    return client(site, key).comments().suggestscore(body=body).execute()


def kept(site: Site, owner: str, words: str) -> list[ReviewItem]:
    return [item for item in site.storage.reviews.each(owner) if words in item.comment.text]


def test_a_suggestion_is_a_decision_of_the_key_with_what_was_judged(closed_api: Site) -> None:
    answer = suggest(closed_api, coral("You quince-headed moron!", 1, 1))
    assert answer["clientToken"] == "comment:1"
    (item,) = kept(closed_api, "api:coral", "quince")
    assert (item.action, item.model) == ("block", "shipped")
    assert item.scores["insult"] > 0.5
    assert item.comment.id == "comment:1"
    (decision,) = item.decisions
    assert (decision.moderator, decision.action) == ("api:coral", "block")
    assert decision.note == "Coral:https://news.example"


def test_a_change_of_mind_is_a_second_decision_on_the_same_comment(closed_api: Site) -> None:
    for value in (1, 0, 0):
        suggest(closed_api, coral("The medlar was 100% ripe_ \\ then.", 2, value))
    suggest(closed_api, coral("The medlar was 100% ripe_ \\ then.", 3, 1))
    newer, older = sorted(kept(closed_api, "api:coral", "medlar"), key=lambda item: -item.id)
    assert [decision.action for decision in older.decisions] == ["block", "allow"]
    assert (older.action, newer.action) == ("allow", "block")
    assert older.job == newer.job


def test_people_who_log_in_and_the_operator_see_it_and_nobody_else_does(closed_api: Site) -> None:
    suggest(closed_api, coral("A sorb among the apples", 4, 0))
    for owner, sees in (("user:alice", True), (OPERATOR, True), ("api:bot", False),
                        ("session:0", False)):  # fmt: skip
        assert bool(kept(closed_api, owner, "sorb")) is sees, owner


def test_span_scores_alone_and_other_attributes_decide_by_the_worst(closed_api: Site) -> None:
    spans = [{"begin": 0, "end": 3, "score": {"value": 0.1}}, {"score": {"value": 0.9}}]
    scores = {"SPAM": {"spanScores": spans}, "INSULT": {"summaryScore": {"value": 0}}}
    suggest(closed_api, {"comment": {"text": "Buy my loquats"}, "attributeScores": scores})
    (item,) = kept(closed_api, "api:coral", "loquats")
    assert item.action == "block"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"attributeScores": {}}, "Missing attribute_scores"),
        ({"attributeScores": {"RUDE": {}}}, "Unknown requested attribute: RUDE"),
        ({"attributeScores": {"TOXICITY": {"summaryScore": {"value": 7}}}}, "less than or equal"),
        ({"comment": {"text": ""}}, "Comment must be non-empty"),
    ],
)
def test_an_unusable_suggestion_is_refused(
    closed_api: Site, changes: dict[str, Any], words: str
) -> None:
    sent = coral("x", 5, 1) | changes
    status, error = refusal(closed_api, sent, path=SUGGEST, params={"key": KEYS["bot"]})
    assert status == 400
    assert words in error["message"]
    assert not list(closed_api.storage.reviews.each("api:bot"))


def test_without_a_key_nothing_is_kept(closed_api: Site) -> None:
    with pytest.raises(HttpError) as caught:
        suggest(closed_api, coral("A bletted comment", 6, 1), key="")
    assert caught.value.status_code == 403
    assert not kept(closed_api, OPERATOR, "bletted")


def test_a_comment_that_a_moderator_looks_at_is_to_be_sent_again(closed_api: Site) -> None:
    suggest(closed_api, coral("One more persimmon", 7, 1))
    (item,) = kept(closed_api, "api:coral", "persimmon")
    served = closed_api.storage.reviews.next("user:alice", item.job, second_opinion=True)
    while served is not None and served.id != item.id:
        closed_api.storage.reviews.decide("user:alice", served.id, "skip")
        served = closed_api.storage.reviews.next("user:alice", item.job, second_opinion=True)
    assert served is not None
    with closed_api.visitor(params={"key": KEYS["coral"]}) as visitor:
        answer: httpx.Response = visitor.post(SUGGEST, json=coral("One more persimmon", 7, 0))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
