"""What a request says of whom it was forwarded for: believed of the owner's proxies alone.

Outermost of all, so that everything behind it sees the visitor's own address and scheme, and
``X-Forwarded-*`` headers only where they can be trusted.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assistant.server.hosts import Hosts

_HEADERS = (b"x-forwarded-", b"forwarded", b"x-real-ip")


class Forwarding:
    """Takes address and scheme from the headers of ``trusted`` proxies, and drops those of others.

    ``trusted`` are networks. Of ``X-Forwarded-For`` the last address outside of them counts: what a
    visitor writes there stands before it. Visitors of a public address (a share link, a Space) come
    through a proxy of others; unless that is trusted, nothing tells one from another, and they have
    no address.
    """

    def __init__(self, app: ASGIApp, *, trusted: Sequence[str], hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts
        self._trusted = [ipaddress.ip_network(network) for network in trusted]
        self._forwarded = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        public = self._hosts.public_scheme(Headers(scope=scope).get("host", ""))
        if public is not None:
            plain = "http" if scope["type"] == "http" else "ws"
            scope["scheme"] = f"{plain}s" if public == "https" else plain
        if self._is_trusted(scope):
            await self._forwarded(scope, receive, send)  # type: ignore[arg-type]
            return
        scope["headers"] = [
            (name, value) for name, value in scope["headers"] if not name.startswith(_HEADERS)
        ]
        if public is not None:
            scope["client"] = None
        await self._app(scope, receive, send)

    def _is_trusted(self, scope: Scope) -> bool:
        client = scope.get("client")
        try:
            address = ipaddress.ip_address(client[0] if client else "")
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def address_of(request: Request) -> str:
    """Return the address that a request comes from; empty if nothing tells it."""
    return request.client.host if request.client else ""
