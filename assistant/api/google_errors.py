"""The errors of the Perspective API: Google's form, status and details."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from assistant.errors import (
    AccessError,
    AssistantError,
    BusyError,
    InputError,
    TooManyTriesError,
    WrongKeyError,
)

_ANALYSIS = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}


class GoogleError(InputError):
    """An answer other than success: its HTTP status, Google's name for it, and details."""

    def __init__(
        self, code: int, status: str, message: str, details: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.details = details or []


def analysis_error(message: str, kind: str = "INVALID_REQUEST", **details: Any) -> GoogleError:
    """Return an error about a comment or what is asked of it; ``kind`` is its ``errorType``."""
    detail = {"@type": _ANALYSIS, "errorType": kind, **details}
    return GoogleError(400, "INVALID_ARGUMENT", message, [detail])


def answer(error: AssistantError) -> JSONResponse:
    """Return the response for an error in Google's form."""
    found = _as_google(error)
    body: dict[str, Any] = {"code": found.code, "message": str(found), "status": found.status}
    if found.details:
        body["details"] = found.details
    seconds = error.seconds if isinstance(error, TooManyTriesError) else 1
    headers = {"Retry-After": str(seconds)} if found.code == 429 else {}
    return JSONResponse({"error": body}, status_code=found.code, headers=headers)


def _as_google(error: AssistantError) -> GoogleError:
    message = str(error)
    if isinstance(error, GoogleError):
        return error
    if isinstance(error, WrongKeyError):
        return GoogleError(400, "INVALID_ARGUMENT", message, [_KEY])
    if isinstance(error, (TooManyTriesError, BusyError)):
        return GoogleError(429, "RESOURCE_EXHAUSTED", message)
    if isinstance(error, AccessError):
        return GoogleError(403, "PERMISSION_DENIED", message)
    if isinstance(error, InputError):
        return GoogleError(400, "INVALID_ARGUMENT", message)
    return GoogleError(500, "INTERNAL", message)
