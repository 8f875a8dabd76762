"""The gate: who may come in, whose request it is, and what every answer carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.routing import BaseRoute, Mount
from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send

from assistant.server.accounts import QUICK, Accounts
from assistant.server.gate import Gate
from assistant.server.hosts import Hosts
from assistant.server.logins import Logins
from assistant.types import Message, Reply, Route, Table
from tests.page_client import PageClient

from .conftest import PASSWORDS, Site

HTML = {"accept": "text/html"}


def ask_page(visitor: httpx.Client, name: str) -> tuple[int, str]:
    """Call a handler of the page as the browser does: join the queue, then read the stream."""
    return PageClient(visitor).ask(name, [])


def owner(visitor: httpx.Client) -> str:
    return str(PageClient(visitor).result("whoami", [])[0])


def log_in(visitor: httpx.Client, name: str = "alice", password: str = "") -> httpx.Response:
    form = {"name": name, "password": password or PASSWORDS[name]}
    return visitor.post("/login", data=form)


def test_each_browser_is_an_owner_of_its_own_and_stays_the_same(open_site: Site) -> None:
    with open_site.visitor() as one, open_site.visitor() as two:
        for visitor in (one, two):
            assert visitor.get("/").status_code == 200
        assert owner(one) == owner(one)
        assert owner(one) != owner(two)
        assert owner(one).startswith("session:")
        assert one.cookies["switchboard_session"] not in owner(one)


def test_the_session_cookie_is_random_and_out_of_reach_of_scripts(open_site: Site) -> None:
    with open_site.visitor() as visitor:
        cookie = visitor.get("/").headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Max-Age=31536000" in cookie
        assert len(visitor.cookies["switchboard_session"]) == 43
        assert "set-cookie" not in visitor.get("/").headers


def test_in_a_space_the_cookie_survives_the_frame(make_site: Callable[..., Site]) -> None:
    with make_site(spaces=True).visitor() as visitor:
        response = visitor.get("/")
        assert "SameSite=None; Secure; Partitioned" in response.headers["set-cookie"]
        assert (
            "frame-ancestors https://huggingface.co"
            in (response.headers["content-security-policy"])
        )
        assert "x-frame-options" not in response.headers


@pytest.mark.parametrize("cookie", ["", "short", "x" * 44, "user:alice", "../../../etc/passwd"])
def test_a_forged_cookie_is_replaced(open_site: Site, cookie: str) -> None:
    with open_site.visitor(headers={"cookie": f"switchboard_session={cookie}"}) as visitor:
        response = visitor.get("/")
        assert "switchboard_session=" in response.headers["set-cookie"]
        del visitor.headers["cookie"]
        assert owner(visitor).startswith("session:")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "10.0.0.1", "a b", ""],
)
def test_a_request_under_a_foreign_name_is_refused(open_site: Site, host: str) -> None:
    with open_site.visitor() as visitor:
        response = visitor.get("/health", headers={"host": host})
        assert response.status_code == 400
        assert "set-cookie" not in response.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:9", "[::1]:7860"])
def test_this_computers_own_names_are_answered(open_site: Site, host: str) -> None:
    with open_site.visitor() as visitor:
        assert visitor.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("name", ["x-forwarded-host", "x-gradio-server"])
def test_a_forwarded_name_cannot_turn_the_pages_links_elsewhere(open_site: Site, name: str) -> None:
    with open_site.visitor() as visitor:
        page = visitor.get("/", headers={name: "http://evil.example"})
        assert "evil.example" not in page.text


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null"])
def test_a_page_of_another_site_cannot_post_here(open_site: Site, origin: str) -> None:
    with open_site.visitor(headers={"origin": origin}) as visitor:
        assert PageClient(visitor).run(0, []).status_code == 403
        answer = visitor.get("/config")
        assert "access-control-allow-origin" not in answer.headers


def test_our_own_page_can_post_here(open_site: Site) -> None:
    with open_site.visitor(headers={"origin": open_site.url}) as visitor:
        assert ask_page(visitor, "whoami")[0] == 200


@pytest.mark.parametrize("path", ["/", "/health", "/config", "/theme.css", "/nothing/here"])
def test_every_answer_carries_the_security_headers(open_site: Site, path: str) -> None:
    with open_site.visitor() as visitor:
        headers = visitor.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"]


def test_an_uploaded_page_cannot_run_as_ours(open_site: Site) -> None:
    with open_site.visitor() as visitor:
        files = {"files": ("x.html", b"<script>alert(1)</script>", "text/html")}
        (path,) = visitor.post("/gradio_api/upload", files=files).json()
        answer = visitor.get(f"/gradio_api/file={path}")
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith("sandbox")


def test_too_long_a_request_is_refused_with_and_without_its_length(open_site: Site) -> None:
    def pieces(count: int) -> Iterator[bytes]:
        yield from (b"x" * 100_000 for _ in range(count))

    with open_site.visitor() as visitor:
        announced = visitor.post("/gradio_api/upload", content=b"x" * 4_000_001)
        assert announced.status_code == 413
        with pytest.raises(httpx.HTTPError):
            visitor.post("/gradio_api/run/predict", content=pieces(150)).raise_for_status()
        assert visitor.get("/health").status_code == 200


def test_an_unexpected_error_is_not_shown_to_the_visitor(open_site: Site) -> None:
    with open_site.visitor() as visitor:
        assert "secret cause" not in ask_page(visitor, "fail")[1]


def paths(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        included = getattr(route, "original_router", None)  # FastAPI keeps included routers whole
        if included is not None:
            yield from paths(list(included.routes), prefix)
        elif isinstance(route, Mount):
            yield from paths(list(route.routes), prefix + route.path)
        else:
            for method in getattr(route, "methods", None) or {"GET"}:
                yield method, prefix + getattr(route, "path", "")


def test_every_route_of_ours_and_gradios_needs_the_login(closed_site: Site) -> None:
    from starlette.applications import Starlette

    app = closed_site.app
    assert isinstance(app, Starlette)
    known = sorted(set(paths(list(app.routes))))
    assert len(known) > 40, "Gradio's routes were not found"
    assert any(path.endswith("/queue/data") for _, path in known)
    with closed_site.visitor(follow_redirects=False) as visitor:
        for method, path in known:
            if path in {"/login", "/health"}:
                continue
            address = path.replace("{", "").replace("}", "").replace(":path", "") or "/"
            response = visitor.request(method, address)
            assert response.status_code == 401, f"{method} {path}"


@pytest.mark.parametrize("path", ["/login/", "//login", "/login/../config", "/health/x", "/Login"])
def test_a_path_that_only_looks_open_is_closed(closed_site: Site, path: str) -> None:
    with closed_site.visitor() as visitor:
        assert visitor.get(path).status_code in {401, 404}
        assert "components" not in visitor.get(path).text


def test_a_browser_is_led_to_the_login_and_back(closed_site: Site) -> None:
    with closed_site.visitor(follow_redirects=False) as visitor:
        led = visitor.get("/config", headers=HTML)
        assert (led.status_code, led.headers["location"]) == (303, "/login?next=/config")
        assert 'value="/config"' in visitor.get("/login?next=/config").text
        form = {"name": "alice", "password": PASSWORDS["alice"], "next": "/config"}
        assert visitor.post("/login", data=form).headers["location"] == "/config"
        assert visitor.get("/config").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "/a\nb"]
)
def test_a_login_leads_to_no_other_site(closed_site: Site, target: str) -> None:
    with closed_site.visitor(follow_redirects=False) as visitor:
        form = {"name": "alice", "password": PASSWORDS["alice"], "next": target}
        assert visitor.post("/login", data=form).headers["location"] == "/"


def test_what_is_put_into_the_login_page_is_escaped(closed_site: Site) -> None:
    with closed_site.visitor() as visitor:
        page = visitor.get("/login", params={"next": '/"><script>alert(1)</script>'}).text
        assert "<script>" not in page


def test_a_name_owns_its_chats_on_every_browser(closed_site: Site) -> None:
    with closed_site.visitor() as one, closed_site.visitor() as two, closed_site.visitor() as bob:
        assert log_in(one).status_code == log_in(two).status_code == 303
        assert log_in(bob, "bob").status_code == 303
        assert owner(one) == owner(two) == "user:alice"
        assert owner(bob) == "user:bob"


@pytest.mark.parametrize("token", ["", "guess", "x" * 43, "alice"])
def test_a_forged_login_opens_nothing(closed_site: Site, token: str) -> None:
    with closed_site.visitor(headers={"cookie": f"switchboard_login={token}"}) as visitor:
        assert visitor.get("/config").status_code == 401


def test_logging_out_ends_the_login_on_the_server(closed_site: Site) -> None:
    with closed_site.visitor() as visitor, closed_site.visitor() as thief:
        log_in(visitor)
        thief.cookies.set("switchboard_login", visitor.cookies["switchboard_login"])
        assert thief.get("/config").status_code == 200
        visitor.post("/logout")
        assert thief.get("/config").status_code == 401


def test_the_passphrase_alone_opens_and_each_browser_keeps_its_own_chats(
    make_site: Callable[..., Site],
) -> None:
    accounts, passphrase = Accounts.with_passphrase()
    site = make_site(accounts)
    assert len(passphrase) >= 20
    with site.visitor() as one, site.visitor() as two:
        assert 'name="name"' not in one.get("/login").text
        assert one.post("/login", data={"password": "guess"}).status_code == 401
        for visitor in (one, two):
            visitor.get("/login")
            assert visitor.post("/login", data={"password": passphrase}).status_code == 303
        assert owner(one) == owner(one) != owner(two)


def test_downloads_are_for_the_owner_of_the_chat_only(open_site: Site) -> None:
    table = Table(("comment", "score"), (("=1+1", -0.5), ("ünï", 2)))
    answer = Reply("moderation", "", "", (table,), (), (), Route("moderation", ""), 1.0)
    with open_site.visitor() as one, open_site.visitor() as two:
        for visitor in (one, two):
            visitor.get("/")
        chat = open_site.storage.start(owner(one))
        ids = open_site.storage.append(owner(one), chat, Message("user", "Moderate"), answer)
        base = f"/conversations/{chat}"
        mine = one.get(f"{base}/messages/{ids[1]}/table.csv")
        assert mine.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in mine.headers["content-disposition"]
        assert mine.content.decode("utf-8-sig") == (
            '"comment","score"\r\n"\'=1+1",-0.5\r\n"ünï",2\r\n'
        )
        assert one.get(f"{base}/export.md").text.startswith("# Moderate")
        assert one.get(f"{base}/messages/{ids[0]}/table.csv").status_code == 404
        for path in (f"{base}/messages/{ids[1]}/table.csv", f"{base}/export.md"):
            stolen = two.get(path)
            assert stolen.status_code == 404
            assert "Moderate" not in stolen.text
            assert stolen.json()["error"].startswith("There is no chat")


def test_the_health_report_needs_no_login_and_tells_no_secret(closed_site: Site) -> None:
    with closed_site.visitor() as visitor:
        assert visitor.get("/health").json() == {"status": "loading", "doing": "starting"}


def test_guessing_a_password_is_slowed_down_and_says_so(make_site: Callable[..., Site]) -> None:
    site = make_site(Accounts({"carol": "her password"}, hasher=QUICK))
    with site.visitor() as visitor:
        statuses = [log_in(visitor, "carol", "guess").status_code for _ in range(7)]
        assert statuses == [401] * 5 + [429] * 2
        held = log_in(visitor, "carol", "her password")
        assert held.status_code == 429
        assert "Try again in 1 s" in held.text
        assert held.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "localhost", "origin": "https://evil.example"},
        {"host": "localhost"},  # no login
    ],
)
def test_a_websocket_is_closed_before_it_opens(headers: dict[str, str]) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("the connection came through")

    async def receive() -> Event:
        return {"type": "websocket.connect"}

    async def send(message: Event) -> None:
        sent.append(message)

    sent: list[Event] = []
    gate = Gate(app, hosts=Hosts("127.0.0.1"), logins=Logins(), longest_body=1, spaces=False)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "websocket", "path": "/", "headers": raw}
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(gate(scope, receive, send))).result()
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("host", ["192.168.1.7:7860", "[fe80::1]", "localhost"])
def test_bound_to_every_interface_any_address_in_digits_is_answered(host: str) -> None:
    assert Hosts("0.0.0.0").allowed(host)
    assert not Hosts("0.0.0.0").allowed("evil.example")
    assert Hosts("0.0.0.0", ["chat.example"]).allowed("chat.example")
