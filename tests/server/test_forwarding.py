"""Whose word counts on where a request comes from: the owner's proxies, and nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from assistant.errors import SettingsError
from assistant.server.accounts import QUICK, Accounts
from assistant.server.forwarding import Forwarding
from assistant.server.hosts import Hosts
from assistant.settings import Settings

from .conftest import PASSWORDS, Site

LINK = "https://0123456789abcdef.gradio.live"


def passed_on(
    headers: dict[str, str], peer: str = "127.0.0.1", trusted: str = "", kind: str = "http"
) -> Scope:
    """Return the scope that the application sees of a request with these headers."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None: ...

    seen: list[Scope] = []
    settings = Settings.read(["--trusted-proxies", trusted])
    hosts = Hosts("127.0.0.1")
    hosts.allow_public(LINK)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scheme = "http" if kind == "http" else "ws"
    scope = {"type": kind, "scheme": scheme, "client": (peer, 5), "headers": raw}
    app = Forwarding(app, trusted=settings.trusted_proxies, hosts=hosts)
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    return seen[0]


FORWARDED = {
    "host": "localhost",
    "x-forwarded-for": "9.9.9.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "chat.example",
    "x-real-ip": "9.9.9.9",
    "forwarded": "for=9.9.9.9;proto=https",
}


@pytest.mark.parametrize(("peer", "trusted"), [("127.0.0.1", ""), ("127.0.0.1", "10.0.0.0/8")])
def test_what_somebody_else_forwards_is_dropped(peer: str, trusted: str) -> None:
    seen = passed_on(FORWARDED, peer, trusted)
    assert seen["client"] == (peer, 5)
    assert seen["scheme"] == "http"
    assert Headers(scope=seen).keys() == ["host"]


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("10.1.2.3", "192.0.2.1, 10.0.0.0/8"),
        ("10.1.2.3", "10.0.0.9/8"),
        ("2001:db8::5", "2001:db8::/32"),
    ],
)
def test_what_a_trusted_proxy_forwards_counts(peer: str, trusted: str) -> None:
    seen = passed_on(FORWARDED, peer, trusted)
    assert seen["client"][0] == "9.9.9.9"
    assert seen["scheme"] == "https"
    assert Headers(scope=seen)["x-forwarded-host"] == "chat.example"


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("6.6.6.6, 9.9.9.9", "9.9.9.9"),
        ("6.6.6.6, 127.0.0.1, 9.9.9.9", "9.9.9.9"),
        ("6.6.6.6, 9.9.9.9, 127.0.0.1", "9.9.9.9"),
        ("6.6.6.6,2001:db8::1", "2001:db8::1"),
        ("6.6.6.6, [2001:db8::1]:99", "2001:db8::1"),
        ("6.6.6.6, 9.9.9.9:1234", "9.9.9.9"),
    ],
)
def test_what_a_visitor_puts_before_the_chain_does_not_count(chain: str, address: str) -> None:
    seen = passed_on({"host": "localhost", "x-forwarded-for": chain}, trusted="127.0.0.1")
    assert seen["client"][0] == address


@pytest.mark.parametrize(("kind", "scheme"), [("http", "https"), ("websocket", "wss")])
def test_visitors_of_a_share_link_come_by_https_and_from_no_known_address(
    kind: str, scheme: str
) -> None:
    host = LINK.removeprefix("https://")
    seen = passed_on({**FORWARDED, "host": host}, kind=kind)
    assert (seen["scheme"], seen["client"]) == (scheme, None)
    assert Headers(scope=seen).keys() == ["host"]
    trusting = passed_on({**FORWARDED, "host": host}, trusted="127.0.0.1", kind=kind)
    assert (trusting["scheme"], trusting["client"][0]) == (scheme, "9.9.9.9")


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.1,,x", "*", "0.0.0.0/0", "::/0", "1.2"])
def test_what_is_no_proxys_address_is_explained(value: str) -> None:
    with pytest.raises(SettingsError, match="--trusted-proxies"):
        Settings.read(["--trusted-proxies", value])


def test_through_a_share_link_the_page_names_itself_by_https_and_its_cookies_are_secure(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(Accounts(PASSWORDS, hasher=QUICK))
    site.hosts.allow_public(LINK)
    headers = {"host": LINK.removeprefix("https://"), "origin": LINK, "accept": "text/html"}
    with site.visitor(headers=headers) as visitor:
        answer = visitor.post("/login", data={"name": "alice", "password": PASSWORDS["alice"]})
        assert answer.status_code == 303
        cookies = answer.headers.get_list("set-cookie")
        assert len(cookies) == 2
        assert all("; Secure" in cookie for cookie in cookies)
        sent = "; ".join(cookie.split(";")[0] for cookie in cookies)
        page = visitor.get("/", headers={"cookie": sent})
        assert page.status_code == 200
        assert f'"root":"{LINK}' in page.text.replace(" ", "")


def test_a_foreign_origin_is_not_excused_by_a_forwarded_host(
    make_site: Callable[..., Site],
) -> None:
    headers = {"origin": "http://localhost", "x-forwarded-host": "localhost"}
    for trusted, status in (("", 403), ("127.0.0.1", 200)):
        with make_site(trusted_proxies=trusted).visitor(headers=headers) as visitor:
            assert (
                visitor.post("/gradio_api/upload", files={"files": ("a.txt", b"a")}).status_code
                == status
            )
