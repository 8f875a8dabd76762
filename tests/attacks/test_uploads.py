"""Uploads fill neither the disk nor another visitor's share, whatever they are called."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from assistant.errors import UploadError
from assistant.server.site import Site
from assistant.uploads import LEAST, LONGEST_NAME, Uploads, id_of, safe_name
from tests.attacks.conftest import Visit, upload

FIELD = b'--x\r\nContent-Disposition: form-data; name="files"'
FORM = "multipart/form-data; boundary=x"
NAMES = (
    "a" * 251 + ".txt",
    "ü" * 120 + ".csv",
    "日" * 80 + ".pdf",
    "..",
    ".",
    "",
    " ",
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/etc/passwd",
    "C:\\secrets.txt",
    "con.txt",
    "NUL",
    "a\x00b.txt",
    "a\nb\r\n.txt",
    "invoice\u202efdp.exe",
    "x." + "y" * 300,
    "<img src=x onerror=alert(1)>.txt",
    '"; rm -rf / #.txt',
    "~/.ssh/id_rsa",
    "-rf",
    "file:///etc/passwd",
    "half \ud83d.txt",
)

Make = Callable[..., Uploads]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(quota: int = 1_000_000, **options: object) -> Uploads:
        return Uploads(tmp_path / "uploads", quota, **options)  # type: ignore[arg-type]

    return made


def put(uploads: Uploads, owner: str, name: str = "a.txt", size: int = 10) -> Path:
    with uploads.arriving(owner, size) as folder:
        (folder / "part").write_bytes(b"x" * size)
        return uploads.keep(owner, folder / "part", name).path


@pytest.mark.parametrize("name", NAMES)
def test_any_name_becomes_one_that_every_file_system_takes(make: Make, name: str) -> None:
    uploads = make()
    stored = put(uploads, "one", name)
    assert stored.read_bytes() == b"x" * 10
    assert stored.parent.parent.parent == uploads.folder
    assert 0 < len(stored.name.encode()) <= LONGEST_NAME
    assert stored.name.isprintable()
    assert not set(stored.name) & set('/\\<>:"|?*')
    assert safe_name(stored.name) == stored.name
    if name.endswith((".txt", ".csv", ".pdf")):
        assert stored.suffix == name[-4:]


@pytest.mark.parametrize(
    "raw", [b"a" * 251 + b".txt", b"caf\xe9.txt", b"\xff\xfe\x00\x01", b"..%2f..%2fx"]
)
def test_any_name_can_be_uploaded(visit: Visit, served: tuple[str, Site], raw: bytes) -> None:
    """A name of 255 bytes, and one that was not UTF-8, ended in an error of the server."""
    page = visit()
    form = FIELD + b'; filename="' + raw + b'"\r\n\r\nhello\r\n--x--\r\n'
    kind = {"content-type": FORM}
    answer = page.visitor.post("/gradio_api/upload", content=form, headers=kind)
    assert answer.status_code == 200, answer.text
    mine = page.visitor.get(f"/gradio_api/file={answer.json()[0]}")
    assert mine.content == b"hello"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", FORM),
        (b"no form", FORM),
        (b"no form", "multipart/form-data"),
        (b"{}", "application/json"),
        (FIELD + b"\r\n\r\nhi\r\n--x--\r\n", FORM),
        (FIELD + b'; filename="a"\r\n\r\n' + b"x" * 1_000_001 + b"\r\n--x--\r\n", FORM),
    ],
)
def test_what_is_no_form_of_files_stores_nothing(
    visit: Visit, served: tuple[str, Site], content: bytes, kind: str
) -> None:
    folder = served[1].settings.data_dir / "uploads"
    before = set(folder.rglob("*"))
    answer = visit().visitor.post(
        "/gradio_api/upload", content=content, headers={"content-type": kind}
    )
    assert answer.status_code in {200, 413}
    assert answer.text in {"[]"} or answer.text.endswith(".")
    assert {path for path in set(folder.rglob("*")) - before if path.is_file()} == set()


def test_an_upload_is_readable_by_the_owner_of_the_server_only(
    visit: Visit, served: tuple[str, Site]
) -> None:
    mine = upload(visit())
    file = next((served[1].settings.data_dir / "uploads").glob(f"*/{mine}/*"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for folder in (file.parent, file.parent.parent, file.parent.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_one_visitor_has_a_quota_and_others_have_theirs(make: Make) -> None:
    uploads = make(100_000)
    put(uploads, "one", size=60_000)
    with pytest.raises(UploadError, match="--upload-quota-mb"):
        put(uploads, "one", size=60_000)
    put(uploads, "two", size=60_000)


def test_empty_files_count_too(make: Make) -> None:
    uploads = make(10 * LEAST)
    with pytest.raises(UploadError):  # noqa: PT012
        for _ in range(12):
            put(uploads, "one", size=0)
    assert sum(path.is_file() for path in uploads.folder.rglob("*")) <= 11


def test_all_visitors_together_have_a_quota(make: Make) -> None:
    uploads = make(100_000)
    with pytest.raises(UploadError, match="All visitors"):  # noqa: PT012
        for visitor in range(20):
            put(uploads, f"visitor {visitor}", size=90_000)
    assert sum(path.stat().st_size for path in uploads.folder.rglob("*")) < 1_200_000


def test_uploads_at_the_same_time_do_not_slip_past_the_quota(make: Make) -> None:
    uploads = make(100_000)
    ready, kept = threading.Barrier(8), []

    def send() -> None:
        ready.wait()
        with suppress(UploadError):
            kept.append(put(uploads, "one", size=40_000))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) <= 2


def test_a_full_disk_is_said_in_words_and_leaves_nothing(make: Make) -> None:
    uploads = make(kept_free=1 << 62)
    with pytest.raises(UploadError, match="The disk of this Switchboard has no room"):
        put(uploads, "one")
    assert not [path for path in uploads.folder.rglob("*") if path.is_file()]


def test_old_uploads_go_and_so_does_what_an_earlier_version_left(make: Make) -> None:
    now = [1_000_000.0]
    uploads = make(clock=lambda: now[0])
    old, new = put(uploads, "one"), put(uploads, "one")
    left = uploads.folder / ("a" * 64) / "left.txt"
    left.parent.mkdir()
    left.write_text("x")
    for path in (old.parent, left.parent):
        os.utime(path, (now[0] - 90_000, now[0] - 90_000))
    os.utime(new.parent, (now[0], now[0]))
    uploads.clear()
    assert not old.exists()
    assert not left.parent.exists()
    assert uploads.find("one", id_of(new)).path == new
    with pytest.raises(UploadError, match="kept for a day"):
        uploads.find("one", id_of(old))


def test_an_upload_that_breaks_off_leaves_nothing(make: Make) -> None:
    uploads = make()
    with pytest.raises(ValueError, match="gone"), uploads.arriving("one", 10) as folder:  # noqa: PT012
        (folder / "part").write_bytes(b"x")
        raise ValueError("gone")
    assert not [path for path in uploads.folder.rglob("*") if path.is_file()]
    assert put(uploads, "one").exists()


def test_an_upload_outlives_a_restart(make: Make) -> None:
    stored = put(make(), "one")
    assert make().find("one", id_of(stored)).path == stored
    with pytest.raises(UploadError):
        make().find("two", id_of(stored))
