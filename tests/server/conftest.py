"""A real server on a free port, with a small real Gradio page that tells whose request it was."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import httpx
import pytest
from fastapi import APIRouter

from assistant.environment import prepare
from assistant.owners import owner_of
from assistant.server.accounts import QUICK, Accounts
from assistant.server.application import Policy, create
from assistant.server.hosts import Hosts
from assistant.server.warmup import WarmUp
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.uploads import Uploads

PASSWORDS = {"alice": "correct horse", "bob": "battery:staple"}


@dataclass
class Site:
    """A running server: where it is, and the application behind it."""

    url: str
    storage: Storage
    app: object
    hosts: Hosts

    def visitor(self, **options: object) -> httpx.Client:
        """Return a browser of its own, with its own cookies."""
        return httpx.Client(base_url=self.url, timeout=20, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def make_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """Return a function that starts a server: by name and password, or open to all."""
    stops: list[Callable[[], None]] = []

    def make(accounts: Accounts | None = None, *, spaces: bool = False, **changes: object) -> Site:
        site, stop = start(tmp_path_factory.mktemp("data"), accounts, spaces=spaces, **changes)
        stops.append(stop)
        return site

    yield make
    for stop in stops:
        stop()


@pytest.fixture(scope="session")
def open_site(make_site: Callable[..., Site]) -> Site:
    return make_site()


@pytest.fixture(scope="session")
def closed_site(make_site: Callable[..., Site]) -> Site:
    return make_site(Accounts(PASSWORDS, hasher=QUICK))


def start(
    data: Path,
    accounts: Accounts | None,
    *,
    spaces: bool = False,
    apis: Callable[[Settings, Storage], Sequence[APIRouter]] = lambda settings, storage: (),
    **changes: object,
) -> tuple[Site, Callable[[], None]]:
    """Serve in a thread; return the site and what stops it.

    ``apis`` makes its API routes; ``changes`` are settings.
    """
    import uvicorn

    settings = Settings(_env_file=None, data_dir=data, max_upload_mb=1, **changes)  # type: ignore[call-arg, arg-type]
    kept = dict(os.environ)
    prepare(settings)
    storage = Storage.from_settings(settings)
    policy = Policy(Hosts("127.0.0.1"), accounts, spaces=spaces)
    warm_up = WarmUp(lambda progress: None)
    routes = apis(settings, storage)
    uploads = Uploads(data / "uploads", settings.upload_quota_mb * 1_000_000)
    app = create(whoami_page(), storage, settings, policy, warm_up, uploads, apis=routes)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="error", proxy_headers=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)

    def stop() -> None:
        server.should_exit = True
        thread.join(10)
        listener.close()
        storage.close()
        os.environ.clear()
        os.environ.update(kept)

    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return Site(url, storage, app, policy.hosts), stop


def whoami_page() -> gr.Blocks:
    def whoami(request: gr.Request) -> str:
        return owner_of(request)

    def fail() -> str:
        raise RuntimeError("the secret cause")

    with gr.Blocks() as page:
        answer = gr.Textbox()
        gr.Button("Who?").click(whoami, outputs=answer, api_name="whoami")
        gr.Button("Fail").click(fail, outputs=answer, api_name="fail")
    return page
