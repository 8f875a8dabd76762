"""What the Train tab answers to each thing a user does there, and how it shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from assistant import Assistant
from assistant.errors import InputError
from assistant.models.versions import Versions
from assistant.server.site import may_train
from assistant.settings import Settings
from assistant.training.classifiers import Request
from assistant.training.options import Point
from assistant.training.workshop import Training as Course
from assistant.training.workshop import Workshop
from assistant.ui import training_view as view
from assistant.ui.curves import curves_html
from assistant.ui.training import Training, check_hub, suggested_name
from tests.training.samples import moods, table, untrained

POINTS = (
    Point(0.25, 0.9, None, None, 30.0),
    Point(0.5, 0.6, 0.7, 0.81, 20.0),
    Point(0.75, 0.3, 0.5, 0.9, 10.0),
)
ATTACK = "<img src=x onerror=alert(1)> ${alert(2)}"


@pytest.fixture
def tab(unread: Assistant) -> Training:
    with gr.Blocks():
        return Training(unread, Workshop(unread.settings.data_dir, lambda: unread.models.encoder))


def test_a_table_shows_its_columns_counts_and_a_sample(tab: Training, tmp_path: Path) -> None:
    file = tmp_path / "My Moods 2.csv"
    table(file, moods(40))
    seen = tab._choose(str(file), "", "", "")
    assert seen[tab.texts].value == "text"
    assert seen[tab.labels].value == "label"
    assert "<strong>28</strong> texts to learn from" in seen[tab.data]
    assert seen[tab.name] == "my_moods"
    assert "sb-notice" in tab._look(str(file), "", "label", "text")
    assert tab._choose(str(file), "", "mine", "old")[tab.name] == "mine"
    assert tab._choose(str(file), "", "old", "old")[tab.name] == "my_moods"


def test_a_file_that_is_no_table_is_refused_in_words(tab: Training, tmp_path: Path) -> None:
    file = tmp_path / "broken.parquet"
    file.write_bytes(b"PAR1 and nothing more")
    assert "broken.parquet cannot be read" in tab._choose(str(file), "", "", "")[tab.data]


def test_what_stands_in_the_data_is_shown_as_it_is(tmp_path: Path) -> None:
    rows = [replace(item, text=f"{item.text} {ATTACK}") for item in moods(40)]
    prepared = Request("x", table(tmp_path / "a.csv", rows)).look()
    shown = view.data_html(replace(prepared, notices=(ATTACK,)))
    assert "<img" not in shown
    assert "${" not in shown
    assert "&lt;img" in shown


def test_only_names_on_the_hub_are_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    for wrong in ("../etc", "/etc/passwd", "tests/ui", "a", "owner/name/more", "."):
        with pytest.raises(InputError, match="is no name on the Hugging Face hub"):
            check_hub(wrong)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="--profile hub"):
        check_hub("owner/name")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    check_hub("owner/name:configuration")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("embedded", "lora", "many", "", 16, 0), "Epochs is 'many'"),
        (("embedded", "lora", "", "5", 16, 0), "Learning rate 5 is out of range"),
        (("embedded", "lora", "", "", 0, 0), "Batch size 0 is out of range"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(
    tab: Training, values: tuple[object, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        tab.advanced.options(values)


def test_defaults_need_no_touching(tab: Training) -> None:
    values = [component.value for component in tab.advanced.components]  # type: ignore[attr-defined]
    assert tab.advanced.options(values).base == "embedded"


def test_progress_says_how_far_it_is_and_how_long_it_takes() -> None:
    shown = view.progress_html(Course("moods", "training", POINTS, seconds=30))
    assert "75% done, 10 s left, 90% right" in shown
    assert "validation loss 0.500" in shown
    assert shown.count("<polyline") == 2
    assert "156.0,12.0 300.0" in shown  # the highest loss stands at the top
    assert curves_html(POINTS[:1]) == ""


def test_the_end_is_told_or_why_there_was_none() -> None:
    assert "moods-1" in view.progress_html(Course("moods", "ended", POINTS, run="moods-1"))
    failed = view.progress_html(Course("moods", "failed", failure=f"No {ATTACK}."))
    assert "No &lt;img" in failed


def test_runs_offer_what_can_be_done_with_them(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    assert "No trainings yet" in view.runs_html(versions, None)
    versions.new("moods")
    assert "Resume" in view.runs_html(versions, None)
    busy = view.runs_html(versions, Course("moods", "training"))
    assert "in training" in busy
    assert "Resume" not in busy
    assert "Use it" not in busy


def test_a_name_for_the_tool_is_suggested() -> None:
    assert suggested_name("Patents (2019).csv.gz") == "patents"
    assert suggested_name("owner/AG-News:default") == "ag_news"


@pytest.mark.parametrize(
    ("arguments", "may"),
    [
        ([], True),
        (["--share"], False),
        (["--auth", "a:b"], False),
        (["--host", "0.0.0.0"], False),
        (["--allowed-hosts", "example.org"], False),
        (["--share", "--allow-training"], True),
    ],
)
def test_strangers_may_not_train(arguments: list[str], may: bool) -> None:
    assert may_train(Settings.read(arguments)) is may


def test_a_run_is_reported_put_in_use_and_rolled_back(
    tab: Training, unread: Assistant, tiny_base: str
) -> None:
    data_dir = unread.settings.data_dir
    untrained(data_dir, "tempers", ("bad", "good"), tiny_base)
    (data_dir / "models/tempers/tempers-1/report.md").write_text("# tempers-1\n")

    def click(action: str) -> dict[object, object]:
        return tab._act(gr.EventData(None, {"action": action, "id": "tempers-1"}))

    assert "# tempers-1" in click("report")[tab.report].value  # type: ignore[attr-defined]
    assert "in use: tempers-1" in str(click("use")[tab.runs])
    assert "tempers" in unread.tools
    assert "in use: nothing of your own" in str(click("rollback")[tab.runs])
    assert "tempers" not in unread.tools
