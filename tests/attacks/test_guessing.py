"""Passwords and API keys cannot be guessed at full speed, and nobody is locked out by a guesser.

Against the whole server, as ``python app.py`` starts it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from argon2 import PasswordHasher

from assistant import Assistant
from assistant.server.accounts import QUICK, Accounts
from assistant.server.launch import running
from assistant.settings import Settings
from tests.server.conftest import start as serve
from tests.ui.standin import ScriptedAssistant

PASSWORD = "a password of hers"
KEY = "a-key-for-coral-0001"
COMMENT = {"comment": {"text": "Fine."}, "requestedAttributes": {"TOXICITY": {}}}


class Server:
    """A running server, and what visitors can send it."""

    def __init__(self, url: str, site: Any) -> None:
        self.url = url
        self.site = site

    def visitor(self, **options: Any) -> httpx.Client:
        """Return a browser of its own, with its own cookies."""
        return httpx.Client(base_url=self.url, timeout=60, verify=False, **options)

    def log_in(
        self, password: str = "guess", name: str = "ann", forwarded: str = "", **headers: str
    ) -> httpx.Response:
        """Log in with a new browser, with an ``X-Forwarded-For``."""
        if forwarded:
            headers["x-forwarded-for"] = forwarded
        with self.visitor(headers=headers) as visitor:
            return visitor.post("/login", data={"name": name, "password": password})


Start = Callable[..., AbstractContextManager[Server]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return a function that starts a server with these options until its ``with`` block ends."""

    @contextmanager
    def started(*options: str) -> Iterator[Server]:
        settings = Settings.read(list(options), port=0, data_dir=tmp_path / "data")
        assistant: Any = ScriptedAssistant(settings)
        with running(settings, assistant) as (url, site):
            yield Server(url, site)

    return started


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the real assistant and one API key."""
    options = ["--api-keys", f"coral:{KEY}", "--generator", "none"]
    folders = {name: tmp_path_factory.mktemp(name) for name in ("data_dir", "documents_dir")}
    settings = Settings.read(options, port=0, **folders)
    with running(settings, Assistant.from_settings(settings)) as (url, site):
        yield Server(url, site)


def test_a_new_forwarded_address_with_each_guess_gains_nothing(start: Start) -> None:
    """Uvicorn believed every program of this computer: 150 guesses were answered at full speed."""
    with start("--auth", f"ann:{PASSWORD}") as server:
        answers = [server.log_in(forwarded=f"10.0.0.{number}") for number in range(150)]
        assert [answer.status_code for answer in answers[:5]] == [401] * 5
        assert sum(answer.status_code == 401 for answer in answers) <= 10
        assert server.log_in(PASSWORD, forwarded="10.9.9.9").status_code == 429
        assert int(answers[-1].headers["retry-after"]) > 0


def test_guesses_sent_all_at_once_gain_nothing(start: Start) -> None:
    with start("--auth", f"ann:{PASSWORD}") as server, ThreadPoolExecutor(40) as pool:
        statuses = list(pool.map(lambda _: server.log_in().status_code, range(40)))
        # Five are free; the next few waits end while a busy computer still hashes.
        assert 5 <= statuses.count(401) <= 8
        assert statuses.count(429) == 40 - statuses.count(401)


def test_behind_a_trusted_proxy_each_visitor_is_counted_by_their_own_address(
    start: Start,
) -> None:
    with start("--auth", f"ann:{PASSWORD}", "--trusted-proxies", "127.0.0.1") as server:
        statuses = [server.log_in(forwarded="9.9.9.9").status_code for _ in range(14)]
        assert statuses[:5] == [401] * 5
        assert 429 in statuses
        for number in range(5):
            forged = f"10.0.0.{number}, 127.0.0.1, 9.9.9.9"
            assert server.log_in(forwarded=forged).status_code == 429
        assert server.log_in(PASSWORD, forwarded="8.8.8.8").status_code == 303


def test_an_account_that_many_addresses_guess_at_is_held_up_but_not_for_its_owner(
    tmp_path: Path,
) -> None:
    accounts = Accounts({"ann": PASSWORD}, hasher=QUICK)
    site, stop = serve(tmp_path, accounts, trusted_proxies="127.0.0.1")
    server = Server(site.url, site)
    with server.visitor() as ann:
        ann.get("/login")
        form = {"name": "ann", "password": PASSWORD}
        at_home, away = {"x-forwarded-for": "8.8.8.8"}, {"x-forwarded-for": "6.6.6.6"}
        assert ann.post("/login", data=form, headers=at_home).status_code == 303
        guesses = [server.log_in(forwarded=f"10.0.0.{number}") for number in range(60)]
        assert [guess.status_code for guess in guesses].count(429) >= 20
        held = server.log_in(PASSWORD, forwarded="7.7.7.7")
        assert held.status_code == 429
        assert int(held.headers["retry-after"]) <= 30
        assert server.log_in(PASSWORD, forwarded="8.8.8.8").status_code == 303, "her address"
        assert ann.post("/login", data=form, headers=away).status_code == 303, "her browser"
        assert server.log_in(name="bob", forwarded="7.7.7.7").status_code == 401
    stop()


class CountingHasher(PasswordHasher):
    """Hashes cheaply, and counts how many threads do so at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.02)
        try:
            return super().verify(hash, password)
        finally:
            with self._lock:
                self._now -= 1


def test_forty_logins_at_once_take_the_memory_of_two(tmp_path: Path) -> None:
    hasher = CountingHasher()
    accounts = Accounts({"ann": PASSWORD}, hasher=hasher)
    site, stop = serve(tmp_path, accounts, trusted_proxies="127.0.0.1")
    server = Server(site.url, site)
    addresses = [f"10.0.0.{number}" for number in range(40)]
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda address: server.log_in(PASSWORD, "bob", address), addresses))
    stop()
    assert [answer.status_code for answer in answers].count(401) >= 20
    assert hasher.most == 2


def test_visitors_of_a_share_link_come_in_while_another_one_guesses(start: Start) -> None:
    """They all have one address, that of the tunnel's end on this computer."""
    with start("--share") as server:
        link = "https://0123456789abcdef.gradio.live"
        server.site.policy.hosts.allow_public(link)
        host = link.removeprefix("https://")
        statuses = [server.log_in(host=host).status_code for _ in range(100)]
        assert statuses[-1] == 429
        assert server.log_in(server.site.passphrase, host=host).status_code == 303


def test_wrong_api_keys_are_slowed_and_a_known_one_is_not(keyed: Server) -> None:
    """Hundreds of wrong keys in a row were answered at full speed."""

    def perspective(key: str) -> httpx.Response:
        return client.post("/v1alpha1/comments:analyze", params={"key": key}, json=COMMENT)

    def openai(key: str) -> httpx.Response:
        return client.get("/v1/models", headers={"authorization": f"Bearer {key}"})

    google = {"status": "RESOURCE_EXHAUSTED", "code": 429}
    with keyed.visitor() as client:
        assert openai(KEY).status_code == 200
        for ask, refusal, form in (
            (perspective, 400, google),
            (openai, 401, {"type": "requests", "code": "rate_limit_exceeded"}),
        ):
            answers = [ask(f"{number:03}-a-wrong-key-of-mine") for number in range(150)]
            statuses = [answer.status_code for answer in answers]
            assert set(statuses) <= {refusal, 429}
            assert statuses.count(refusal) <= 60
            assert form.items() <= answers[-1].json()["error"].items()
            assert int(answers[-1].headers["retry-after"]) > 0
            assert [ask(KEY).status_code for _ in range(5)] == [200] * 5
