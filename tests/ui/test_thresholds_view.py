"""The threshold workbench: what it says of curves, choices, and of the policy as it is."""

from __future__ import annotations

import re

from assistant.moderation.curves import curves
from assistant.moderation.workbench import Outcome, choose, read_target
from assistant.ui.thresholds_view import choice_html, curves_html, outcome_html

LABELS = [False] * 900 + [True] * 60
SCORES = [0.1] * 899 + [0.5] + [0.9] * 60
HARMS = [frozenset(("insult",)) if label else frozenset[str]() for label in LABELS]


def test_a_choice_says_what_each_threshold_does_and_between_what_its_promise_lies() -> None:
    choice = choose(HARMS, {"insult": SCORES}, read_target("1/200"))
    page = choice_html(choice)
    assert "at most 1 in 200 harmless comments is blocked" in page
    assert re.search(r"insult</th><td[^>]*>0\.5001<", page)
    assert "60 of 60" in page
    assert "0 of 900" in page
    assert "0.00% and 0.41%" in page


def test_curves_say_in_words_what_they_draw_and_mark_what_is_chosen() -> None:
    points = {"insult": curves(LABELS, SCORES), "threat": curves([False] * 960, SCORES)}
    page = curves_html(points, {"insult": 0.5001})
    assert page.count("<polyline") == 3  # of threats there are none
    assert 'x1="120.0"' in page
    assert "insult from 0.5: 98% of what is blocked, harmful, 100% of the harmful" in page
    assert "labelled harmful" in curves_html({"threat": points["threat"]})


def test_the_policy_as_it_is_is_told_with_what_was_left_out() -> None:
    outcome = Outcome(harmful={"block": 50, "allow": 10}, harmless={"allow": 890, "review": 10})
    page = outcome_html("forum@2", outcome, 3)
    assert "of 900 harmless comments it would block 0 and review 10" in page
    assert "of 60 harmful comments it would block 50" in page
    assert "3 rows have no text" in page
