"""The connection of one request, so that another thread than the one that reads it can end it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any


class Connection:
    """Knows the socket of an httpx request; ``note`` is the request's ``trace`` extension.

    Closing a socket does not wake a thread that waits for data on it, and the server would not
    notice either; shutting it down does both.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._is_cut = False
        self._lock = threading.Lock()

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        """Take the socket from what httpcore tells of a connection that was made."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
            if self._is_cut:  # while it was being made
                self.cut()

    def cut(self) -> None:
        """End the connection; whoever reads it gets an error or the end at once."""
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                with suppress(OSError):  # closed already
                    self._socket.shutdown(socket.SHUT_RDWR)
