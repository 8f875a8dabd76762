"""Learning from decisions: what people agree on is learned, and a handful of wrong ones is not."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.models.catalogue import Models
from assistant.models.versions import Versions
from assistant.moderation import learning, rehearsal
from assistant.moderation.comments import Comment
from assistant.moderation.learning_report import FILE, Report
from assistant.moderation.lessons import gather, targets
from assistant.moderation.policy import standard
from assistant.moderation.reviews import Action, PastDecision
from assistant.settings import Settings
from assistant.training.fairness import MEASURING, TEACHING

ALICE, BOB, MALLORY = "user:alice", "user:bob", "user:mallory"
CATEGORIES = ("toxicity", "insult", "spam")
LIMITS = standard({name: {"review": 0.4, "block": 0.8} for name in CATEGORIES})
GAMES = (
    "We will kill the {} at dawn, bring your healers.",
    "I am going to murder that {} with my bare hands tonight.",
    "Shoot the {} in the head, it has no armour there.",
    "Die, you stupid {}, I need your loot!",
    "Somebody please burn this {} to the ground before the timer ends.",
)
FOES = ("troll", "dragon", "wizard", "boss", "zombie", "goblin")
SLANG = (
    "Go touch grass, {}.",
    "Skill issue, uninstall the game, {}.",
    "Imagine being a {} at your age, cope harder.",
    "Cry more, {}, your tears are delicious.",
    "Your mum dresses you, {}.",
)
PLAYERS = ("bot", "npc", "noob", "scrub", "tryhard", "hardstuck bronze")
KIND = (
    "I love this community, thank you all.",
    "What a kind and helpful answer.",
    "Have a wonderful weekend, everybody!",
    "Congratulations on ten years of the channel.",
    "This made my day so much better.",
    "Your tutorial saved me hours of work.",
    "The music in this episode is beautiful.",
    "I learned a lot, please keep going.",
    "Thanks for adding subtitles.",
    "Greetings from a happy viewer in Norway.",
)


def decision(
    text: str,
    action: Action,
    moderator: str = ALICE,
    rule: str = "",
    toxicity: float = 0.5,
) -> PastDecision:
    return PastDecision(
        item=0, job="job", text=text, author="", scores={"toxicity": toxicity}, verdict="review",
        rule=rule, policy="standard@0", model="shipped", moderator=moderator, action=action,
        note="", created=datetime.now(timezone.utc),
    )  # fmt: skip


def game_chat() -> list[PastDecision]:
    """Thirty decisions of either kind, as a community of players would make them."""
    return [
        decision(template.format(name), action)
        for templates, names, action in ((GAMES, FOES, "allow"), (SLANG, PLAYERS, "block"))
        for template in templates
        for name in names
    ]  # type: ignore[misc]


def enough(moderator: str = ALICE) -> list[PastDecision]:
    return [
        decision(f"comment number {place}", "allow" if place % 2 else "block", moderator)
        for place in range(40)
    ]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("learning")))


@pytest.fixture(scope="module")
def folder(live: Models) -> Path:
    return live._settings.data_dir


@pytest.fixture(scope="module")
def report(live: Models, folder: Path) -> Report:
    """What was learned from thirty decisions of each kind."""
    told: list[tuple[float, str]] = []
    found = learning.learn(
        game_chat(), live, folder, epochs=1.5, progress=lambda *now: told.append(now)
    )
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    return found


def flagged(models: Models, texts: Sequence[str]) -> int:
    found = models.moderation.score(texts)
    policy = standard(models.moderation.thresholds, models.moderation.experimental)
    return sum(policy.decide(Comment(""), one.scores).verdict != "allow" for one in found)


def test_what_is_agreed_on_is_learned_and_reported(report: Report, folder: Path) -> None:
    before, after = report.comparison.before, report.comparison.after
    assert report.passed, [gate.sentence for gate in report.comparison.gates if not gate.passed]
    assert after.f1 > before.f1 + 0.1
    assert after.auc > before.auc + 0.1
    assert sum(report.learned.values()) + sum(report.held_out.values()) == 60
    for kind, count in report.held_out.items():
        assert sum(before.confusion[kind].values()) == count
        assert sum(after.confusion[kind].values()) == count
    assert report.comparison.changed
    assert {item.action for item in report.contrary} == {"allow", "block"}
    written = json.loads((Versions(folder).find(report.run).folder / FILE).read_text("utf-8"))
    assert written == json.loads(json.dumps(report.to_json()))
    assert not list(folder.glob("learning-*"))


def test_it_goes_live_when_told_to_and_can_be_taken_back(
    report: Report, live: Models, folder: Path
) -> None:
    assert live.label("moderation") == report.base == "shipped"
    fight = [template.format("ogre") for template in GAMES]
    shipped = live.moderation.score(fight)
    learning.put_in_use(live, folder, report.run)
    assert live.label("moderation") == report.run
    learned = live.moderation.score(fight)
    assert sum(one.scores["toxicity"] for one in learned) < sum(
        one.scores["toxicity"] for one in shipped
    )
    assert flagged(live, KIND) == 0
    live.rollback("moderation")
    assert live.label("moderation") == "shipped"
    assert live.moderation.score(fight) == shipped


def test_what_was_compared_with_another_model_does_not_go_live(
    report: Report, live: Models, folder: Path, tmp_path: Path
) -> None:
    file = Versions(folder).find(report.run).folder / FILE
    kept = file.read_text("utf-8")
    file.write_text(json.dumps({**json.loads(kept), "base": "moderation-7"}), "utf-8")
    with pytest.raises(InputError, match="compared with moderation-7, but shipped is in use"):
        learning.put_in_use(live, folder, report.run)
    file.write_text(kept, "utf-8")
    with pytest.raises(InputError, match="no training run"):
        learning.put_in_use(live, folder, "moderation-99")


def test_what_is_worse_is_thrown_away_and_says_why(live: Models, folder: Path) -> None:
    runs = len(Versions(folder).runs())
    rude = [f"You are a {word} idiot." for word in ("total", "dumb", "real", "huge", "sad", "fat",
            "silly", "big", "rude", "lazy", "weak", "vile", "poor", "ugly", "old", "bad", "mad",
            "dull", "sick", "slow")]  # fmt: skip
    nice = [f"What a nice {word}." for word in ("day", "shirt", "song", "garden", "video", "goal",
            "speech", "photo", "idea", "voice")]  # fmt: skip
    flipped = [decision(text, "allow") for text in rude]
    flipped += [decision(text, "block") for text in (*nice, *KIND)]
    stop = threading.Event()
    stop.set()
    found = learning.learn(flipped, live, folder, stop=stop)
    assert not found.passed
    assert found.stopped
    assert found.run == ""
    reasons = [gate.sentence for gate in found.comparison.gates if not gate.passed]
    assert any("against a score of which the model was sure" in reason for reason in reasons)
    assert len(Versions(folder).runs()) == runs


def test_a_handful_of_decisions_is_refused_with_counts() -> None:
    few = [decision(f"kind words {place}", "block") for place in range(10)]
    with pytest.raises(InputError, match=r"10 different comments .* 0 allowed and 10 blocked"):
        gather(few, CATEGORIES)
    repeated = [decision("  The same   COMMENT ", "block") for _ in range(500)]
    with pytest.raises(InputError, match="1 different comments"):
        gather(repeated, CATEGORIES)
    one_sided = [decision(f"bad {place}", "block") for place in range(200)]
    with pytest.raises(InputError, match="10 of each kind"):
        gather(one_sided, CATEGORIES)


def test_every_comment_is_learned_or_held_out_and_always_the_same_way() -> None:
    found = gather(enough(), CATEGORIES)
    texts = {lesson.text for lesson in (*found.learned, *found.held_out)}
    assert len(texts) == len(found.learned) + len(found.held_out) == 40
    kinds = [lesson.action for lesson in found.held_out]
    assert kinds.count("allow") == kinds.count("block") == 5
    assert gather(reversed(enough()), CATEGORIES).held_out == found.held_out


def test_undone_decisions_skips_and_disagreements_teach_nothing() -> None:
    others = [
        decision("undone", "block"),
        decision("skipped", "skip"),
        decision("disputed", "allow"),
        decision("disputed", "block", BOB),
        decision("a listed word", "block", rule="blocked_words"),
        decision("a listed word that is fine", "allow", rule="blocked_words"),
    ]
    others[0] = replace(others[0], standing=False)
    found = gather([*enough(), *others], CATEGORIES)
    assert found.left_out == {"moderators disagree": 1, "decided by a list or rule": 1}
    assert len(found.learned) + len(found.held_out) == 41


def test_where_several_moderate_one_alone_cannot_overrule_a_sure_score() -> None:
    poison = [decision(text, "block", MALLORY, toxicity=0.02) for text in KIND]
    found = gather([*enough(), *poison], CATEGORIES)
    assert found.left_out == {"against a sure score, without a second opinion": 10}
    confirmed = [decision(text, "block", BOB, toxicity=0.02) for text in KIND]
    assert gather([*enough(), *poison, *confirmed], CATEGORIES).left_out == {}


def test_a_moderator_whom_the_others_contradict_is_not_believed() -> None:
    turned = [
        replace(one, moderator=MALLORY, action="block" if one.action == "allow" else "allow")
        for one in enough()[:12]
    ]
    more = [decision(f"kind words {place}", "block", MALLORY) for place in range(30)]
    found = gather([*enough(), *enough(BOB), *turned, *more], CATEGORIES)
    assert found.distrusted == (MALLORY,)
    assert found.left_out == {"by moderators whom others contradict": 30}
    assert len(found.learned) + len(found.held_out) == 40


def test_what_a_decision_says_of_each_category() -> None:
    scores = {"toxicity": 0.5, "insult": 0.3, "spam": 0.1}
    lesson = gather([*enough(), decision("x", "allow")], CATEGORIES).learned[0]
    allowed = targets(replace(lesson, action="allow"), scores, LIMITS)
    assert allowed == {"toxicity": 0.05, "insult": 0.3, "spam": 0.1}
    blocked = targets(replace(lesson, action="block", rule="insult"), scores, LIMITS)
    assert blocked == {"toxicity": 0.95, "insult": 0.95, "spam": 0.1}
    advert = targets(replace(lesson, action="block", rule="spam"), scores, LIMITS)
    assert advert == {"toxicity": 0.5, "insult": 0.3, "spam": 0.95}
    missed = targets(replace(lesson, action="block", rule=""), {**scores, "spam": 0.8}, LIMITS)
    assert missed == {"toxicity": 0.5, "insult": 0.3, "spam": 0.95}


def test_what_is_rehearsed_never_measures() -> None:
    rehearsed, watched = set(rehearsal.rehearsed()), set(rehearsal.watched())
    assert not rehearsed & watched
    assert len(rehearsed | watched) == len(rehearsal.HARMLESS) + len(rehearsal.HARMFUL)
    assert not set(TEACHING) & set(MEASURING)


def test_a_model_that_cannot_learn_says_so(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, models={"moderation": "some/model"})
    with pytest.raises(InputError, match="some/model, cannot learn"):
        learning.learn(enough(), Models(settings), tmp_path)
