from __future__ import annotations

from datetime import date, datetime, timezone
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from assistant.errors import InputError
from assistant.moderation import examples, workbench
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.moderation.curves import curves, interval, labels_of
from assistant.moderation.examples import ANY
from assistant.moderation.policy import Limits, Policy
from assistant.moderation.reviews import Action, PastDecision
from assistant.moderation.workbench import Target, choose, outcome, read_target, with_evidence

CATEGORIES = ("toxicity", "insult", "profanity", "identity_attack")
HARMLESS: frozenset[str] = frozenset()
TOXIC = frozenset((ANY,))


def drawn(harmless: int, harmful: int, seed: int = 0) -> tuple[list[frozenset[str]], list[float]]:
    """Return harmless comments with low scores and harmful ones with high scores, overlapping."""
    chance = np.random.default_rng(seed)
    scores = [*chance.beta(2, 8, harmless), *chance.beta(8, 2, harmful)]
    return [HARMLESS] * harmless + [TOXIC] * harmful, scores


@pytest.mark.parametrize(
    ("header", "rows", "harms"),
    [
        ("text,label", ["a,0", "b,1"], [[], [ANY]]),
        (
            "comment,decision,toxicity",
            ["a,allow,1", "b,Block,0", "c,review,0", "d,,0"],
            [[], [ANY]],
        ),
        ("text,label", ["a,ok", "b,insult", "c,toxic", "d,not_toxic"], [[], ["insult"], [ANY], []]),
        (
            "id,comment_text,toxic,obscene,insult",
            ["7,a,0,0,0", "8,b,1,0,1", "9,c,,,", "10,d,0.2,0.5,0"],
            [[], ["insult", "toxicity"], ["profanity"]],
        ),
    ],
)
def test_labels_are_read_as_people_write_them(
    tmp_path: Path, header: str, rows: list[str], harms: list[list[str]]
) -> None:
    file = tmp_path / "labelled.csv"
    file.write_text("\n".join([header, *rows]))
    found = examples.read(file, CATEGORIES)
    assert [sorted(example.harms) for example in found.examples] == harms
    assert found.left_out == len(rows) - len(harms)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("text,label\na,0\nb,positive\n", "Row 2 .*positive"),
        ("text,stars\na,0\nb,1\n", "no column of labels.*stars"),
        ("text,verdict,toxicity,marked words\na,allow,0.1,\n", "not of people"),
    ],
)
def test_labels_that_say_nothing_are_refused(tmp_path: Path, content: str, named: str) -> None:
    file = tmp_path / "labelled.csv"
    file.write_text(content)
    with pytest.raises(InputError, match=named):
        examples.read(file, CATEGORIES)


def decided(text: str, moderator: str, action: Action, standing: bool = True) -> PastDecision:
    return PastDecision(
        item=1, job="j", text=text, author="", scores={}, verdict="review", rule="", policy="p@1",
        model="shipped", moderator=moderator, action=action, note="",
        created=datetime(2026, 3, 1, tzinfo=timezone.utc), standing=standing,
    )  # fmt: skip


def test_past_decisions_are_examples_where_moderators_agree() -> None:
    found = examples.from_decisions(
        [
            decided("fine", "ann", "block", standing=False),
            decided("fine", "ann", "allow"),
            decided("bad", "ann", "block"),
            decided("bad", "ben", "block"),
            decided("unclear", "ann", "block"),
            decided("unclear", "ben", "allow"),
            decided("unread", "ann", "skip"),
        ]
    )
    assert {one.comment.text: bool(one.harms) for one in found.examples} == {
        "fine": False,
        "bad": True,
    }
    assert found.left_out == 1


def test_a_curve_counts_what_reaches_each_threshold() -> None:
    harms, scores = drawn(80, 40)
    harms[3] = frozenset(("insult",))  # neither right nor wrong for profanity
    labels = labels_of(harms, "profanity")
    for point in curves(labels, scores, [0.0, 0.3, scores[5], 1.0]):
        pairs = zip(labels, scores, strict=True)
        reached = [label for label, score in pairs if score >= point.threshold]
        assert (point.caught, point.wrong) == (reached.count(True), reached.count(False))
        assert (point.harmful, point.harmless) == (40, 79)


@pytest.mark.parametrize(("found", "total"), [(0, 50), (1, 50), (7, 736), (50, 50), (0, 736)])
def test_the_interval_is_the_exact_one(found: int, total: int) -> None:
    oracle = binomtest(found, total).proportion_ci(0.95, "exact")
    assert interval(found, total) == pytest.approx((oracle.low, oracle.high))


