"""Files in the data directory are their owner's alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from assistant.private_files import (
    close_to_others,
    make_file,
    make_folder,
    open_to_others,
    restrict,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files have no modes here")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory as an earlier version left it, readable by everybody."""
    data = tmp_path / "data"
    for folder in ("models/patents/patents-1/model", "uploads/ab", "library", "policies"):
        (data / folder).mkdir(parents=True)
    for file in (
        "switchboard.db",
        "switchboard.db-wal",
        "uploads/ab/x.csv",
        "library/store.sqlite",
    ):
        (data / file).write_text("private")
    for path in (data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return data


def test_a_folder_is_made_with_those_above_it_for_its_owner_alone(tmp_path: Path) -> None:
    made = tmp_path / "one" / "two"
    make_folder(made)
    assert (mode(made), mode(made.parent)) == (0o700, 0o700)
    tmp_path.chmod(0o755)
    make_folder(tmp_path)
    assert mode(tmp_path) == 0o755, "one that is there stays as it is"


def test_a_file_is_made_for_its_owner_alone_and_kept_if_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    make_file(file)
    assert mode(file) == 0o600
    file.write_text("kept")
    make_file(file)
    assert file.read_text() == "kept"


def test_a_data_directory_of_an_earlier_version_is_closed_to_others(data: Path) -> None:
    restrict(data)
    assert mode(data) == 0o700
    for path in data.rglob("*"):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path


def test_what_is_not_ours_keeps_its_mode_and_so_does_a_directory_that_holds_it(
    data: Path,
) -> None:
    """Somebody may have named their home or /tmp as the data directory."""
    other = data / "thesis.pdf"
    other.write_text("for everybody")
    other.chmod(0o644)
    restrict(data)
    assert (mode(data), mode(other)) == (0o755, 0o644)
    assert mode(data / "library") == 0o700
    assert mode(data / "uploads" / "ab" / "x.csv") == 0o600


def test_a_directory_for_everybody_stays_one(data: Path) -> None:
    data.chmod(0o1777)
    restrict(data)
    assert mode(data) == 0o1777
    assert mode(data / "switchboard.db") == 0o600


def test_a_link_out_of_the_directory_is_not_followed(data: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("for everybody")
    for path in (outside, outside / "file"):
        path.chmod(0o755)
    (data / "library" / "folder").symlink_to(outside)
    (data / "library" / "file").symlink_to(outside / "file")
    (data / "models.link").symlink_to(outside)
    restrict(data)
    assert (mode(outside), mode(outside / "file")) == (0o755, 0o755)


def test_a_missing_directory_is_no_error(tmp_path: Path) -> None:
    restrict(tmp_path / "missing")


@pytest.mark.skipif(sys.platform != "linux", reason="needs files whose mode cannot be changed")
def test_a_file_whose_mode_cannot_be_changed_is_no_error() -> None:
    file = Path("/proc/self/status")
    with pytest.raises(OSError, match="not permitted"):
        file.chmod(0o400)
    close_to_others(file)


def test_a_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text("alice:secret")
    for bits, told in ((0o644, True), (0o640, True), (0o604, True), (0o600, False), (0o700, False)):
        file.chmod(bits)
        assert open_to_others(file) is told
    assert not open_to_others(tmp_path / "missing")
