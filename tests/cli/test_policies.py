from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.moderation.reviews import Choice
from assistant.settings import Settings
from assistant.storage import OPERATOR, Storage

HARMLESS = (
    "The soup was cold.", "I like trains.", "Where is the second part?", "Great lighting here.",
    "We planted tomatoes in May.", "The sound is too quiet.", "See you next week!", "Nice jacket.",
    "How long did the paint dry?", "My cat watched this too.", "Chapter four was my favourite.",
    "The map at 3:10 is wrong.", "Thanks for the recipe.", "Which lens did you use?",
    "It rained all day.", "I disagree with the ending.", "The bus was late again.",
    "Could you slow down a little?", "Lovely garden.", "The second song is better.",
)  # fmt: skip
HARMFUL = ("You are a worthless idiot.", "Shut up, you stupid moron.", "I hate you, idiot.")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["policies", *(str(word) for word in words)])


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    file = tmp_path / "labelled.csv"
    rows = [*(f'"{text}",ok' for text in HARMLESS), *(f'"{text}",toxic' for text in HARMFUL)]
    file.write_text("\n".join(["text,label", *rows]))
    return file


def test_a_policy_is_saved_shown_and_moved(tmp_path: Path) -> None:
    end = ("--data-dir", tmp_path / "data")
    assert "gaming@0" in run("list", *end).stdout
    changes = ("--set", "limits.insult.block=never", "--set", "blocked_words=moron*, kill yourself")
    saved = run("save", "mine", "--from", "forum", *changes, "--note", "softer", *end, "--json")
    values = json.loads(saved.stdout)
    assert (values["name"], values["version"], values["note"]) == ("mine", 1, "softer")
    assert values["limits"]["insult"]["block"] is None
    assert values["blocked_words"] == ["moron*", "kill yourself"]
    shown = run("show", "mine", *end).stdout
    assert "mine@1" in shown
    assert "never" in shown
    file = tmp_path / "mine.json"
    run("export", "mine", "--out", file, *end)
    assert "mine@2" in run("import", file, *end).stdout


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("limits.insult.block=2", "limits.insult.block"),
        ("name.x=1", "FIELD=VALUE"),
    ],
)
def test_a_change_that_cannot_be_made_is_named(tmp_path: Path, change: str, named: str) -> None:
    refused = run("save", "mine", "--set", change, "--data-dir", tmp_path)
    assert refused.exit_code == 1
    assert named in refused.stderr


def test_thresholds_are_chosen_and_saved_with_their_evidence(
    tmp_path: Path, labelled: Path
) -> None:
    end = ("--data", labelled, "--data-dir", tmp_path / "data", "--category", "toxicity")
    chosen = run("thresholds", *end, "--wrong-removals", "1/5", "--save", "--json")
    document = json.loads(chosen.stdout)
    assert document["comments"] == len(HARMLESS) + len(HARMFUL)
    assert document["chosen"]["toxicity"]["recall"] == 1.0
    assert len(document["curves"]["toxicity"]) == 99
    shown = run("show", "standard@1", "--json", "--data-dir", tmp_path / "data")
    evidence = json.loads(shown.stdout)["evidence"]["toxicity"]
    assert evidence["threshold"] == document["chosen"]["toxicity"]["threshold"]
    assert (evidence["source"], evidence["rows"], evidence["model"]) == (
        "labelled.csv", len(HARMLESS) + len(HARMFUL), "shipped",
    )  # fmt: skip


def test_past_decisions_are_measured_as_well(tmp_path: Path) -> None:
    nothing = Decision("review", "", "")
    storage = Storage.from_settings(Settings.read([], data_dir=tmp_path))
    job = storage.reviews.begin(OPERATOR, "comments", "standard@0", "shipped")
    texts = (*HARMLESS, *HARMFUL)
    judged = [Judged(Comment(text), {"toxicity": 0.5}, (), nothing) for text in texts]
    storage.reviews.add(OPERATOR, job, judged)
    for item in storage.reviews.items(OPERATOR, job):
        action: Choice = "block" if item.comment.text in HARMFUL else "allow"
        storage.reviews.decide(OPERATOR, item.id, action)
    storage.close()
    document = json.loads(run("thresholds", "--decisions", "--data-dir", tmp_path, "--json").stdout)
    assert (document["data"], document["comments"]) == ("past decisions", len(texts))
    assert sum(document["outcome"]["harmful"].values()) == len(HARMFUL)


def test_too_few_comments_promise_nothing_but_are_measured(tmp_path: Path, labelled: Path) -> None:
    refused = run("thresholds", "--data", labelled, "--data-dir", tmp_path, "--wrong-removals",
                  "1/200", "--save")  # fmt: skip
    assert refused.exit_code == 1
    assert "too few harmless comments (20)" in refused.stderr
    assert "standard@0 on 20 harmless: allow 20 (100.0%)" in refused.stdout
    assert not (tmp_path / "policies").exists()
