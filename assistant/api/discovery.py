"""The discovery document, from which Google's clients learn the Perspective API and our address."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request

from assistant.api.google_errors import GoogleError

VERSION = "v1alpha1"


async def document(request: Request) -> dict[str, Any]:
    """Return the document for the address under which the client reached us.

    Behind a trusted proxy that is what the proxy says, of which the gate lets only names of ours
    through.
    """
    if request.query_params.get("version", VERSION) != VERSION:
        raise GoogleError(404, "NOT_FOUND", f"There is no such version. Ask for {VERSION}.")
    host = request.headers.get("x-forwarded-host") or request.headers["host"]
    root = f"{request.url.scheme}://{host}/"
    return _parts() | {"rootUrl": root, "baseUrl": root}


@cache
def _parts() -> dict[str, Any]:
    file = Path(__file__).with_suffix(".json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found
