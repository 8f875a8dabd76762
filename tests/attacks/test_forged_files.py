"""No file of this computer is opened, copied or served because a client names it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import gradio_client
import pytest

from assistant.server.site import Site
from tests.attacks.conftest import SECRET, Visit, upload

META = {"_type": "gradio.FileData"}
TAKES_FILES = {"file", "multimodaltextbox", "uploadbutton", "image", "audio", "video", "chatbot"}


def forged(path: Any, **others: Any) -> dict[str, Any]:
    """Return a value as the page sends it for an uploaded file."""
    return {"path": path, "meta": META, "orig_name": "x.txt", "size": 1, **others}


def values(secret: Path, data: Path, foreign: str) -> list[dict[str, Any]]:
    """Return files as an attacker would name them. ``foreign`` is another visitor's upload."""
    link = data / "uploads" / "link"
    link.parent.mkdir(exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(secret.parent)
    stored = next((data / "uploads").glob(f"*/{foreign}/*"))
    paths = (
        "/etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "/dev/stdin",
        "/",
        "README.md",
        "app.py",
        ".env",
        "",
        str(secret),
        f"../{secret.name}",
        str(data / "switchboard.db"),
        str(data / "uploads" / ".." / "switchboard.db"),
        str(data / "uploads"),
        str(link),
        str(link / secret.name),
        f"file://{secret}",
        "http://127.0.0.1:1/secret",
        f"{secret}\x00.png",
        foreign,
        foreign.upper(),
        f"{foreign}/{stored.name}",
        str(stored),
        "0" * 32,
    )
    odd: tuple[Any, ...] = (None, 7, ["/etc/passwd"], {"path": str(secret)})
    return [
        *(forged(path) for path in paths),
        *(forged(path) for path in odd),
        forged("", url=str(secret)),
        forged("0" * 32, url=f"/gradio_api/file={secret}"),
        {"meta": META, "url": str(secret)},
        {"path": str(secret)},
        {"path": str(secret), "meta": {"_type": "other"}, "is_stream": True},
    ]


def stored(data: Path) -> set[str]:
    """Return what every visitor has uploaded, and whatever else came to lie there."""
    return {str(path) for path in (data / "uploads").rglob("*")}


def test_every_function_that_takes_a_file_is_known_to_these_tests(visit: Visit) -> None:
    page = visit()
    takers = {
        function["id"]
        for function in page.functions
        if any(page.component(each)["type"] in TAKES_FILES for each in function["inputs"])
    }
    assert len(takers) >= 7, "chat, Documents, Moderate twice, thresholds and Train twice"


def test_a_forged_file_is_refused_by_every_function_in_every_place(
    visit: Visit, served: tuple[str, Site], secret: Path
) -> None:
    """A path in a hidden box was copied into the uploads, and served from there."""
    data = served[1].settings.data_dir
    page, victim = visit(), visit()
    attacks = values(secret, data, upload(victim))
    before, cases = stored(data), 0
    for function in page.functions:
        inputs = function["inputs"]
        for place in range(len(inputs) + 1):  # the last one is what comes with an event
            takes = place < len(inputs) and page.component(inputs[place])["type"] in TAKES_FILES
            for _ in attacks if takes else (None,):
                attack = attacks[cases % len(attacks)]
                value = (attack, [attack], {"text": "hello", "files": [attack]})[cases % 3]
                given = [value if place == each else None for each in range(len(inputs))]
                event = value if place == len(inputs) else None
                answer = page.run(function["id"], given, event)
                assert answer.status_code == 404, (function["api_name"], place, attack)
                assert answer.json()["error"].startswith("This file is not among your uploads")
                cases += 1
    assert cases >= 300
    assert stored(data) == before


@pytest.mark.parametrize(
    "route", ["queue/join", "run/predict", "call/say", "api/predict", "call/v2/say"]
)
def test_a_forged_file_is_refused_on_every_way_in(
    visit: Visit, served: tuple[str, Site], secret: Path, route: str
) -> None:
    data = served[1].settings.data_dir
    page, victim = visit(), visit()
    attacks, before = values(secret, data, upload(victim)), stored(data)
    for place, function in enumerate(page.functions):
        attack = attacks[place % len(attacks)]
        body = {
            "data": [{"text": "", "files": [attack]}] * len(function["inputs"]),
            "event_data": attack,
            "fn_index": function["id"],
            "session_hash": page.session,
            "batched": False,
            "simple_format": True,
        }
        assert page.visitor.post(f"/gradio_api/{route}", json=body).status_code == 404
    assert stored(data) == before


@pytest.mark.parametrize(
    "path",
    ["{secret}", "README.md", "/etc/passwd", "{db}", "{db}/../switchboard.db", "%2e%2e/x",
     "http://127.0.0.1:1/x", "https://evil.example/x", "{stored}", "{id}/notes.txt"],
)  # fmt: skip
@pytest.mark.parametrize("route", ["file=", "file/", "proxy=", "stream/", "file"])
def test_no_path_is_served(
    visit: Visit, served: tuple[str, Site], secret: Path, path: str, route: str
) -> None:
    data = served[1].settings.data_dir
    page = visit()
    mine = upload(page)
    own = next((data / "uploads").glob(f"*/{mine}/*"))
    filled = path.format(secret=secret, db=data / "switchboard.db", stored=own, id=mine)
    answer = page.visitor.get(f"/gradio_api/{route}{filled}")
    assert answer.status_code == 404
    assert SECRET not in answer.text


def test_an_upload_is_for_its_visitor_only_also_by_its_exact_address(visit: Visit) -> None:
    """Uploads lay under the hash of their contents, and whoever knew it was served."""
    one, two = visit(), visit()
    mine = upload(one, content=SECRET.encode())
    again = upload(two, content=SECRET.encode())
    assert mine != again
    address = f"/gradio_api/file={mine}"
    answer = one.visitor.get(address)
    assert answer.text == SECRET
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "no-store" in answer.headers["cache-control"]
    for method in ("GET", "HEAD"):
        foreign = two.visitor.request(method, address)
        assert foreign.status_code == 404
        assert SECRET not in foreign.text


def test_progress_of_an_upload_is_told_to_its_visitor_only(visit: Visit) -> None:
    one, two = visit(), visit()
    files = {"files": ("a-name-that-tells.txt", b"x")}
    one.visitor.post("/gradio_api/upload", params={"upload_id": "abc"}, files=files)
    heard = two.visitor.get("/gradio_api/upload_progress", params={"upload_id": "abc"})
    assert heard.status_code == 404
    mine = one.visitor.get("/gradio_api/upload_progress", params={"upload_id": "abc"})
    assert (mine.status_code, mine.text.strip()) == (200, 'data: {"msg": "done"}')


def test_ones_own_upload_is_taken_and_nothing_else_of_what_the_client_says_of_it(
    visit: Visit, served: tuple[str, Site], secret: Path
) -> None:
    page = visit()
    documents = next(
        function
        for function in page.functions
        if [page.component(each)["type"] for each in function["inputs"]] == ["file", "textbox"]
    )
    content = b"The ferry to the island leaves at nine in the morning."
    mine = forged(upload(page, "ferry.txt", content), url=str(secret), orig_name="../../x.html")
    status, shown = page.ask(documents["id"], [[mine], ""])
    assert status == 200
    assert "ferry.txt" in shown
    names = {document.name for document in served[1].assistant.library.documents()}
    assert "ferry.txt" in names
    assert not any("x.html" in name or "secret" in name for name in names)


def test_a_message_with_ones_own_upload_is_answered_from_it(
    visit: Visit, served: tuple[str, Site]
) -> None:
    page = visit()
    say = next(
        function
        for function in page.functions
        if "multimodaltextbox" in [page.component(each)["type"] for each in function["inputs"]]
    )
    data: list[Any] = []
    for each in say["inputs"]:
        component = page.component(each)
        data.append(component["props"].get("value"))
        if component["type"] == "multimodaltextbox":
            file = forged(upload(page, "tea.txt", b"Grace repaired the kettle on Tuesday."))
            data[-1] = {"text": "/summarization", "files": [file]}
        elif component["type"] == "number":
            data[-1] = 1
    assert page.run(say["id"], data).status_code == 200
    paint = next(
        function
        for function in page.functions
        if not function["inputs"]
        and [page.component(each)["type"] for each in function["outputs"]][1:2] == ["chatbot"]
    )
    _, shown = page.ask(paint["id"], [])
    assert "Grace repaired the kettle" in json.dumps(json.loads(f"[{json.dumps(shown)}]"))
    assert str(served[1].settings.data_dir) not in shown


def test_gradios_own_client_finds_nothing_to_call(served: tuple[str, Site]) -> None:
    client = gradio_client.Client(served[0], verbose=False, download_files=False)
    assert client.view_api(return_format="dict") == {"named_endpoints": {}, "unnamed_endpoints": {}}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_what_is_no_plain_file_among_the_uploads_is_not_opened(
    visit: Visit, served: tuple[str, Site], secret: Path
) -> None:
    """Only the server writes there; should anything else lie there, it is still not read."""
    page = visit()
    mine = upload(page)
    own = next((served[1].settings.data_dir / "uploads").glob(f"*/{mine}/*"))
    for make in (
        lambda: own.symlink_to(secret),
        lambda: os.mkfifo(own),
        own.mkdir,
    ):
        if own.is_dir() and not own.is_symlink():
            own.rmdir()
        else:
            own.unlink()
        make()
        assert page.visitor.get(f"/gradio_api/file={mine}").status_code == 404
