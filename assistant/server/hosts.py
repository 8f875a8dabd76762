"""Which names this server answers to. A page of another name must not reach it (DNS rebinding)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

LOCAL = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")


class Hosts:
    """The host names that a request may be addressed to.

    Bound to every interface, the server also answers to any address in digits and to this
    computer's own name: no foreign DNS name can stand for those in a browser's address bar.
    """

    def __init__(self, bound: str, extra: Iterable[str] = ()) -> None:
        self._names = {*LOCAL, bound.lower().strip("[]")}
        self._public: dict[str, str] = {}  # name → scheme
        self._any_address = bound in EVERYWHERE
        if self._any_address:
            own = socket.gethostname().lower()
            self._names |= {own, f"{own.split('.')[0]}.local"}
        for name in extra:
            self.allow(name)

    def allow(self, name: str) -> None:
        """Answer to one more name."""
        if name.strip():
            self._names.add(name.strip().lower())

    def allow_public(self, address: str) -> None:
        """Answer to the name of a share link or a Space as well.

        Its visitors come through a proxy that is not the owner's, under this scheme.
        """
        parts = urlsplit(address)
        if parts.hostname:
            self.allow(parts.hostname)
            self._public[parts.hostname] = parts.scheme

    def public_scheme(self, header: str) -> str | None:
        """Return ``http`` or ``https`` if a ``Host`` header names a public address, else None."""
        return self._public.get(hostname(header) or "")

    def allowed(self, header: str) -> bool:
        """Whether a ``Host`` header (name or address, with or without a port) names this server."""
        name = hostname(header)
        if name is None:
            return False
        return name in self._names or (self._any_address and _is_address(name))


def hostname(header: str) -> str | None:
    """Return the host of a ``Host`` header in lower case, or None when it is malformed."""
    if not header or any(character in header for character in "/?#@\\ \t"):
        return None
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port  # raises ValueError when it is no port
    except ValueError:
        return None
    return parts.hostname.rstrip(".") if parts.hostname else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
