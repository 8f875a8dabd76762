"""Starts everything and keeps it running until Ctrl-C: what ``python app.py`` does."""

from __future__ import annotations

import logging
import socket
import sys
from typing import TYPE_CHECKING

from assistant.errors import SettingsError
from assistant.server.environment import on_spaces, prepare
from assistant.server.hosts import EVERYWHERE, LOCAL
from assistant.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from assistant.server.application import Policy

PORTS_TO_TRY = 100
GOODBYE = 2  # seconds that open streams get to end after Ctrl-C

log = logging.getLogger("assistant")


def serve(settings: Settings) -> None:
    """Serve the page until the user presses Ctrl-C.

    Raises:
        AssistantError: a setting, the database or the port cannot be used.

    """
    _log_to_terminal()
    prepare(settings)
    log.info(
        "Switchboard is starting: profile %s, generator %s, data in %s",
        settings.profile,
        settings.generator,
        settings.data_dir,
    )
    listener = bind(settings)
    policy, passphrase = _policy(settings)

    from assistant.chat import Assistant
    from assistant.server.application import create
    from assistant.server.warmup import WarmUp
    from assistant.storage import Storage

    storage = Storage.from_settings(settings)
    assistant = Assistant.from_settings(settings)
    warm_up = WarmUp(assistant.warm)
    try:
        from assistant.ui import page

        app = create(
            page.build(assistant, storage), storage, settings, policy, warm_up, page.look()
        )

        def started() -> None:
            _announce(settings, listener, passphrase)
            warm_up.start()
            if settings.share and not on_spaces():
                _share(listener, policy, passphrase)

        run(app, listener, started)
        log.info("Stopped.")
    finally:
        warm_up.join(GOODBYE)
        assistant.close()
        storage.close()


def run(app: FastAPI, listener: socket.socket, started: Callable[[], None]) -> None:
    """Serve ``app`` on an open socket until Ctrl-C; call ``started`` once it answers."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                started()

    config = uvicorn.Config(
        app, log_level="error", access_log=False, timeout_graceful_shutdown=GOODBYE
    )
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:  # uvicorn passes the signal on when it has shut down
        pass
    finally:
        listener.close()


def bind(settings: Settings) -> socket.socket:
    """Return a listening socket on the port asked for.

    The default port gives way to the next free one; a port that was asked for does not.

    Raises:
        SettingsError: the host or the port cannot be used; says which and why.

    """
    asked = "port" in settings.model_fields_set or settings.port == 0
    last = settings.port if asked else settings.port + PORTS_TO_TRY
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    for port in range(settings.port, last + 1):
        try:
            listener = socket.create_server((settings.host, port), family=family, backlog=2048)
        except (OSError, OverflowError) as error:
            reason = error
            if isinstance(error, socket.gaierror):
                break
            continue
        if port != settings.port:
            log.info("Port %d is taken, so this is port %d.", settings.port, port)
        return listener
    raise SettingsError(
        f"Switchboard cannot listen on host {settings.host}, port {settings.port}: {reason}. "
        "Stop what uses that port, or give another one with --port (0 picks a free one) "
        "or another --host."
    )


def address(listener: socket.socket) -> str:
    """Return the address to open in a browser on this computer."""
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _policy(settings: Settings) -> tuple[Policy, str | None]:
    from assistant.server.accounts import Accounts
    from assistant.server.application import Policy
    from assistant.server.hosts import Hosts

    extra = [name for name in settings.allowed_hosts.split(",") if name.strip()]
    if on_spaces():
        import os

        extra.append(os.environ.get("SPACE_HOST", ""))
    hosts = Hosts(settings.host, extra)
    if settings.auth:
        return Policy(hosts, Accounts.read(settings.auth)), None
    if settings.share and not on_spaces():
        accounts, passphrase = Accounts.with_passphrase()
        return Policy(hosts, accounts), passphrase
    return Policy(hosts), None


def _announce(settings: Settings, listener: socket.socket, passphrase: str | None) -> None:
    log.info("Open %s in a browser. Press Ctrl-C here to stop.", address(listener))
    if passphrase:
        log.info("Visitors need this passphrase: %s", passphrase)
    elif settings.auth is None and settings.host not in LOCAL and not on_spaces():
        log.warning(
            "Anyone who reaches this computer's port %d can use this page, each with chats of "
            "their own. --auth NAME:PASSWORD asks for a login.",
            listener.getsockname()[1],
        )
    log.info("Loading models; the page can be used meanwhile:")


def _share(listener: socket.socket, policy: Policy, passphrase: str | None) -> None:
    from urllib.parse import urlsplit

    from assistant.server.share import Share

    def on_link(link: str) -> None:
        policy.hosts.allow(urlsplit(link).hostname or "")
        entry = f"passphrase {passphrase}" if passphrase else "the logins of --auth"
        log.info("Public link: %s, opened by %s.", link, entry)

    host, port = listener.getsockname()[:2]
    Share("127.0.0.1" if host in EVERYWHERE else host, port, on_link).start()


def _log_to_terminal() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
