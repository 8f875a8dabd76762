"""Files made to do harm are refused or tamed, with a sentence, within limits of time and memory."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import DocumentError
from assistant.retrieval.chunking import chunk
from assistant.retrieval.library import Library
from assistant.retrieval.limits import LIMITS, Limits
from assistant.retrieval.loaders import LoadedDocument, clean, load
from assistant.settings import PROJECT
from tests.retrieval import files
from tests.retrieval.files import WordEncoder
from tests.retrieval.loading import refusal, write

SMALL = Limits(memory_bytes=700_000_000, seconds=60)
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)


def read_or_refusal(path: Path, limits: Limits = LIMITS) -> str:
    """Return what a user would see of the file: its text, or the sentence."""
    try:
        return load(path, limits=limits).text
    except DocumentError as error:
        return str(error)


def repacked(data: bytes, part: str, change: tuple[str, str]) -> bytes:
    """Return the archive with ``change`` made in one of its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                text = content.decode()
                assert change[0] in text
                content = text.replace(*change, 1).encode()
            new.writestr(name, content)
    return target.getvalue()


def with_entity(kind: str, declaration: str, entity: str) -> bytes:
    """Return an office file whose main part declares an entity and uses it in its text."""
    word = "MARKEDPLACE"
    made, part, root = {
        "docx": (files.docx("A", word), "word/document.xml", "<w:document"),
        "epub": (files.epub("A", word), "one.xhtml", "<html"),
        "opf": (files.epub(word, "text"), "book.opf", "<package"),
        "pptx": (files.pptx([("A", word)]), "ppt/slides/slide1.xml", "<p:sld"),
        "xlsx": (files.xlsx("A", [["n", word]]), "xl/worksheets/sheet1.xml", "<worksheet"),
    }[kind]
    if kind == "xlsx":
        made = repacked(made, "xl/sharedStrings.xml", (word, entity))
        return repacked(made, "xl/sharedStrings.xml", ("<sst", f"{declaration}<sst"))
    return repacked(repacked(made, part, (word, entity)), part, (root, f"{declaration}{root}"))


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server on this computer that keeps whatever is asked of it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(1)
                    heard.append(connection.recv(200))

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], heard


@pytest.mark.parametrize("kind", ["docx", "epub", "opf", "pptx", "xlsx"])
def test_no_entity_reads_a_file_or_asks_the_network(
    kind: str, tmp_path: Path, listener: tuple[int, list[bytes]]
) -> None:
    port, heard = listener
    (tmp_path / "key.txt").write_text("TOPSECRET")
    suffix = ".epub" if kind == "opf" else f".{kind}"
    for target in ((tmp_path / "key.txt").as_uri(), f"http://127.0.0.1:{port}/x"):
        declaration = f'<!DOCTYPE x [<!ENTITY leak SYSTEM "{target}">]>'
        data = with_entity(kind, declaration, "&leak;")
        shown = read_or_refusal(write(tmp_path, f"a{suffix}", data))
        assert "TOPSECRET" not in shown
    remote = f'<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x.dtd">'
    read_or_refusal(write(tmp_path, f"a{suffix}", with_entity(kind, remote, "word")))
    assert heard == []


@pytest.mark.parametrize("kind", ["docx", "epub", "opf", "pptx", "xlsx"])
def test_entities_that_multiply_are_stopped(kind: str, tmp_path: Path) -> None:
    suffix = ".epub" if kind == "opf" else f".{kind}"
    path = write(tmp_path, f"a{suffix}", with_entity(kind, LAUGHS, "&a11;"))
    started = time.monotonic()
    assert len(read_or_refusal(path, SMALL)) < 100_000
    assert time.monotonic() - started < SMALL.seconds


def test_a_zip_bomb_ends_at_the_limit_of_memory_and_the_next_file_is_read(tmp_path: Path) -> None:
    paragraph = "<w:p><w:r><w:t>a</w:t></w:r></w:p>"
    body = f"<w:body>{paragraph * 5_000_000}</w:body>"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    bomb = files.docx(
        "A", "x", {"word/document.xml": f'<w:document xmlns:w="{word}">{body}</w:document>'}
    )
    message = refusal(write(tmp_path, "bomb.docx", bomb), SMALL)
    assert "memory" in message
    assert "0.7 GB" in message
    assert "fine" in load(write(tmp_path, "good.docx", files.docx("A", "fine")), limits=SMALL).text


def test_an_archive_that_states_petabytes_is_refused_unread(tmp_path: Path) -> None:
    many = {f"word/{number}.xml": "" for number in range(20_001)}
    path = write(tmp_path, "many.docx", files.docx("A", "x", many))
    assert "20,000 files" in refusal(path)


def test_a_pdf_stream_that_unpacks_to_a_gigabyte_is_stopped(tmp_path: Path) -> None:
    packed = zlib.compress(b"BT " + b"(aaaaaaaa) Tj " * 8_000_000 + b"ET", 9)
    data = files.pdf(["MARK"]).decode("latin-1")
    start, end = data.index("<< /Length"), data.index("endstream")
    stream = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n"
    bomb = data[:start] + stream + packed.decode("latin-1") + "\n" + data[end:]
    limits = Limits(memory_bytes=700_000_000, seconds=8, characters=1_000_000)
    started = time.monotonic()
    shown = read_or_refusal(write(tmp_path, "bomb.pdf", bomb.encode("latin-1")), limits)
    assert shown.startswith("“bomb.pdf” ")
    assert time.monotonic() - started < 20


