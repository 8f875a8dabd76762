"""Whatever Switchboard keeps is readable by its owner only, whoever else uses the computer."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from assistant.settings import PROJECT

PASSWORD = "a password of hers"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="files have no modes here")


@pytest.mark.parametrize("age", ["fresh", "of an earlier version"])
def test_whatever_the_server_keeps_is_its_owners_alone(tmp_path: Path, age: str) -> None:
    """Database, uploads and library were readable by every user of the computer."""
    data, documents, users = tmp_path / "data", tmp_path / "documents", tmp_path / "users.txt"
    documents.mkdir()
    (documents / "lighthouse.md").write_text("# Lighthouse\n\nIts lamp turns.\n", "utf-8")
    users.write_text(f"ann:{PASSWORD}\n")
    users.chmod(0o644)
    if age != "fresh":
        for folder in ("library", "uploads/ab", "models/patents/patents-1", "policies/ours"):
            (data / folder).mkdir(parents=True)
        for file in ("uploads/ab/list.csv", "models/patents/current.json", "policies/ours/1.json"):
            (data / file).write_text("{}")
        for path in (data, *data.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    with app(data, documents, users) as (url, said):
        with httpx.Client(base_url=url, timeout=60) as ann:
            assert ann.post("/login", data={"name": "ann", "password": PASSWORD}).is_redirect
            file = {"files": ("mine.txt", b"private", "text/plain")}
            assert ann.post("/gradio_api/upload", files=file).status_code == 200
            for _ in range(600):
                if any((data / "library").glob("*.sqlite-wal")):
                    break
                time.sleep(0.1)
        found = {path: path.stat().st_mode & 0o7777 for path in (data, *data.rglob("*"))}
    assert {path.name for path in found} >= {"switchboard.db", "switchboard.db-wal", "mine.txt"}
    assert any(path.parent.name == "library" for path in found)
    open_ones = [f"{path} {mode:o}" for path, mode in found.items() if mode & 0o077]
    assert open_ones == []
    assert f"chmod 600 {users}" in said
    assert PASSWORD not in said


def test_the_command_line_keeps_the_data_private_and_leaves_other_files_as_usual(
    tmp_path: Path,
) -> None:
    data, out = tmp_path / "data", tmp_path / "judged.csv"
    note = tmp_path / "note.md"
    note.write_text("# Lighthouse\n\nIts lamp turns.\n", "utf-8")
    (tmp_path / "comments.csv").write_text("text\nFine.\n", "utf-8")
    for command in (
        ["documents", "add", note],
        ["moderate", tmp_path / "comments.csv", "--out", out],
    ):
        subprocess.run(
            [sys.executable, "-m", "assistant", *command, "--data-dir", data],
            cwd=PROJECT,
            umask=0o022,
            check=True,
            capture_output=True,
            timeout=120,
        )
    assert out.stat().st_mode & 0o777 == 0o644
    found = {path: path.stat().st_mode & 0o7777 for path in (data, *data.rglob("*"))}
    assert any(path.suffix == ".sqlite" for path in found), sorted(found)
    assert [f"{path} {mode:o}" for path, mode in found.items() if mode & 0o077] == []


@contextmanager
def app(data: Path, documents: Path, users: Path) -> Iterator[tuple[str, str]]:
    """Run ``python app.py`` until the ``with`` block ends; gives its address and what it said."""
    options = ["--data-dir", data, "--documents-dir", documents, "--auth", users]
    options += ["--generator", "none"]
    process = subprocess.Popen(
        [sys.executable, PROJECT / "app.py", "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        umask=0o022,
    )
    said, found = "", None
    while not found and (line := process.stderr.readline() if process.stderr else ""):
        said += line
        found = re.search(r"Open (http://\S+)", line)
    try:
        assert found, said
        yield found[1], said
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
