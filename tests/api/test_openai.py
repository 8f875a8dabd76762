"""OpenAI's moderation API, asked by OpenAI's own client."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest

from assistant.moderation.policy import Limits, Policy
from tests.server.conftest import Site

from .conftest import KEYS

RUDE = "You are a stupid idiot and nobody likes you."
KIND = "Thank you for the lovely walk along the river."


def client(site: Site, key: str = "none-needed") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{site.url}/v1", api_key=key, max_retries=0)


def test_a_text_gets_one_result_in_openais_categories(api: Site) -> None:
    answer = client(api).moderations.create(input=RUDE)
    assert answer.id.startswith("modr-")
    (result,) = answer.results
    assert result.flagged
    assert result.categories.harassment
    assert result.category_scores.harassment > 0.8
    assert result.category_applied_input_types.harassment == ["text"]
    assert not result.categories.violence_graphic
    assert result.category_scores.self_harm_intent == 0
    assert result.category_applied_input_types.self_harm == []
    names = result.category_scores.model_dump(by_alias=True)
    assert names.keys() == result.categories.model_dump(by_alias=True).keys()
    assert len(names) == 13


def test_a_list_gets_a_result_a_text_in_order_whatever_the_model_is_called(api: Site) -> None:
    texts = [KIND, RUDE] * 40  # more than go to the model for one request at a time
    answer = client(api).moderations.create(input=texts, model="omni-moderation-latest")
    assert [result.flagged for result in answer.results] == [False, True] * 40
    assert answer.model == "switchboard-moderation"


def test_requests_at_the_same_time_get_their_own_answers(api: Site) -> None:
    def ask(number: int) -> bool:
        text = f"{RUDE if number % 2 else KIND} {number}"
        with client(api) as asked:
            return asked.moderations.create(input=text).results[0].flagged

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(24))) == [False, True] * 12


def test_parts_of_one_message_get_one_result(api: Site) -> None:
    parts: Any = [{"type": "text", "text": KIND}, {"type": "text", "text": RUDE}]
    (result,) = client(api).moderations.create(input=parts).results
    assert result.flagged


def test_a_threat_to_a_group_is_both_and_the_policys_limits_decide() -> None:
    from assistant.api.openai import _result
    from assistant.moderation.comments import Comment, Judged

    policy = Policy(limits={"threat": Limits(block=0.5), "identity_attack": Limits(block=0.9)})
    scores = {"threat": 0.6, "identity_attack": 0.7}
    comment = Comment("x")
    result = _result(Judged(comment, scores, (), policy.decide(comment, scores)), policy)
    assert result["flagged"]
    assert result["categories"]["violence"]
    assert not result["categories"]["hate"]
    assert result["category_scores"]["hate/threatening"] == 0.6
    assert not result["categories"]["hate/threatening"]


@pytest.mark.parametrize(
    ("given", "param", "words"),
    [
        ([], "input", "not empty"),
        ([KIND, 7], "input[0]", "Each part"),
        ([{"type": "image_url", "image_url": {"url": "http://x"}}], "input[0]", "Images cannot"),
        (["x"] * 1_001, "input", "1,001 texts"),
        ("x" * 100_001, "input", "100,001 characters"),
    ],
)
def test_an_unusable_input_is_refused_in_openais_form(
    api: Site, given: Any, param: str, words: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=words) as caught:
        client(api).moderations.create(input=given)
    assert (caught.value.param, caught.value.type) == (param, "invalid_request_error")


def test_the_one_model_is_listed_and_other_names_are_not_there(api: Site) -> None:
    with client(api) as asked:
        assert [model.id for model in asked.models.list()] == ["switchboard-moderation"]
        assert asked.models.retrieve("switchboard-moderation").owned_by == "switchboard"
        with pytest.raises(openai.NotFoundError, match="no such model"):
            asked.models.retrieve("gpt")
        with pytest.raises(openai.NotFoundError, match="no such method"):
            asked.completions.create(model="x", prompt="x")


def test_with_keys_a_request_needs_one(closed_api: Site) -> None:
    assert client(closed_api, KEYS["bot"]).moderations.create(input=KIND).results
    with pytest.raises(openai.AuthenticationError, match="not valid") as caught:
        client(closed_api, "a-key-of-nobody-here").moderations.create(input=KIND)
    assert caught.value.code == "invalid_api_key"
    with closed_api.visitor() as visitor:
        for header in ({}, {"authorization": "Basic x"}, {"authorization": "Bearer"}):
            answer = visitor.post("/v1/moderations", json={"input": KIND}, headers=header)
            assert answer.status_code == 401
            assert "has no API key" in answer.json()["error"]["message"]