def test_ten_thousand_pages_are_read_or_refused_in_time(tmp_path: Path) -> None:
    path = write(tmp_path, "long.pdf", files.pdf([f"Page text {n}." for n in range(10_000)]))
    document = load(path)
    assert len(document.pages) == 10_000
    assert document.text[document.pages[9_999] :] == "Page text 9999."
    started = time.monotonic()
    assert "longer than 0.3 s" in refusal(path, Limits(seconds=0.3))
    assert time.monotonic() - started < 5
    few = Limits(characters=10_000)
    assert "more than 10,000 characters" in refusal(path, few)


@pytest.mark.parametrize(
    "kids", ["[2 0 R]", "[2 0 R 2 0 R 2 0 R 4 0 R]", "[" + "4 0 R " * 50_000 + "]"]
)
def test_a_page_tree_that_bites_its_tail_ends(kids: str, tmp_path: Path) -> None:
    data = files.pdf(["one"]).replace(b"[4 0 R]", kids.encode())
    data = data.replace(b"/Count 1", b"/Count 2000000000")
    shown = read_or_refusal(write(tmp_path, "loop.pdf", data), Limits(seconds=10))
    assert shown.startswith(("“loop.pdf” ", "one"))


def test_deep_nesting_gives_the_text_or_a_sentence(tmp_path: Path) -> None:
    assert read_or_refusal(write(tmp_path, "a.html", b"<div>" * 20_000 + b"x"))[-1] in "x."
    assert "nested deeper" in refusal(write(tmp_path, "a.json", b"[" * 200_000))


def test_macros_are_refused_by_name_and_never_run(tmp_path: Path) -> None:
    for name, cure in (("a.docm", ".docx"), ("a.xlsm", ".xlsx"), ("a.pptm", ".pptx")):
        assert f"Save it as {cure} first" in refusal(write(tmp_path, name, b"PK\x03\x04"))
    data = files.docx("A", "harmless", {"word/vbaProject.bin": "Shell('rm -rf /')"})
    text = load(write(tmp_path, "a.docx", data)).text
    assert "harmless" in text
    assert "Shell" not in text


def test_names_inside_an_archive_lead_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    data = files.docx("A", "harmless", {"../../evil.txt": "evil", "/tmp/evil-abs.txt": "evil"})
    assert "harmless" in load(write(folder, "a.docx", data)).text
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.docx", "inner"]
    outside = files.epub("A", "x")
    outside = repacked(outside, "book.opf", ('href="one.xhtml"', 'href="../../../etc/passwd"'))
    assert "root:" not in read_or_refusal(write(folder, "a.epub", outside))


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.md", "a\x00b.md", "a\nb\x1b[31m.md", "\u202egpj.md", "x" * 5000 + ".md"],
)
def test_a_hostile_name_is_only_ever_shown(name: str, tmp_path: Path) -> None:
    library = Library(tmp_path / "store", WordEncoder())
    document = library.add(write(tmp_path, "upload", b"Some words."), name=name)
    assert document.name.isprintable()
    assert len(document.name) <= 120
    assert not {"/", "\\"} & set(document.name)
    assert {path.name for path in tmp_path.iterdir()} == {"store", "upload"}
    library.close()


@pytest.mark.parametrize(
    "text",
    [
        "!" * 200_000 + "x",
        "# " + "#" * 200_000 + "x",
        "# " + "[" * 200_000,
        "<!--" * 60_000,
        "```\n" * 50_000,
        "." + '"' * 200_000 + "x",
        "[](" * 60_000,
        " " * 200_000 + "x",
    ],
    ids=["stops", "hashes", "brackets", "comments", "fences", "quotes", "links", "spaces"],
)
def test_no_text_makes_reading_slow(text: str, tmp_path: Path) -> None:
    path = write(tmp_path, "a.md", text.encode())
    started = time.monotonic()
    chunk(load(path) if text.strip("`\n") else LoadedDocument("a", clean(text), (), "md"))
    assert time.monotonic() - started < 10


def test_a_reader_writes_nothing_starts_nothing_and_connects_to_nothing(tmp_path: Path) -> None:
    script = f"""
import json, os, socket, subprocess, sys
from assistant.retrieval import formats, worker

def turned(data):
    tries = [
        lambda: open({str(tmp_path / "written")!r}, "w"),
        lambda: os.open({str(tmp_path / "written")!r}, os.O_CREAT | os.O_WRONLY),
        lambda: os.remove({str(tmp_path / "kept")!r}),
        lambda: subprocess.run(["true"]),
        lambda: os.system("true"),
        lambda: socket.create_connection(("127.0.0.1", 9)),
        lambda: socket.getaddrinfo("example.org", 80),
    ]
    for attempt in tries:
        try:
            attempt()
            yield "done"
        except PermissionError:
            yield "refused"

formats.READERS[".pdf"] = turned
worker.main()
"""
    (tmp_path / "kept").write_text("x")
    request = {"suffix": ".pdf", "bytes": 0, "seconds": 9, "memory": 10**9, "characters": 999}
    run = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(request).encode() + b"\n",
        capture_output=True,
        cwd=PROJECT,
        check=True,
    )
    assert json.loads(run.stdout)["pages"] == ["refused"] * 7
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
