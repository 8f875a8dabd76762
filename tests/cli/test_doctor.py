"""The doctor: what it says is measured here and now, and what is missing comes with its cure."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from assistant.chat import Assistant
from assistant.doctor import Finding, Report, examine, render
from assistant.doctor.packages import packages
from assistant.settings import PROJECT, Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doctor")


@pytest.fixture(scope="module")
def report(folder: Path) -> Iterator[Report]:
    settings = Settings(_env_file=None, data_dir=folder)  # type: ignore[call-arg]
    assistant = Assistant.from_settings(settings)
    yield examine(assistant)
    assistant.close()


def finding(report: Report, section: str, name: str) -> Finding:
    return next(found for found in report.sections[section] if found.name == name)


def on_screen(report: Report) -> str:
    console = Console(width=80, file=io.StringIO())
    console.print(render(report))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_a_whole_installation_passes(report: Report) -> None:
    wrong = [found for part in report.sections.values() for found in part if not found.ok]
    assert wrong == []
    assert report.ok


def test_every_package_of_the_requirements_is_looked_for() -> None:
    lines = (PROJECT / "requirements.txt").read_text("utf-8").splitlines()
    named = [re.split(r"[\[=<>]", line)[0] for line in lines if not line.startswith("#")]
    assert [found.name for found in packages()] == named


def test_speeds_are_measured(report: Report) -> None:
    milliseconds = finding(report, "Encoder", "one short text").value
    assert isinstance(milliseconds, float)
    assert 0.1 < milliseconds < 1000
    speed = finding(report, "Generator", "speed")
    assert isinstance(speed.value, float)
    assert speed.value > 0
    assert speed.unit == "tokens/s"


def test_it_says_plainly_what_the_models_run_on(report: Report) -> None:
    assert finding(report, "Generator", "device").value in {"CPU", "GPU"}
    assert finding(report, "Computer", "encoder runs on").value == "CPU"


def test_no_network_is_needed(report: Report) -> None:
    assert finding(report, "Network", "network").value == "not needed"


def test_the_report_is_json_and_fits_a_terminal(report: Report) -> None:
    data = json.loads(json.dumps(report.to_json()))
    assert data["ok"] is True
    assert "Everything is in place." in on_screen(report)


def test_a_missing_model_file_is_named_with_its_cure(folder: Path) -> None:
    missing = folder / "missing.gguf"
    settings = Settings(_env_file=None, data_dir=folder, generator=f"llama_cpp:{missing}")  # type: ignore[call-arg]
    assistant = Assistant.from_settings(settings)
    report = examine(assistant)
    assistant.close()
    found = finding(report, "Generator", "generator")
    assert not report.ok
    assert not found.ok
    assert str(missing) in found.note
    assert "Something is missing" in on_screen(report)


def test_a_generator_that_is_off_is_no_fault(folder: Path) -> None:
    settings = Settings(_env_file=None, data_dir=folder, generator="none")  # type: ignore[call-arg]
    assistant = Assistant.from_settings(settings)
    report = examine(assistant)
    assistant.close()
    assert all(found.ok for found in report.sections["Generator"])
