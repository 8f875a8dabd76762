from __future__ import annotations

import pytest

from assistant.moderation import rules
from assistant.moderation.comments import Comment
from assistant.moderation.policy import Policy
from assistant.moderation.words import WordList
from assistant.types import Span

INSULT = {"insult": {"review": 0.3, "block": 0.6}}


def decided(text: str, score: float = 0.0, author: str = "", **fields: object) -> tuple[str, str]:
    policy = Policy.model_validate({"limits": INSULT, **fields})
    found = policy.decide(Comment(text, author=author), {"insult": score})
    return found.verdict, found.rule


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("moron", "You MORON!", ["MORON"]),
        ("moron", "an oxymoron, and morons", []),
        ("moron*", "an oxymoron, and Morons.", ["Morons"]),
        ("kill yourself", "go and kill\n yourself", ["kill\n yourself"]),
        ("kill yoursel*", "kill yourself, kill yoursel", ["kill yourself", "kill yoursel"]),
        ("kill yourself", "kill the boss yourself", []),
        ("c++", "I like C++ more than C", ["C++"]),
        ("don't", "I don’t", ["don’t"]),
        ("Straße", "STRASSE", ["STRASSE"]),
        ("ｍｏｒｏｎ", "moron", ["moron"]),
        ("傻瓜", "你是傻瓜吗", ["傻瓜"]),
        ("🖕", "well 🖕🏽", ["🖕"]),
        (".*", "anything", ValueError),
        ("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", []),
        ("*", "anything", ValueError),
        (" ", "anything", ValueError),
    ],
)
def test_a_list_finds_whole_words_and_never_patterns(
    entry: str, text: str, found: list[str] | type[Exception]
) -> None:
    if not isinstance(found, list):
        with pytest.raises(found):
            WordList([entry])
        return
    places = WordList([entry, "unrelated", "unrel*"]).find(text)
    assert [text[place.start : place.end] for place in places] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.example/x?y=1 now", ["https://a.example/x?y=1"]),
        ("www.example.com", ["www.example.com"]),
        ("join t.me/abc or bit.ly/x, spam-shop.xyz!", ["t.me/abc", "bit.ly/x,", "spam-shop.xyz"]),
        ("That was it.It was fun, e.g. this... 3.5/5", []),
        ("write to me@example.com", []),
        ("a" * 50_000 + "." + "b.-" * 50_000, []),
    ],
)
def test_links_are_found_without_a_scheme_too(text: str, found: list[str]) -> None:
    assert [text[span.start : span.end] for span in rules.links(text)] == found


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("no emoji at all", 1.0),
        ("", 1.0),
        ("😂 😂", 0.5),  # the study's lowest: emoji alone
        ("👍🏽👨‍👩‍👧", 0.5),  # of several characters each, yet two emoji
        ("abc😂", 0.8),
        ("ok 😂😂", 4 / 6),
        ("o 😂😂", 3 / 5),
    ],
)
def test_the_share_of_text_is_that_of_the_seed_study(text: str, share: float) -> None:
    assert rules.text_share(text) == pytest.approx(share)


def test_rules_decide_in_their_order() -> None:
    lists = {"blocked_words": ["bad"], "reviewed_words": ["hm"], "blocked_authors": ["@Troll"]}
    assert decided("bad", 0.9, "troll", **lists) == ("block", "blocked_authors")
    assert decided("bad hm", 0.9, **lists) == ("block", "blocked_words")
    assert decided("hm", 0.9, **lists) == ("block", "insult")  # what blocks comes first
    assert decided("hm", 0.4, **lists) == ("review", "reviewed_words")
    assert decided("hm", 0.4, "owner", trusted_authors=["Owner"], **lists) == (
        "allow",
        "trusted_authors",
    )
    assert decided("well", 0.4, **lists) == ("review", "insult")
    assert decided("well", 0.2, **lists) == ("allow", "")


