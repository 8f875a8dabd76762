"""Stands before Gradio's routes: what a page may ask of them, and only in its visitor's name.

Gradio trusts what a client sends: the name of a session, by which anybody can listen to its
events, and the path of a file, which it does not check in a page that is mounted into another
application. Here a session's name is good for one visitor only, a file is one of the visitor's
uploads, and routes that the page does not need are not there.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlencode

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import AccessError, InputError, UploadError
from assistant.server.upload_routes import progress_id
from assistant.uploads import Uploads

if TYPE_CHECKING:
    import gradio

API = "/gradio_api"
PAGE = re.compile(  # what shows the page; the same for everybody
    r"/|/config/?|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json"
    r"|/(assets|static|svelte)/.*|/gradio_api/(info/?|app_id/?|startup-events|theme\.css)"
)
CALLS = frozenset({f"{API}/queue/join", f"{API}/run/predict"})
GIVEN = ("data", "event_data")  # what the function that is called gets
MEANT = ("fn_index", "trigger_id", "event_id")  # which function, and which event
DEEPEST = 50  # lists and objects within one another
LONGEST_SESSION = 200  # characters
FILE = {"_type": "gradio.FileData"}  # marks a file among the values


class Sessions(Protocol):
    """What the guard needs to know of Gradio's queue."""

    def knows(self, session: str) -> bool:
        """Whether the session has asked for something."""

    def holds(self, session: str, event: str) -> bool:
        """Whether the event is one of the session's."""


class GradioSessions:
    """The sessions of a page's own queue."""

    def __init__(self, page: gradio.Blocks) -> None:
        self._page = page

    def knows(self, session: str) -> bool:
        """See ``Sessions``."""
        return session in self._page._queue.pending_messages_per_session

    def holds(self, session: str, event: str) -> bool:
        """See ``Sessions``."""
        return event in self._page._queue.pending_event_ids_session.get(session, ())


class GradioGuard:
    """An ASGI application around Gradio's; who asks is noted in ``state`` as the owner."""

    def __init__(
        self, app: ASGIApp, *, uploads: Uploads, sessions: Sessions, longest_body: int
    ) -> None:
        self._app = app
        self._uploads = uploads
        self._sessions = sessions
        self._longest_body = longest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the visitor may ask, as the visitor's own; answer the rest."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            scope, receive = await self._own(scope, receive)
        except (UploadError, AccessError) as error:
            await _refusal(error, 404)(scope, receive, send)
        except InputError as error:
            await _refusal(error, 400)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _own(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        """Return the request with a session and files that are the visitor's.

        Raises:
            AccessError: there is no such address, session or event for this visitor.
            UploadError: a file is not one of the visitor's uploads.
            InputError: the body cannot be understood.
        """
        owner, path = str(scope["state"]["owner"]), str(scope["path"])
        if scope["method"] in {"GET", "HEAD"}:
            return self._asked(scope, owner, path), receive
        if scope["method"] == "POST" and path in CALLS | {f"{API}/cancel"}:
            body = _parsed(await _read(receive, self._longest_body))
            call = {name: body[name] for name in MEANT if isinstance(body.get(name), int | str)}
            call["session_hash"] = session_of(owner, body.get("session_hash"))
            if path in CALLS:
                call |= {name: self._resolved(body.get(name), owner) for name in GIVEN}
            elif not self._sessions.holds(call["session_hash"], str(call.get("event_id"))):
                raise _nothing_here()
            return _with_body(scope, receive, json.dumps(call).encode())
        raise _nothing_here()

    def _asked(self, scope: Scope, owner: str, path: str) -> Scope:
        if PAGE.fullmatch(path):
            return scope
        before, _, name = path.rpartition("/")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if before == f"{API}/heartbeat":
            path = f"{before}/{session_of(owner, name)}"
            return {**scope, "path": path, "raw_path": path.encode()}
        if path == f"{API}/queue/data":
            query["session_hash"] = session_of(owner, query.get("session_hash"))
            if not self._sessions.knows(query["session_hash"]):
                raise _nothing_here()
        elif path == f"{API}/upload_progress":
            query["upload_id"] = progress_id(owner, query.get("upload_id", ""))
        else:
            raise _nothing_here()
        return {**scope, "query_string": urlencode(query).encode()}

    def _resolved(self, value: Any, owner: str, depth: int = 0) -> Any:
        """Return a value of the request, every file in it as the server stored it.

        Whatever has a path counts as a file, so that no function is ever given a foreign one.
        """
        if depth > DEEPEST:
            raise InputError(f"The request nests values more than {DEEPEST} deep.")
        if isinstance(value, list):
            return [self._resolved(item, owner, depth + 1) for item in value]
        if not isinstance(value, dict):
            return value
        if "path" in value or value.get("meta") == FILE:
            upload = self._uploads.find(owner, value.get("path"))
            kind, _ = mimetypes.guess_type(upload.name)
            return {
                "path": str(upload.path),
                "orig_name": upload.name,
                "size": upload.size,
                "mime_type": kind,
                "meta": FILE,
            }
        return {name: self._resolved(item, owner, depth + 1) for name, item in value.items()}


def session_of(owner: str, session: object) -> str:
    """Return the name of a visitor's session within Gradio, which no other visitor can give it.

    Raises:
        InputError: the client names no session, or not as one.
    """
    if not isinstance(session, str) or not 0 < len(session) <= LONGEST_SESSION:
        raise InputError("The request names no session. Open the page anew and try again.")
    return hashlib.sha256(f"{owner}\n{session}".encode("utf-8", "replace")).hexdigest()


async def _read(receive: Receive, longest: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InputError("The request broke off.")
        body += message.get("body", b"")
        if len(body) > longest:
            raise InputError(f"The request is longer than {longest:,} bytes.")
        if not message.get("more_body"):
            return bytes(body)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        # Not orjson, which takes no half of an emoji, and those can be typed.
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError("The body of the request is not JSON.") from error
    if not isinstance(parsed, dict):
        raise InputError("The body of the request has to be a JSON object.")
    return parsed


def _with_body(scope: Scope, receive: Receive, body: bytes) -> tuple[Scope, Receive]:
    headers = [item for item in scope["headers"] if item[0] != b"content-length"]
    headers.append((b"content-length", str(len(body)).encode()))
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_body() -> Message:
        return messages.pop() if messages else await receive()

    return {**scope, "headers": headers}, receive_body


def _nothing_here() -> AccessError:
    return AccessError("There is nothing here for you. Open the page and use what it shows.")


def _refusal(error: Exception, status: int) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=status)
