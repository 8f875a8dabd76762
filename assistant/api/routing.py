"""Makes routes of an API: each answers JSON, and each error in the API's own form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.errors import AssistantError

Handler = Callable[[Request], Awaitable[dict[str, Any]]]
Explain = Callable[[AssistantError], Response]


def answering(handler: Handler, explain: Explain) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that answers with what ``handler`` returns, or explains its error."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except AssistantError as error:
            return explain(error)

    return endpoint
