"""Starts a site and keeps it running until Ctrl-C: what ``python app.py`` does."""

from __future__ import annotations

import logging
import os
import shlex
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.environment import on_spaces
from assistant.errors import SettingsError
from assistant.private_files import MASK, open_to_others
from assistant.server.hosts import EVERYWHERE, LOCAL
from assistant.settings import ENV_FILE, PREFIX, Settings

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from assistant.chat import Assistant
    from assistant.server.site import Site

PORTS_TO_TRY = 100
GOODBYE = 2  # seconds that open streams get to end after Ctrl-C
SECRETS = tuple(f"{PREFIX}{name}" for name in ("AUTH", "API_KEYS", "YOUTUBE_KEY", "DATABASE_URL"))

log = logging.getLogger("assistant")


def serve(settings: Settings) -> None:
    """Serve the page until the user presses Ctrl-C.

    Raises:
        AssistantError: a setting, the database or the port cannot be used.

    """
    _log_to_terminal()
    os.umask(MASK)  # for what libraries write: uploads, converted models
    for file in _open_secrets(settings):
        log.warning(
            "Other users of this computer can read %s, which holds passwords or keys. To keep it "
            "to yourself: chmod 600 %s",
            file,
            shlex.quote(str(file)),
        )
    log.info(
        "Switchboard is starting: profile %s, generator %s, data in %s",
        settings.profile,
        settings.generator,
        settings.data_dir,
    )
    listener = bind(settings)
    with listener:
        from assistant.server.site import assemble

        site = assemble(settings)

        def started() -> None:
            _announce(site, listener)
            site.warm_up.start()
            if settings.share and not on_spaces():
                _share(site, listener)

        try:
            _server(site.app, started).run(sockets=[listener])
        except KeyboardInterrupt:
            pass  # uvicorn mostly passes the signal on when it has shut down
        finally:
            site.close()
            log.info("Stopped.")
    if site.busy:
        # Python's own exit aborts when a thread is inside a native library just then. Everything
        # is closed, both databases survive even a kill, and a training can be resumed.
        logging.shutdown()
        os._exit(0)


@contextmanager
def running(settings: Settings, assistant: Assistant | None = None) -> Iterator[tuple[str, Site]]:
    """Serve in a thread while the ``with`` block runs; gives the address and the site."""
    from assistant.server.site import assemble

    with bind(settings) as listener:
        site = assemble(settings, assistant)
        up = threading.Event()
        server = _server(site.app, up.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            if not up.wait(60):
                raise SettingsError("The server did not start within 60 s; the log says why.")
            site.warm_up.start()
            yield address(listener), site
        finally:
            server.should_exit = True
            thread.join(GOODBYE + 5)
            site.close()


def bind(settings: Settings) -> socket.socket:
    """Return a listening socket on the port asked for.

    The default port gives way to the next free one; a port that was asked for does not.

    Raises:
        SettingsError: the host or the port cannot be used; says which and why.

    """
    asked = "port" in settings.model_fields_set
    last = settings.port if asked else settings.port + PORTS_TO_TRY
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    reason: Exception | None = None
    for port in range(settings.port, last + 1):
        try:
            listener = socket.create_server((settings.host, port), family=family, backlog=2048)
        except socket.gaierror as error:
            reason = error
            break
        except OSError as error:
            reason = error
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


def _server(app: FastAPI, started: Callable[[], None]) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                started()

    # Pages keep a stream open for as long as they are shown, so every stop cuts some short;
    # uvicorn calls that an error, and says nothing else that our own log does not.
    # Whose forwarded headers count is for our own middleware to say: uvicorn would believe every
    # program of this computer.
    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GOODBYE,
    )
    return Server(config)


def _open_secrets(settings: Settings) -> list[Path]:
    """Return the files with passwords or keys that other users of this computer can read."""
    files = [Path(value) for value in (settings.auth, settings.api_keys) if value]
    with suppress(OSError, UnicodeDecodeError):
        if any(name in Path(ENV_FILE).read_text("utf-8").upper() for name in SECRETS):
            files.append(Path(ENV_FILE))
    return [file for file in files if open_to_others(file)]


def _announce(site: Site, listener: socket.socket) -> None:
    settings = site.settings
    log.info("Open %s in a browser. Press Ctrl-C here to stop.", address(listener))
    if site.passphrase:
        log.info("Visitors need this passphrase: %s", site.passphrase)
    elif settings.auth is None and settings.host not in LOCAL and not on_spaces():
        log.warning(
            "Anyone who reaches this computer's port %d can use this page, each with chats of "
            "their own. --auth NAME:PASSWORD asks for a login.",
            listener.getsockname()[1],
        )
    log.info("Loading models; the page can be used meanwhile:")


def _share(site: Site, listener: socket.socket) -> None:
    from assistant.server.share import Share

    def on_link(link: str) -> None:
        site.policy.hosts.allow_public(link)
        entry = f"the passphrase {site.passphrase}" if site.passphrase else "the logins of --auth"
        log.info("Public link: %s – opened by %s.", link, entry)

    host, port = listener.getsockname()[:2]
    log.info("Asking Gradio's service for a public link …")
    Share("127.0.0.1" if host in EVERYWHERE else host, port, on_link).start()


def _log_to_terminal() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
