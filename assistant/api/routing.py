"""Makes routes of an API: each answers JSON, and each error in the API's own form."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.errors import AssistantError

Handler = Callable[[Request], Awaitable[dict[str, Any]]]
Explain = Callable[[AssistantError], Response]

log = logging.getLogger("assistant")


def answering(handler: Handler, explain: Explain) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that answers with what ``handler`` returns, or explains its error."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except AssistantError as error:
            return explain(error)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("request failed, reference %s", reference)
            said = f"Something went wrong here; the server's log holds it under {reference}."
            return explain(AssistantError(said))

    return endpoint
