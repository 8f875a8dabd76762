from __future__ import annotations

import pytest

from assistant.moderation.comments import Comment
from assistant.moderation.policy import standard

POLICY = standard(
    {"insult": {"review": 0.3, "block": 0.6}, "threat": {"review": 0.01, "block": 0.02}}
)


@pytest.mark.parametrize(
    ("scores", "verdict", "named"),
    [
        ({"insult": 0.1, "threat": 0.1}, "allow", "no category"),
        ({"insult": 0.4, "threat": 0.0}, "review", "insult is 0.40"),
        ({"insult": 0.4, "threat": 0.9}, "block", "threat is 0.90"),
    ],
)
def test_a_verdict_names_the_score_that_decided(
    scores: dict[str, float], verdict: str, named: str
) -> None:
    found = POLICY.decide(Comment(""), scores)
    assert found.verdict == verdict
    assert named in found.reason


def test_tiny_thresholds_are_raised_to_the_floor() -> None:
    assert POLICY.decide(Comment(""), {"insult": 0.0, "threat": 0.1}).verdict == "allow"
