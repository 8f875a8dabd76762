"""Who a request belongs to. The server decides it once; the page and the routes read it here."""

from __future__ import annotations

from typing import Any, Protocol

from assistant.errors import InputError


class HasState(Protocol):
    """A FastAPI request or a ``gradio.Request``: both carry what the server noted."""

    @property
    def state(self) -> Any:
        """The notes of this one request."""


def owner_of(request: HasState) -> str:
    """Return ``user:<name>`` behind a login, else ``session:<id>`` of the visitor's browser.

    Raises:
        InputError: the request did not come through Switchboard's server.

    """
    owner = getattr(request.state, "owner", None)
    if not isinstance(owner, str):
        raise InputError(
            "This request belongs to no visitor, so there are no chats to show. "
            "Open the page at the address that Switchboard printed when it started."
        )
    return owner
