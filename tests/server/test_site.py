"""The whole site with the real assistant: what ``python app.py`` gives."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.server.launch import running
from assistant.settings import PROJECT, Settings
from tests.ui.standin import ScriptedAssistant


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a starter library of one page, which is there in no time."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "lighthouse.md").write_text("# Lighthouse\n\nIts lamp turns.\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, documents: Path) -> Iterator[str]:
    data = tmp_path_factory.mktemp("data")
    settings = Settings(_env_file=None, data_dir=data, documents_dir=documents, port=0)  # type: ignore[call-arg]
    with running(settings) as (url, _):
        yield url


def test_the_page_is_served_and_the_models_load_behind_it(url: str) -> None:
    assert httpx.get(url, timeout=30).status_code == 200
    for _ in range(1200):
        health = httpx.get(f"{url}/health").json()
        if health["status"] != "loading":
            break
        time.sleep(0.1)
    assert health == {"status": "ready", "doing": ""}


def test_other_programs_on_this_computer_can_ask_for_moderation(url: str) -> None:
    answer = httpx.post(f"{url}/v1/moderations", json={"input": ["Fine."]}, timeout=60).json()
    assert [result["flagged"] for result in answer["results"]] == [False]


def test_the_page_names_no_other_host_to_load_from(url: str) -> None:
    page = httpx.get(url, timeout=30).text
    loaded = re.findall(r"<(?:script|img|iframe|source)[^>]+src=[\"'](.*?)[\"']", page)
    loaded += re.findall(
        r"<link[^>]+rel=[\"'](?:stylesheet|preload|icon).*?href=[\"'](.*?)[\"']", page
    )
    assert [place for place in loaded if re.match(r"(https?:)?//", place)] == []
    styles = httpx.get(f"{url}/theme.css", timeout=30).text
    assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", styles)


def test_the_page_keeps_no_analytics_and_no_history_in_the_browser(url: str) -> None:
    config = httpx.get(f"{url}/config", timeout=30).json()
    assert config["analytics_enabled"] is False
    assert config.get("run_history", False) is False


def test_app_py_tells_its_address_and_stops_on_ctrl_c(tmp_path: Path, documents: Path) -> None:
    options = ["--port", "0", "--data-dir", tmp_path, "--documents-dir", documents]
    process = subprocess.Popen(
        [sys.executable, PROJECT / "app.py", *options],
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if found := re.search(r"Open (http://\S+)", line):
            break
    assert found, said
    assert httpx.get(found[1], timeout=30).status_code == 200
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    assert process.wait(30) == 0
    assert "Stopped." in rest
    assert "Traceback" not in rest


def test_a_login_outlives_a_restart_of_the_server(tmp_path: Path) -> None:
    settings = Settings.read(["--auth", "ann:secret"], port=0, data_dir=tmp_path)
    with httpx.Client(timeout=30) as ann:
        for start in ("first", "second"):
            assistant: Any = ScriptedAssistant(settings)
            with running(settings, assistant) as (address, _):
                if start == "first":
                    assert ann.get(f"{address}/config").status_code == 401
                    ann.post(f"{address}/login", data={"name": "ann", "password": "secret"})
                assert ann.get(f"{address}/config").status_code == 200
