from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import DocumentError
from assistant.moderation import sources
from assistant.moderation.comments import Comment
from assistant.moderation.policy import standard
from assistant.types import Attachment

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


def test_a_paste_of_several_comments_is_read_line_by_line() -> None:
    text = "Great!\n\nYou moron.\n"
    assert sources.pasted(text, "moderate these") == ("Great!", "You moron.")
    assert sources.pasted(text, "is this ok") == ("Great!\n\nYou moron.",)
    assert sources.pasted("1. a b\n2. c d", "is it ok") == ("a b", "c d")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,comment\n1,hello there\n2,=cmd()\n"),
        ("b.csv", "id;Comment Text\n1;hello there\n2;=cmd()\n"),
        ("c.csv", "hello there\n=cmd()\n"),
        ("d.jsonl", '{"id": 1, "body": "hello there"}\n{"id": 2, "body": "=cmd()"}\n'),
        ("e.txt", "hello there\n=cmd()\n"),
    ],
)
def test_the_comments_of_a_file_are_found(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    found = sources.attached(Attachment(name, content, path))
    assert found == ("hello there", "=cmd()")


def test_broken_json_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{broken\n")
    with pytest.raises(DocumentError, match="line 1"):
        sources.attached(Attachment("a.jsonl", "", path))
