"""Keeps the data directory to its owner: folders 0700, files 0600. Where files have no such modes,
as on Windows, nothing is done.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
MASK = OTHERS  # the umask of a process that writes for its owner alone
HAS_MODES = os.name == "posix"

# What Switchboard writes into its data directory: these names, with or without an ending.
_OURS = ("switchboard.db", "library", "uploads", "models", "policies", "routes", "learning-")
_SYSTEM = ("lost+found", ".DS_Store")


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner alone.

    Raises:
        OSError: it cannot be made.
    """
    for each in reversed((folder, *folder.parents)):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def make_file(file: Path) -> None:
    """Make an empty file for its owner alone, unless it is there.

    SQLite gives the files that it makes beside a database the same mode.

    Raises:
        OSError: it cannot be made.
    """
    os.close(os.open(file, os.O_CREAT | os.O_RDONLY, 0o600))


def restrict(data_dir: Path) -> None:
    """Take the rights of others from all that Switchboard keeps in ``data_dir``.

    Also from the directory itself, unless it holds other things or is one for everybody, such as
    /tmp. No error if that cannot be done.
    """
    if not HAS_MODES:
        return
    with suppress(OSError):
        entries = [entry for entry in data_dir.iterdir() if entry.name not in _SYSTEM]
        ours = [entry for entry in entries if entry.name.startswith(_OURS)]
        if len(ours) == len(entries) and not data_dir.stat().st_mode & stat.S_ISVTX:
            close_to_others(data_dir)
        for entry in ours:
            close_to_others(entry)
            if entry.is_symlink():
                continue
            for folder, folders, files in os.walk(entry):
                for name in (*folders, *files):
                    close_to_others(Path(folder, name))


def close_to_others(path: Path) -> None:
    """Take the rights of others from a file or folder; no error if that cannot be done."""
    with suppress(OSError):
        mode = path.lstat().st_mode
        if mode & OTHERS and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)


def open_to_others(file: Path) -> bool:
    """Say whether other users of this computer can read ``file``."""
    with suppress(OSError):
        return HAS_MODES and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    return False