def test_links_and_emoji_decide_only_where_they_are_asked_to() -> None:
    alone, within = "https://a.example 👇", "look: https://a.example"
    assert decided(alone) == ("allow", "")
    assert decided(alone, only_links="block", links="review") == ("block", "only_links")
    assert decided(within, only_links="block", links="review") == ("review", "links")
    assert decided("😂😂", only_emoji="review") == ("review", "only_emoji")
    assert decided("ok 😂😂", only_emoji="review") == ("allow", "")
    assert decided("ok 😂😂", only_emoji="review", emoji_share=0.7) == ("review", "only_emoji")


def test_an_owner_is_known_by_the_id_of_the_channel() -> None:
    owner, other = "UC" + "a" * 22, "UC" + "b" * 22
    policy = Policy.model_validate({"limits": INSULT, "trusted_authors": [owner]})

    def verdict(author: str, **fields: str) -> str:
        return policy.decide(Comment("x", author=author, fields=fields), {"insult": 0.9}).verdict

    assert verdict("Ann", authorChannelId=owner) == "allow"
    assert verdict(owner) == "allow"  # where a source has nothing but the id
    assert verdict(owner, authorChannelId=other) == "block"  # a name that poses as the id


@pytest.mark.parametrize("text", ["you m0r0n", "you m o r o n", "M\u200boron, moooron"])
def test_blocked_words_are_found_in_disguise_and_marked_in_the_original(text: str) -> None:
    policy = Policy.model_validate({"limits": {}, "blocked_words": ["moron"]})
    found = policy.decide(Comment(text), {})
    assert found.verdict == "block"
    assert all("m" in text[span.start : span.end].lower() for span in found.spans)


def test_a_changed_copy_looks_for_its_own_words() -> None:
    policy = Policy.model_validate({"limits": {}, "blocked_words": ["one"]})
    assert policy.decide(Comment("one"), {}).verdict == "block"
    changed = policy.model_copy(update={"blocked_words": ("two",)})
    assert changed.decide(Comment("one"), {}).verdict == "allow"
    assert changed.decide(Comment("two"), {}).verdict == "block"


def test_a_very_long_comment_is_decided_at_once() -> None:
    """Every word marked and allowed: comparing each with each would take many minutes."""
    policy = Policy.model_validate(
        {"limits": INSULT, "allowed_words": ["kill"], "links": "review", "only_emoji": "review"}
    )
    text = "kill 😂 " * 20_000
    spans = [Span(place * 7, place * 7 + 4, "toxicity", 0.9) for place in range(20_000)]
    assert policy.decide(Comment(text), {"insult": 0.9}, spans).verdict == "review"


def test_a_found_word_is_marked_where_it_stands() -> None:
    policy = Policy.model_validate({"limits": {}, "blocked_words": ["moron*"]})
    found = policy.decide(Comment("you, Morons!"), {})
    assert [(span.start, span.end) for span in found.spans] == [(5, 11)]
    assert "moron*" in found.reason


@pytest.mark.parametrize(
    ("allowed", "score", "expected"),
    [
        ([], 0.9, ("block", "insult")),
        (["kill"], 0.9, ("review", "insult")),
        (["kill"], 0.4, ("allow", "allowed_words")),
        (["kill the boss"], 0.9, ("review", "insult")),
        (["boss"], 0.9, ("block", "insult")),
    ],
)
def test_allowed_words_soften_scores_when_no_other_word_is_marked(
    allowed: list[str], score: float, expected: tuple[str, str]
) -> None:
    policy = Policy.model_validate({"limits": INSULT, "allowed_words": allowed})
    comment = Comment("now kill the boss")
    found = policy.decide(comment, {"insult": score}, (Span(4, 8, "toxicity", 0.9),))
    assert (found.verdict, found.rule) == expected
    both = (Span(4, 8, "toxicity", 0.9), Span(13, 17, "toxicity", 0.9))
    if allowed == ["kill"]:
        assert policy.decide(comment, {"insult": score}, both).rule == "insult"
    assert policy.decide(comment, {"insult": score}).rule == "insult"  # nothing is marked
