"""Real servers with the APIs and the shipped model: open to this computer, or asking for keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from fastapi import APIRouter

from assistant.api.keys import Keys
from assistant.api.routes import api_routes
from assistant.models.catalogue import Models
from assistant.server.accounts import QUICK, Accounts
from assistant.settings import Settings
from assistant.storage import Storage
from tests.server.conftest import PASSWORDS, Site, start

KEYS = {"coral": "a-key-for-coral-0001", "bot": "a-key-for-the-bot-02"}
MakeApi = Callable[..., Site]


@pytest.fixture(scope="session")
def make_api(tmp_path_factory: pytest.TempPathFactory, models: Models) -> Iterator[MakeApi]:
    """Return a function that starts a server with these keys, accounts and settings."""
    stops: list[Callable[[], None]] = []

    def make(
        keys: Keys, accounts: Accounts | None = None, models: Any = models, **changes: object
    ) -> Site:
        def routes(settings: Settings, storage: Storage) -> Sequence[APIRouter]:
            return api_routes(lambda: models, storage, settings, keys)

        site, stop = start(tmp_path_factory.mktemp("data"), accounts, apis=routes, **changes)
        stops.append(stop)
        return site

    yield make
    for stop in stops:
        stop()


@pytest.fixture(scope="session")
def api(make_api: MakeApi) -> Site:
    return make_api(Keys())


@pytest.fixture(scope="session")
def closed_api(make_api: MakeApi) -> Site:
    """A server with logins and keys, as one on a network is started."""
    return make_api(Keys(KEYS, shared=True), Accounts(PASSWORDS, hasher=QUICK))
