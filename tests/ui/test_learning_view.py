"""The report on what was learned: what it says, and that comments in it stay text."""

from __future__ import annotations

from dataclasses import replace

from assistant.moderation.classroom import Learning
from assistant.moderation.comparison import Change, Comparison, Figures, Gate
from assistant.moderation.learning_report import Contrary, Report
from assistant.ui.learning_view import learning_html, live_html

FIGURES = Figures({"allow": {"allow": 9, "block": 1}, "block": {"block": 5}}, 0.8, 0.9, 0.85, 0.95)
HOSTILE = "<script>alert(1)</script>"
REPORT = Report(
    run="moderation-2",
    base="shipped",
    policy="standard@0",
    learned={"allow": 30, "block": 20},
    held_out={"allow": 10, "block": 5},
    left_out={"moderators contradict each other": 3},
    distrusted=("user:mallory",),
    contrary=(Contrary(HOSTILE, "allow", 0.97, ("user:mallory",)),),
    rehearsed=600,
    comparison=Comparison(
        FIGURES,
        replace(FIGURES, f1=0.91),
        {"gay": 0.0, "black": 0.1},
        {"gay": 0.0, "black": 0.05},
        0.01,
        0.0,
        (Change(HOSTILE, "block", "allow", "block", 0.2, 0.8),),
        (Gate("drift", True, "Scores changed by 0.010."),),
    ),
    seconds=120,
    stopped=False,
)


def test_a_report_shows_before_and_after_what_changed_and_what_to_look_at() -> None:
    page = learning_html(Learning("ann", running=False, report=REPORT))
    for part in (
        "moderation-2</strong> is not worse",
        "Learned from 50 comments, measured on 15 others",
        "3 left out: moderators contradict each other",
        "F1 0.85",
        "F1 0.91",
        "<td>black</td><td>10%</td><td>5%</td>",
        "0.20 → 0.80",
        "look at them again",
        "mallory",
    ):
        assert part in page
    assert "<td>gay</td>" not in page  # nothing to tell
    assert "<script>" not in page


def test_what_is_worse_is_not_offered() -> None:
    gate = Gate("fairness", False, "One group is held up more.")
    worse = replace(REPORT, run="", comparison=replace(REPORT.comparison, gates=(gate,)))
    page = learning_html(Learning("ann", running=False, report=worse))
    assert "was thrown away" in page
    assert "✗ One group is held up more." in page


def test_a_version_is_put_in_use_or_taken_back() -> None:
    fresh = live_html("shipped", {"moderation-1": False}, may_go_back=False)
    assert 'data-do="use"' in fresh
    assert 'data-do="rollback"' not in fresh
    live = live_html("moderation-1", {"moderation-1": True}, may_go_back=True)
    assert 'data-do="use"' not in live
    assert 'data-do="rollback"' in live
