from __future__ import annotations

import pytest

from assistant.models.catalogue import Models
from assistant.models.moderator import Moderation
from assistant.moderation.policy import Limits, Policy, standard
from assistant.moderation.scoring import Scorer
from assistant.training import contexts, hard_cases
from assistant.training.evaluate_moderation import disguised, hard_negatives
from assistant.training.hard_cases import HARMLESS, Held


@pytest.mark.parametrize("kind", HARMLESS)
def test_there_are_thirty_harmless_comments_of_each_kind_half_of_them_kept_apart(kind: str) -> None:
    development = set(hard_cases.harmless(kind, "development"))
    test = set(hard_cases.harmless(kind, "test"))
    assert len(development) + len(test) >= 30
    assert not development & test


def test_no_comment_both_teaches_and_measures() -> None:
    taught = {text.text for text in contexts.sentences(seed=0)}
    for half in ("development", "test"):
        for kind in HARMLESS:
            assert not taught & set(hard_cases.harmless(kind, half))
        assert not taught & {one.meant for one in hard_cases.disguised(half)}


def test_a_name_at_the_start_of_a_sentence_is_written_large() -> None:
    texts = [text.text for text in contexts.sentences(seed=0)]
    assert len(texts) == len(set(texts))
    assert "{" not in "".join(texts)
    assert not any(text.startswith("shit") for text in texts)


def test_what_a_policy_holds_up_is_counted() -> None:
    policy = Policy(limits={"insult": Limits(review=0.5, block=0.9)})
    found = [Moderation({"insult": score}, ()) for score in (0.1, 0.6, 0.95, 0.2)]
    assert hard_cases.held(policy, ["a", "b", "c", "d"], found) == Held(blocked=0.25, held=0.5)


def test_harmless_comments_that_look_bad_are_hardly_ever_blocked(models: Models) -> None:
    model = models.moderation
    shares = hard_negatives(Scorer(model), standard(model.thresholds, model.experimental))
    assert shares["all"]["blocked"] <= 0.08
    assert shares["criticism"]["held"] <= 0.06


def test_abuse_in_disguise_is_found_nearly_as_often_as_plain(models: Models) -> None:
    model = models.moderation
    shares = disguised(model, Scorer(model), standard(model.thresholds, model.experimental))["all"]
    assert shares["normalized"] >= shares["plain"] - 0.05
    assert shares["normalized"] >= shares["disguised"] + 0.2
