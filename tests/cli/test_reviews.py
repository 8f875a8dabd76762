from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.settings import Settings
from assistant.storage import Storage

ALICE = "session:aaaa"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory; in its queue a comment was blocked by mistake, and then skipped."""
    storage = Storage.from_settings(Settings(_env_file=None, data_dir=tmp_path))
    queue = storage.reviews
    job = queue.begin(ALICE, "spring.csv", "forum@3", "shipped")
    found = Decision("review", "toxicity", "toxicity is 0.50")
    texts = ("=cmd()", "fine")
    queue.add(ALICE, job, [Judged(Comment(text), {"toxicity": 0.5}, (), found) for text in texts])
    first = queue.items(ALICE, job)[0]
    queue.decide(ALICE, first.id, "block", "oops")
    queue.undo(ALICE)
    queue.decide(ALICE, first.id, "skip")
    storage.close()
    return tmp_path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["reviews", *map(str, words)])


def test_the_jobs_of_every_owner_are_listed(data: Path) -> None:
    (job,) = json.loads(run("list", "--json", "--data-dir", data).stdout)
    assert (job["title"], job["items"], job["open"], job["owner"]) == ("spring.csv", 2, 2, ALICE)
    listed = run("list", "--data-dir", data).stdout
    assert "2 comments" in listed
    assert "spring.csv" in listed


def test_every_decision_is_exported_and_no_cell_is_a_formula(data: Path) -> None:
    out = data / "decisions.csv"
    done = json.loads(run("export", "--out", out, "--json", "--data-dir", data).stdout)
    assert done["decisions"] == 3
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert [(row["action"], row["standing"]) for row in rows] == [
        ("block", "False"), ("undo", "False"), ("skip", "True")
    ]  # fmt: skip
    assert rows[0]["text"] == "'=cmd()"
    assert rows[0]["note"] == "oops"
    again = run("export", "--out", out, "--data-dir", data)
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_learning_from_too_few_decisions_says_how_many_are_needed(data: Path) -> None:
    found = run("learn", "--json", "--data-dir", data)
    assert found.exit_code == 1
    assert "40 are needed" in json.loads(found.stdout)["error"]
