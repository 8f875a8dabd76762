from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import DocumentError, InputError
from assistant.moderation.policies import PRESETS, Policies
from assistant.moderation.policy import Evidence, Limits, Policy, standard
from assistant.settings import PROJECT

CATEGORIES = ("toxicity", "severe_toxicity", "identity_attack", "insult", "profanity", "threat",
              "sexually_explicit", "spam")  # fmt: skip
STANDARD = standard({name: {"review": 0.5, "block": 0.9} for name in CATEGORIES[:-1]}, ("spam",))


@pytest.fixture
def policies(tmp_path: Path) -> Policies:
    return Policies(tmp_path, STANDARD)


def test_every_preset_is_usable_and_says_what_it_is_for(policies: Policies) -> None:
    assert policies.names() == ("standard", "family-friendly", "forum", "gaming")
    for name in policies.names():
        preset = policies.get(name)
        assert preset.label == f"{name}@0"
        assert preset.description.endswith(".")
        assert any(limits.review is not None for limits in preset.limits.values())
    assert STANDARD.limits["spam"] == Limits()


def test_a_preset_leaves_out_what_the_model_does_not_score(tmp_path: Path) -> None:
    toxic_only = Policies(tmp_path, standard({"toxicity": {"review": 0.5, "block": 0.9}}))
    assert set(toxic_only.get("forum").limits) == {"toxicity"}


def test_saving_makes_a_version_and_keeps_the_older(policies: Policies) -> None:
    first = policies.save(policies.get("forum"), note="as it is", by="ann")
    second = policies.save(first.model_copy(update={"links": "review"}))
    assert (first.label, second.label) == ("forum@1", "forum@2")
    assert (first.note, first.by) == ("as it is", "ann")
    assert first.created <= second.created
    assert policies.versions("forum") == (1, 2)
    assert policies.get("forum") == second
    assert policies.get("forum@1") == first
    assert policies.get("forum@0").version == 0


def test_evidence_goes_with_the_threshold_that_it_is_about(policies: Policies) -> None:
    found = Evidence(
        threshold=0.8, target="at most 1 in 200", source="ours.csv", rows=900, harmful=90,
        precision=0.9, recall=0.5, false_positive_rate=0.001, interval=(0.0, 0.004),
        model="shipped", measured="2026-03-01",
    )  # fmt: skip
    policy = Policy(name="mine", limits={"insult": Limits(block=0.8)}, evidence={"insult": found})
    assert policies.save(policy).evidence == {"insult": found}
    changed = policy.model_copy(update={"limits": {"insult": Limits(block=0.7)}})
    assert policies.save(changed).evidence == {}


def test_two_programs_that_save_at_once_never_overwrite(policies: Policies, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from assistant.moderation.policies import Policies\n"
        "from assistant.moderation.policy import Policy\n"
        "policies = Policies(Path(sys.argv[1]), Policy(limits={}))\n"
        "for number in range(30):\n"
        "    policies.save(Policy(name='mine', limits={}), by=f'{sys.argv[2]}-{number}')\n"
    )
    commands = [[sys.executable, "-c", script, str(tmp_path), who] for who in "ab"]
    running = [subprocess.Popen(command, cwd=PROJECT) for command in commands]
    assert [process.wait() for process in running] == [0, 0]
    saved = [policies.get(f"mine@{version}") for version in policies.versions("mine")]
    assert len({policy.by for policy in saved}) == 60


def test_a_number_that_somebody_died_with_is_left_out(policies: Policies, tmp_path: Path) -> None:
    policies.save(Policy(name="mine", limits={}))
    (tmp_path / "policies/mine/.2").touch()
    assert policies.save(Policy(name="mine", limits={})).version == 3


@pytest.mark.parametrize("name", ["../x", "a/b", "", "Forum", "a\n", "x" * 41, "forum@", "forum@x"])
def test_a_name_is_never_a_path(policies: Policies, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        policies.get(name)


def test_what_is_not_there_is_told_with_what_is(policies: Policies) -> None:
    with pytest.raises(InputError, match=r"no policy “mine”.*standard, family-friendly, forum"):
        policies.get("mine")
    policies.save(Policy(name="mine", limits={}))
    with pytest.raises(InputError, match=r"no policy mine@7.*mine@1"):
        policies.get("mine@7")


@pytest.mark.parametrize("name", ["../mine", "a/b", "Mine", ""])
def test_a_copy_with_a_bad_name_is_never_saved(
    policies: Policies, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match="name"):
        policies.save(policies.get("forum").model_copy(update={"name": name}))
    assert not [path for path in tmp_path.parent.iterdir() if path.name == "mine"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "other", "limits": {}}', "\xff"])
def test_a_damaged_file_is_named(policies: Policies, tmp_path: Path, content: str) -> None:
    policies.save(Policy(name="mine", limits={}))
    file = tmp_path / "policies/mine/mine-1.json"
    file.write_text(content, "latin-1")
    with pytest.raises(DocumentError, match=r"mine-1\.json"):
        policies.get("mine")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"limits": {"insult": {"block": 1.5}}}, "limits.insult.block"),
        ({"limits": {"insult": {"block": float("nan")}}}, "limits.insult.block"),
        ({"limits": {}, "blocked_words": ["ok", "*"]}, "blocked_words.1"),
        ({"limits": {}, "name": "../../etc"}, "name"),
        ({"limits": {}, "links": "delete"}, "links"),
        ({"limits": {}, "hidden": True}, "hidden"),
        ({"limits": {}, "emoji_share": 0.1}, "emoji_share"),
    ],
)
def test_a_bad_value_of_a_foreign_file_is_named_with_its_field(
    policies: Policies, tmp_path: Path, values: dict[str, object], named: str
) -> None:
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps({"name": "theirs", **values}))
    with pytest.raises(DocumentError, match=named):
        policies.import_file(file)
    assert "theirs" not in policies.names()


def test_a_category_that_nothing_scores_is_named(policies: Policies, tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps({"name": "theirs", "limits": {"rudeness": {"block": 0.5}}}))
    with pytest.raises(InputError, match=r"“rudeness”.*toxicity"):
        policies.import_file(file)


def test_what_is_exported_comes_back_the_same(policies: Policies, tmp_path: Path) -> None:
    saved = policies.save(
        policies.get("gaming").model_copy(update={"name": "mine", "blocked_words": ("naïve*",)})
    )
    file = tmp_path / "mine.json"
    file.write_text(policies.export(saved), "utf-8")
    again = policies.import_file(file)
    same = {"version": 1, "note": "", "created": saved.created}
    assert again.model_copy(update=same) == saved
    assert again.version == 2


def test_presets_name_only_categories_of_the_shipped_model() -> None:
    for file in PRESETS.glob("*.json"):
        assert set(json.loads(file.read_text("utf-8"))["limits"]) <= set(CATEGORIES)