def test_the_most_is_blocked_that_the_target_allows() -> None:
    harms, scores = drawn(3_000, 500)
    chosen = choose(harms, {"toxicity": scores}, Target(1, 200))
    point = chosen.points["toxicity"]
    assert point.interval[1] <= 1 / 200
    assert interval(point.wrong + 1, 3_000)[1] > 1 / 200
    next_harmless = max(score for score in scores[:3_000] if score < chosen.thresholds["toxicity"])
    assert chosen.thresholds["toxicity"] - next_harmless < 2e-4


def test_a_promise_is_kept_on_comments_that_were_not_seen() -> None:
    """Harmless scores drawn evenly: the true share blocked is what lies above the threshold."""
    chance, target = np.random.default_rng(1), Target(1, 50)
    broken = 0
    for _ in range(200):
        scores = chance.random(800).tolist()
        chosen = choose([HARMLESS] * 800, {"toxicity": scores}, target)
        broken += 1 - chosen.thresholds["toxicity"] > target.share
    assert broken / 200 <= 0.05


def test_all_categories_keep_to_the_target_together() -> None:
    harms, first = drawn(3_000, 300, seed=1)
    _, second = drawn(3_000, 300, seed=2)
    chosen = choose(harms, {"insult": first, "profanity": second}, Target(1, 100))
    wrong = sum(
        one >= chosen.thresholds["insult"] or two >= chosen.thresholds["profanity"]
        for one, two in zip(first[:3_000], second[:3_000], strict=True)
    )
    assert chosen.together.wrong == wrong
    assert 0 < interval(wrong, 3_000)[1] <= 1 / 100


def test_wrong_removals_can_be_counted_among_the_removals() -> None:
    harms, scores = drawn(500, 2_000)
    chosen = choose(harms, {"toxicity": scores}, Target(1, 100, "blocked"))
    assert (
        interval(chosen.together.wrong, chosen.together.wrong + chosen.together.caught)[1] <= 0.01
    )


@pytest.mark.parametrize("among", ["harmless", "blocked"])
def test_few_comments_promise_nothing(among: workbench.Among) -> None:
    harms, scores = drawn(50, 50)
    with pytest.raises(InputError, match=r"too few .*At least 736"):
        choose(harms, {"toxicity": scores}, Target(1, 200, among))
    assert workbench.rows_needed(Target(1, 200)) == 736
    assert interval(0, 736)[1] <= 1 / 200 < interval(0, 735)[1]


def test_harmless_comments_with_the_highest_score_are_named_as_the_cause() -> None:
    with pytest.raises(InputError, match="score too high"):
        choose([HARMLESS] * 1_000, {"toxicity": [1.0] * 1_000}, Target(1, 200))


@pytest.mark.parametrize(
    ("text", "share"), [("1/200", 0.005), (" 1 in 200", 0.005), ("0.5%", 0.005), ("2 %", 0.02)]
)
def test_a_target_is_read_as_a_ratio_or_a_percentage(text: str, share: float) -> None:
    assert read_target(text).share == share


@pytest.mark.parametrize("text", ["", "0/200", "1/0", "3/2", "few", "0%", "100%", "-1/5"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"1/200"):
        read_target(text)


def test_what_was_measured_is_kept_with_the_threshold() -> None:
    harms, scores = drawn(1_000, 200)
    policy = Policy(limits={"toxicity": Limits(review=0.99, block=None), "insult": Limits()})
    chosen = choose(harms, {"toxicity": scores}, Target(1, 200))
    set_ = with_evidence(policy, chosen, "ours.csv", "shipped", date(2026, 3, 1))
    limits, evidence = set_.limits["toxicity"], set_.evidence["toxicity"]
    assert limits.block == limits.review == chosen.thresholds["toxicity"]
    assert set_.limits["insult"] == Limits()
    assert (evidence.source, evidence.model, evidence.measured) == (
        "ours.csv", "shipped", "2026-03-01",
    )  # fmt: skip
    assert (evidence.rows, evidence.harmful) == (1_200, 200)
    assert evidence.false_positive_rate <= evidence.interval[1] <= 1 / 200
    assert Policy.model_validate_json(set_.model_dump_json()) == set_


def test_the_outcome_is_that_of_the_whole_policy() -> None:
    policy = Policy(limits={"insult": Limits(review=0.5)}, blocked_words=("bad",))
    nothing = Decision("allow", "", "")
    judged = [
        Judged(Comment(text), {"insult": score}, (), nothing)
        for text, score in [("bad", 0.0), ("fine", 0.6), ("fine", 0.1)]
    ]
    found = outcome(policy, judged, [TOXIC, HARMLESS, HARMLESS])
    assert dict(found.harmful) == {"block": 1}
    assert dict(found.harmless) == {"review": 1, "allow": 1}
