"""The gate before every route, Gradio's included: host, origin, login, owner, headers.

It works on raw ASGI messages, so it holds no stream back, and it knows no route by name but the
few that are open without a login: a route added later is behind the login by itself. The APIs,
below prefixes that it is given, ask for keys themselves.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.server.content_policy import POLICY, content_policy
from assistant.server.hosts import Hosts, hostname
from assistant.server.logins import Logins

OPEN_PATHS = frozenset({"/login", "/health"})  # exactly these need no login
SESSION_COOKIE = "switchboard_session"
LOGIN_COOKIE = "switchboard_login"
YEAR = 31_536_000  # seconds
LONGEST_OPEN_BODY = 16_384  # bytes that a request without a login may hold
LONGEST_API_BODY = 2_000_000

_SESSION = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, as secrets.token_urlsafe(32) writes them
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_UPLOADED = re.compile(r"/gradio_api/file=")


class Gate:
    """Lets a request through with its owner noted in ``request.state.owner``, or answers it.

    ``logins`` is None when nobody needs to log in. ``keyed`` are the prefixes of the paths that ask
    for keys instead; every path below them must belong to an API. ``spaces`` says that the page is
    shown in a frame on huggingface.co, which only cookies with ``SameSite=None; Secure`` survive.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Hosts,
        logins: Logins | None,
        longest_body: int,
        spaces: bool,
        keyed: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._keyed = keyed
        self._hosts = hosts
        self._logins = logins
        self._longest_body = longest_body
        self._spaces = spaces
        self._policy = content_policy(spaces=spaces)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = _cookies(headers)
        session = cookies.get(SESSION_COOKIE, "")
        settled = _SESSION.fullmatch(session) or self._asks_for_key(scope)
        fresh = None if settled else secrets.token_urlsafe(32)
        refusal = self._refusal(scope, headers, cookies)
        if refusal is None:
            user = self._user(cookies)
            owner = f"user:{user}" if user else f"session:{_digest(fresh or session)}"
            scope.setdefault("state", {})["owner"] = owner
            _drop_untrusted_headers(scope, self._hosts)
        answer = self._app if refusal is None else refusal
        if scope["type"] == "http":
            cookie = None if refusal or fresh is None else self._session_cookie(scope, fresh)
            limited = _limited(receive, self._limit(scope))
            await answer(scope, limited, self._with_headers(scope, send, cookie))
        elif refusal is None:
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Scope, headers: Headers, cookies: dict[str, str]) -> Response | None:
        host = headers.get("host", "")
        if not self._hosts.allowed(host):
            return PlainTextResponse(
                f"Switchboard does not answer to the name {hostname(host) or 'given'!r}. Open the "
                "address that it printed, or add the name with --allowed-hosts.\n",
                status_code=400,
            )
        if not self._same_origin(scope, headers):
            return PlainTextResponse(
                "This request came from a page of another site and was refused.\n", status_code=403
            )
        length, limit = headers.get("content-length", "0"), self._limit(scope)
        if not length.isdecimal() or int(length) > limit:
            return PlainTextResponse(
                f"The request is longer than {limit:,} bytes. Send less at a time.\n",
                status_code=413,
            )
        open_path = scope["path"] in OPEN_PATHS or self._asks_for_key(scope)
        if self._logins and not open_path and self._user(cookies) is None:
            return _ask_for_login(scope, headers)
        return None

    def _limit(self, scope: Scope) -> int:
        if scope["path"] in OPEN_PATHS:
            return LONGEST_OPEN_BODY
        return LONGEST_API_BODY if self._asks_for_key(scope) else self._longest_body

    def _asks_for_key(self, scope: Scope) -> bool:
        is_request = scope["type"] == "http"
        return is_request and bool(self._keyed) and scope["path"].startswith(self._keyed)

    def _user(self, cookies: dict[str, str]) -> str | None:
        """Return the name logged in: empty where a passphrase is all that is asked for."""
        return self._logins.name_of(cookies.get(LOGIN_COOKIE, "")) if self._logins else None

    def _same_origin(self, scope: Scope, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or (scope["type"] == "http" and scope["method"] in _SAFE_METHODS):
            return True
        addressed = {headers.get("host", "").lower()}
        forwarded = headers.get("x-forwarded-host", "")
        if self._hosts.allowed(forwarded):
            addressed.add(forwarded.lower())
        return urlsplit(origin).netloc.lower() in addressed

    def _session_cookie(self, scope: Scope, session: str) -> str:
        return set_cookie(SESSION_COOKIE, session, YEAR, scope=scope, spaces=self._spaces)

    def _with_headers(self, scope: Scope, send: Send, cookie: str | None) -> Send:
        # An uploaded file must not run as a page of ours, whatever it holds.
        uploaded = _UPLOADED.match(scope["path"])
        policy = "sandbox; default-src 'none'" if uploaded else self._policy

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers.setdefault(POLICY, policy)
                if not self._spaces:
                    headers["X-Frame-Options"] = "DENY"
                    headers["Cross-Origin-Opener-Policy"] = "same-origin"
                if cookie is not None:
                    headers.append("Set-Cookie", cookie)
            await send(message)

        return send_with_headers


def _limited(receive: Receive, limit: int) -> Receive:
    """Hang up on a body that grows past its limit, for those that announce no length."""
    read = 0

    async def receive_limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        return {"type": "http.disconnect"} if read > limit else message

    return receive_limited


def set_cookie(name: str, value: str, seconds: int, *, scope: Scope, spaces: bool) -> str:
    """Return a ``Set-Cookie`` value that scripts cannot read and other sites cannot send."""
    parts = [f"{name}={value}", "Path=/", f"Max-Age={seconds}", "HttpOnly"]
    if spaces:
        parts += ["SameSite=None", "Secure", "Partitioned"]
    else:
        parts += ["SameSite=Lax", *(["Secure"] if scope.get("scheme") == "https" else [])]
    return "; ".join(parts)


def _ask_for_login(scope: Scope, headers: Headers) -> Response:
    asks_page = scope["type"] == "http" and scope["method"] == "GET"
    if asks_page and "text/html" in headers.get("accept", ""):
        where = "" if scope["path"] == "/" else f"?next={quote(scope['path'])}"
        return RedirectResponse(f"/login{where}", status_code=303)
    return JSONResponse(
        {"error": "Log in first: open this server's address in a browser."}, status_code=401
    )


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _digest(session: str) -> str:
    """Return the session's id for the database, from which no cookie can be made."""
    return hashlib.sha256(session.encode()).hexdigest()[:32]


def _drop_untrusted_headers(scope: Scope, hosts: Hosts) -> None:
    """Drop the headers by which a client could make Gradio's links point to another host."""
    scope["headers"] = [
        (name, value)
        for name, value in scope["headers"]
        if name != b"x-gradio-server"
        and (name != b"x-forwarded-host" or hosts.allowed(value.decode("latin-1")))
    ]
