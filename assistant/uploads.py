"""The files that visitors upload: each kept for one visitor, under an id, for a day.

A visitor never names a path. The server stores the file, gives its id, and resolves the id when
the visitor sends it back. An id is good for the visitor who uploaded the file and for nobody else.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from assistant.errors import UploadError
from assistant.private_files import close_to_others, make_folder

LIFETIME = 86_400.0  # seconds that an upload is kept
MOST_FILES = 1_000  # uploads of one visitor at a time
SHARES = 10  # all visitors together may hold this many times what one may
KEPT_FREE = 200_000_000  # bytes of the disk that uploads leave free
LEAST = 8_192  # bytes that even an empty upload takes: its folder and its file
LONGEST_NAME = 120  # bytes of a stored name: with the longest suffix, any file system takes it
LONGEST_SUFFIX = 16  # bytes

_ID = re.compile(r"[0-9a-f]{32}")
_VISITOR = re.compile(r"[0-9a-f]{40}")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # on Windows

GONE = (
    "This file is not among your uploads here. Uploads are kept for a day and belong to the "
    "browser, or the login, that sent them. Attach the file again."
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file. ``name`` is safe to show and to store under; ``size`` is in bytes."""

    id: str
    name: str
    path: Path
    size: int


class Uploads:
    """The uploads of all visitors below one folder; safe to use from many threads.

    ``quota`` is how many bytes one visitor may have stored at a time, ``kept_free`` how many
    bytes of the disk stay free.
    """

    def __init__(
        self,
        folder: Path,
        quota: int,
        kept_free: int = KEPT_FREE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder.resolve()
        make_folder(self.folder)
        self._quota = quota
        self._kept_free = kept_free
        self._clock = clock
        self._lock = threading.RLock()
        self._arriving: dict[str, int] = {}  # visitor's folder → bytes announced, not yet stored
        self._stored: int | None = None  # bytes of everybody's uploads, once they are counted

    def find(self, owner: str, upload_id: object) -> Upload:
        """Return the upload of this id.

        Raises:
            UploadError: the visitor has no such upload, or has it no more.
        """
        if not isinstance(upload_id, str) or not _ID.fullmatch(upload_id):
            raise UploadError(GONE)
        for path in _entries(self._folder_of(owner) / upload_id):
            try:
                status = path.lstat()
            except FileNotFoundError:
                break
            if S_ISREG(status.st_mode):
                return Upload(upload_id, path.name, path, status.st_size)
        raise UploadError(GONE)

    @contextmanager
    def arriving(self, owner: str, size: int) -> Iterator[Path]:
        """Give a new folder for files of ``size`` bytes in all that are about to be written.

        The folder goes at the end, with what was not ``keep``t.

        Raises:
            UploadError: the visitor's quota, the quota of all, or the disk has no room for them.
        """
        home = self._folder_of(owner)
        folder = home / f"arriving-{secrets.token_hex(8)}"
        with self._lock:
            self._check(home, size)
            self._arriving[home.name] = self._arriving.get(home.name, 0) + size
        try:
            with self._lock:  # not while an empty ``home`` is cleared away
                make_folder(folder)
            yield folder
        except OSError as error:
            raise UploadError(_no_disk(error)) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with self._lock:
                self._arriving[home.name] -= size
                if self._arriving[home.name] <= 0:
                    del self._arriving[home.name]

    def keep(self, owner: str, file: Path, name: str) -> Upload:
        """Move a file that has arrived to the visitor's uploads, under a safe form of ``name``."""
        upload_id = secrets.token_hex(16)
        folder = self._folder_of(owner) / upload_id
        make_folder(folder)
        stored = folder / safe_name(name)
        close_to_others(file)
        with self._lock:
            before = self._total()
            file.rename(stored)
            size = stored.stat().st_size
            self._stored = before + max(size, LEAST)
        return Upload(upload_id, stored.name, stored, size)

    def discard(self, path: Path) -> None:
        """Remove an upload that is no longer needed, given where it is stored."""
        folder = path.parent
        if folder.parent.parent == self.folder and _ID.fullmatch(folder.name):
            with self._lock:
                self._stored = max(self._total() - _size(folder), 0)
            shutil.rmtree(folder, ignore_errors=True)

    def clear(self, lifetime: float = LIFETIME) -> None:
        """Remove what is older than ``lifetime`` seconds; whatever else lies here goes as well."""
        oldest = self._clock() - lifetime
        with self._lock:
            for home in _entries(self.folder):
                visitors = home.is_dir() and _VISITOR.fullmatch(home.name)
                for entry in _entries(home) if visitors else [home]:
                    _remove_if_older(entry, oldest)
                if visitors and not _entries(home):
                    home.rmdir()
            self._stored = None

    def _check(self, home: Path, size: int) -> None:
        mine = self._arriving.get(home.name, 0) + size
        if len(_entries(home)) >= MOST_FILES:
            raise UploadError(
                f"You have {MOST_FILES:,} uploads here, the most that are kept at a time. They "
                "are removed after a day; upload fewer files, or one archive of them, until then."
            )
        if _size(home) + mine > self._quota:
            raise UploadError(
                f"Your uploads here would exceed {self._quota // 1_000_000:,} MB, the most that "
                "is kept for one visitor. They are removed after a day; whoever runs this "
                "Switchboard can allow more with --upload-quota-mb."
            )
        everybody = sum(self._arriving.values()) + size
        if self._total() + everybody > SHARES * self._quota:
            self.clear(LIFETIME / 24)
            if self._total() + everybody > SHARES * self._quota:
                raise UploadError(
                    "All visitors' uploads together have reached what this Switchboard keeps. "
                    "Try again in an hour, when older ones are removed."
                )
        if shutil.disk_usage(self.folder).free - everybody < self._kept_free:
            raise UploadError(_no_disk())

    def _total(self) -> int:
        """Return the bytes of everybody's uploads; counted once, then kept up to date."""
        if self._stored is None:
            self._stored = _size(self.folder)
        return self._stored

    def _folder_of(self, owner: str) -> Path:
        return self.folder / hashlib.sha256(owner.encode()).hexdigest()[:40]


def id_of(path: Path | str) -> str:
    """Return the id of an upload, given where it is stored."""
    return Path(path).parent.name


def safe_name(name: str) -> str:
    """Return a name that shows what ``name`` was and that every file system takes.

    Without folders, control and direction characters; at most ``LONGEST_NAME`` bytes of UTF-8;
    the suffix, by which the kind of file is told, stays.
    """
    last = re.split(r"[/\\]", name.encode("utf-8", "replace").decode())[-1]
    clean = _UNSAFE.sub("_", last).strip(". ")
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix.encode()) > LONGEST_SUFFIX:
        stem, suffix = clean, ""
    room = LONGEST_NAME - len(suffix.encode()) - 1
    stem = stem.encode()[:room].decode("utf-8", "ignore").strip(". ")
    if not stem or _RESERVED.match(stem):
        stem = f"upload {stem}".strip()
    return f"{stem}.{suffix}" if suffix else stem


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing if it is not there, or a link."""
    if folder.is_symlink():
        return []
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _size(folder: Path) -> int:
    """Return the bytes that all files below a folder take; what goes meanwhile counts nothing."""
    total = 0
    for entry in _entries(folder):
        if entry.is_dir() and not entry.is_symlink():
            total += _size(entry)
        else:
            try:
                total += max(entry.lstat().st_size, LEAST)
            except FileNotFoundError:
                continue
    return total


def _remove_if_older(entry: Path, oldest: float) -> None:
    try:
        if entry.lstat().st_mtime >= oldest:
            return
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()
    except FileNotFoundError:
        pass


def _no_disk(error: OSError | None = None) -> str:
    reason = f" ({error.strerror})" if error and error.strerror else ""
    return (
        f"The disk of this Switchboard has no room for the file{reason}. Nothing was changed. "
        "Whoever runs it has to free some space first."
    )
