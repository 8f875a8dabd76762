"""What happens in one visitor's tab is heard, ended and steered by that visitor only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.routing import BaseRoute, Mount

from assistant.server.site import Site
from tests.attacks.conftest import Visit
from tests.page_client import PageClient


def addresses(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Return method and path of every route, Gradio's included."""
    for route in routes:
        included = getattr(route, "original_router", None)  # FastAPI keeps included routers whole
        if included is not None:
            yield from addresses(list(included.routes), prefix)
        elif isinstance(route, Mount):
            yield from addresses(list(route.routes), prefix + route.path)
        else:
            for method in getattr(route, "methods", None) or {"GET"}:
                yield method, prefix + getattr(route, "path", "")


def say(page: PageClient, text: str) -> None:
    """Leave a message to be answered, as the page does."""
    function = next(
        item
        for item in page.functions
        if "multimodaltextbox" in [page.component(each)["type"] for each in item["inputs"]]
    )
    data: list[Any] = [page.component(each)["props"].get("value") for each in function["inputs"]]
    for place, each in enumerate(function["inputs"]):
        if page.component(each)["type"] == "multimodaltextbox":
            data[place] = {"text": text, "files": []}
        elif page.component(each)["type"] == "number":
            data[place] = 1
    assert page.run(function["id"], data).status_code == 200


def painter(page: PageClient) -> int:
    """Return the function that shows the answer."""
    return next(
        int(item["id"])
        for item in page.functions
        if not item["inputs"]
        and [page.component(each)["type"] for each in item["outputs"]][1:2] == ["chatbot"]
    )


def join(page: PageClient, function: int) -> str:
    """Join the queue; return the event's id."""
    body = {"data": [], "fn_index": function, "session_hash": page.session}
    answer = page.visitor.post("/gradio_api/queue/join", json=body)
    answer.raise_for_status()
    return str(answer.json()["event_id"])


def listen(page: PageClient, session: str) -> tuple[int, str]:
    """Read the events of a session until the first answer has ended."""
    query, heard = {"session_hash": session}, []
    with page.visitor.stream("GET", "/gradio_api/queue/data", params=query) as stream:
        for line in stream.iter_lines():
            heard.append(line)
            if "process_completed" in line or "unexpected_error" in line:
                break
    return stream.status_code, "\n".join(heard)


def test_a_foreign_or_unknown_session_cannot_be_heard(visit: Visit) -> None:
    """Whoever knew a session's name got the answers of its tab."""
    one, two = visit(), visit()
    say(one, "/sentiment I love my secret garden")
    join(one, painter(one))
    for session in (one.session, "never-used", "", "x" * 5000, "../" + one.session):
        status, heard = listen(two, session)
        assert status in {400, 404}
        assert "secret garden" not in heard
    status, heard = listen(one, one.session)
    assert status == 200
    assert "secret garden" in heard


def test_a_session_of_the_same_name_is_another_one(visit: Visit) -> None:
    one, two = visit(), visit()
    two.session = one.session
    say(one, "/sentiment I love my secret garden")
    say(two, "/sentiment I hate my public car")
    join(one, painter(one))
    join(two, painter(two))
    heard = {name: listen(page, page.session)[1] for name, page in (("one", one), ("two", two))}
    assert "secret garden" in heard["one"]
    assert "secret garden" not in heard["two"]
    assert "public car" in heard["two"]


def test_nobody_else_ends_an_answer(visit: Visit) -> None:
    one, two = visit(), visit()
    say(one, "/sentiment I love my secret garden")
    event = join(one, painter(one))
    for session in (one.session, two.session):
        body = {"session_hash": session, "fn_index": painter(one), "event_id": event}
        assert two.visitor.post("/gradio_api/cancel", json=body).status_code == 404
        assert two.visitor.post("/gradio_api/reset", json={"event_id": event}).status_code == 404
    with (
        two.visitor.stream("GET", f"/gradio_api/heartbeat/{one.session}") as beat,
    ):  # a heartbeat that stops ends its session
        assert next(beat.iter_lines()) == "data: ALIVE"
    assert "secret garden" in listen(one, one.session)[1]


def test_an_events_id_opens_nothing(visit: Visit) -> None:
    one, two = visit(), visit()
    say(one, "/sentiment I love my secret garden")
    event = join(one, painter(one))
    for page in (one, two):
        for path in (f"call/say/{event}", f"call/v2/say/{event}", f"stream/{event}"):
            for method in ("GET", "POST"):
                answer = page.visitor.request(method, f"/gradio_api/{path}", json={"data": []})
                assert answer.status_code == 404
                assert "secret garden" not in answer.text


def test_a_visitors_tab_stored_as_a_link_is_not_to_be_had(visit: Visit) -> None:
    one, two = visit(), visit()
    say(one, "/sentiment I love my secret garden")
    for page in (one, two):
        query = {"session_hash": one.session}
        assert page.visitor.get("/gradio_api/deep_link", params=query).status_code == 404


def test_of_gradios_routes_only_those_are_there_that_the_page_needs(
    served: tuple[str, Site], visit: Visit
) -> None:
    """A route that a later Gradio adds is closed until somebody opens it here."""
    expected = {
        "/", "/config", "/config/", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json",
        "/static/{path:path}", "/assets/{path:path}", "/svelte/{path:path}",
        "/gradio_api/info", "/gradio_api/info/", "/gradio_api/app_id", "/gradio_api/app_id/",
        "/gradio_api/startup-events", "/gradio_api/theme.css",
        "/gradio_api/heartbeat/{session_hash}",
        "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/run/{api_name}",
        "/gradio_api/cancel", "/gradio_api/upload", "/gradio_api/upload_progress",
        "/gradio_api/file={upload_id}",
    }  # fmt: skip
    ours = ("/conversations/", "/moderation/", "/v1", "/$discovery", "/health")
    known = set(addresses(list(served[1].app.routes)))
    assert len(known) > 60, "Gradio's routes were not found"
    assert expected <= {path for _, path in known}
    page, cases = visit(), 0
    for method, path in sorted(known):
        if path in expected or path.startswith(ours):
            continue
        address = path.replace("{", "").replace("}", "").replace(":path", "")
        body = {"session_hash": page.session, "data": [], "fn_index": 0, "component_id": 0}
        answer = page.visitor.request(method, address, json=body)
        assert answer.status_code == 404, f"{method} {path}"
        cases += 1
    assert cases > 30


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"data": ' + b"[" * 60 + b"]" * 60 + b', "fn_index": 0, "session_hash": "a"}',
        b"[" * 200_000,
        json.dumps({"data": [], "fn_index": 0}).encode(),
        json.dumps({"data": [], "fn_index": 0, "session_hash": 7}).encode(),
        json.dumps({"data": [], "fn_index": 0, "session_hash": "x" * 201}).encode(),
    ],
)
def test_a_broken_call_is_refused_in_words(visit: Visit, body: bytes) -> None:
    page = visit()
    for path in ("queue/join", "run/predict", "cancel"):
        answer = page.visitor.post(f"/gradio_api/{path}", content=body)
        assert answer.status_code == 400 or (path == "cancel" and answer.status_code == 404)
        assert answer.json()["error"].endswith(".")


def test_a_call_longer_than_any_message_is_refused(served: tuple[str, Site], visit: Visit) -> None:
    most = served[1].settings.max_text * 12 + 2_000_000
    page = visit()
    try:
        refused = page.visitor.post("/gradio_api/run/predict", content=b" " * most).status_code
    except httpx.TransportError:  # the server does not wait for the rest
        refused = 400
    assert refused in {400, 413}
    assert page.visitor.get("/health").status_code == 200
