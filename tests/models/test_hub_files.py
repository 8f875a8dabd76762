"""Downloads from a hub that runs in the test, on this computer."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models.hub_files import Bytes, fetch
from assistant.models.roles import ROLES
from tests.models.hub_server import COMMIT, Hub, serving

PINNED = f"maker/tiny@{COMMIT}"
SIZE = 30_000_000  # bytes: the library reports in steps of ten million


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "served"
    made.mkdir()
    (made / "config.json").write_text("{}")
    (made / "model.safetensors").write_bytes(bytes(SIZE))
    (made / "pytorch_model.bin").write_bytes(b"a pickle")
    (made / "modeling_evil.py").write_text("import os")
    return made


def _all(progress: Generator[Bytes, None, Path]) -> tuple[list[Bytes], Path]:
    seen = []
    while True:
        try:
            seen.append(next(progress))
        except StopIteration as done:
            return seen, done.value


def test_a_model_is_downloaded_once_and_then_works_offline(folder: Path, tmp_path: Path) -> None:
    with serving(Hub("maker/tiny", folder, pause=0.01)) as hub:
        seen, where = _all(fetch(PINNED, endpoint=hub.address, cache=tmp_path / "cache"))
        asked = len(hub.asked)
        again, there = _all(fetch(PINNED, endpoint=hub.address, cache=tmp_path / "cache"))
        assert (again, there, len(hub.asked)) == ([], where, asked)
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {SIZE + 2}
    assert any(0 < done < SIZE for done, _ in seen)
    assert sorted(path.name for path in where.iterdir()) == ["config.json", "model.safetensors"]
    assert _all(fetch(PINNED, endpoint=hub.address, cache=tmp_path / "cache")) == ([], where)


def test_closing_stops_the_download(folder: Path, tmp_path: Path) -> None:
    with serving(Hub("maker/tiny", folder, pause=0.03)) as hub:
        progress = fetch(PINNED, endpoint=hub.address, cache=tmp_path / "cache")
        next(progress)
        progress.close()
        time.sleep(1.2)  # longer than the whole file would take
        weights = list((tmp_path / "cache").rglob("model.safetensors"))
    assert not weights


def test_without_a_network_it_says_what_is_missing(folder: Path, tmp_path: Path) -> None:
    with serving(Hub("maker/tiny", folder)) as hub:
        address = hub.address
    started = time.perf_counter()
    with pytest.raises(ModelError, match=r"tiny@.* is not on this computer.*cannot be reached"):
        _all(fetch(PINNED, endpoint=address, cache=tmp_path / "cache"))
    assert time.perf_counter() - started < 5


def test_a_name_that_the_hub_does_not_know(folder: Path, tmp_path: Path) -> None:
    with serving(Hub("maker/tiny", folder)) as hub:
        for name in ("maker/other", "maker/../tiny", "maker/tiny\nx"):
            with pytest.raises(ModelError, match="hub has no model"):
                _all(fetch(name, endpoint=hub.address, cache=tmp_path / "cache"))


def test_a_repository_without_safetensors_is_not_fetched(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").unlink()
    with (
        serving(Hub("maker/tiny", folder)) as hub,
        pytest.raises(ModelError, match="not stored as safetensors"),
    ):
        _all(fetch(PINNED, endpoint=hub.address, cache=tmp_path / "cache"))
    assert not any("/resolve/" in request for request in hub.asked)


@pytest.mark.parametrize("role", [role for role, kind in ROLES.items() if kind.hub])
def test_the_models_of_the_hub_profile_are_pinned_to_a_commit(role: str) -> None:
    name, _, revision = ROLES[role].model.partition("@")
    assert name.count("/") == 1
    assert len(revision) == 40
    assert set(revision) <= set("0123456789abcdef")
