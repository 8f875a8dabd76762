"""The public link: Gradio's tunnel to our own port, so that the gate stands before it too."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

PATIENCE = 20.0  # seconds after which the user is told to go on without a link

Open = Callable[[str, int], str]
log = logging.getLogger("assistant")


def open_tunnel(host: str, port: int) -> str:
    """Return the public address under which Gradio's service reaches this port.

    Raises:
        OSError: the service or its tunnel program cannot be reached or run.
        RuntimeError: the service gave no address.

    """
    import httpx
    from gradio import networking
    from gradio.exceptions import ChecksumMismatchError

    try:
        address = networking.setup_tunnel(host, port, secrets.token_urlsafe(32), None, None)
    except (httpx.HTTPError, ValueError) as error:
        raise RuntimeError(str(error)) from error
    except ChecksumMismatchError as error:
        raise RuntimeError("Gradio's tunnel program was not the one expected") from error
    own_server = "GRADIO_SHARE_SERVER_ADDRESS" in os.environ
    return address if own_server else f"https://{urlsplit(address).netloc}"


class Share:
    """Opens the link in the background and says how it went; the local page never waits."""

    def __init__(
        self,
        host: str,
        port: int,
        on_link: Callable[[str], None],
        opener: Open = open_tunnel,
        patience: float = PATIENCE,
    ) -> None:
        self._target = (host, port)
        self._on_link = on_link
        self._opener = opener
        self._patience = patience
        self._decided = threading.Event()

    def start(self) -> None:
        """Begin to open the link."""
        threading.Thread(target=self._run, name="share", daemon=True).start()
        threading.Thread(target=self._watch, name="share-watch", daemon=True).start()

    def _run(self) -> None:
        try:
            link = self._opener(*self._target)
        except (OSError, RuntimeError) as error:
            reason = _reason(error)
            log.warning("No public link could be made (%s); going on on this computer.", reason)
        else:
            self._on_link(link)
        finally:
            self._decided.set()

    def _watch(self) -> None:
        if not self._decided.wait(self._patience):
            log.warning(
                "No public link after %.0f s: Gradio's share service does not answer. Going on on "
                "this computer; the link is printed if it comes after all.",
                self._patience,
            )


def _reason(error: Exception) -> str:
    """Return the first cause in one line: the outermost message often says only that it failed."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    first = str(error).strip().split("\n")[0].rstrip(".")
    root = str(cause).strip().split("\n")[0]
    return first if root in {"", first} else f"{first}: {root}"
