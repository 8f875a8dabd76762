"""The login page and its two routes; plain HTML that needs no script and no other file."""

from __future__ import annotations

import asyncio
import html
import math
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.server.accounts import EVERYBODY, Accounts
from assistant.server.forwarding import address_of
from assistant.server.gate import LOGIN_COOKIE, SESSION_COOKIE, set_cookie
from assistant.server.logins import LIFETIME, Logins
from assistant.server.throttle import Throttle

HASHES_AT_ONCE = 2  # each takes 64 MiB

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in – Switchboard</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ display: grid; place-items: center; min-height: 100vh; margin: 0 }}
form {{ width: min(20rem, 88vw); display: grid; gap: .75rem }}
h1 {{ font-size: 1.5rem; margin: 0 }}
label {{ display: grid; gap: .25rem }}
input, button {{ font: inherit; padding: .6rem .75rem; border: 1px solid #8888 }}
input, button {{ border-radius: .5rem }}
button {{ background: #16766d; color: #fff; border: 0; font-weight: 600; cursor: pointer }}
:focus-visible {{ outline: 2px solid #1f8f83; outline-offset: 2px }}
[role=alert] {{ color: #c92a2a; margin: 0 }}
@media (prefers-color-scheme: dark) {{ [role=alert] {{ color: #ff8787 }} }}
</style>
</head>
<body>
<form method="post" action="/login">
<h1>Switchboard</h1>
<p style="margin:0">{prompt}</p>
{alert}
<input type="hidden" name="next" value="{next}">
{name}
<label>{secret}<input type="password" name="password" required maxlength="1000"
 autocomplete="current-password"{focus}></label>
<button type="submit">Log in</button>
</form>
</body>
</html>
"""
_NAME = (
    '<label>Name<input name="name" required maxlength="200" autocomplete="username" '
    "autofocus></label>"
)


def login_routes(
    accounts: Accounts, logins: Logins, throttle: Throttle, *, spaces: bool
) -> APIRouter:
    """Return ``/login`` (the form and its answer) and ``/logout``."""
    routes = APIRouter()
    hashing = asyncio.Semaphore(HASHES_AT_ONCE)  # so that no thread waits for its turn

    async def is_right(name: str, password: str) -> bool:
        async with hashing:
            return await asyncio.to_thread(accounts.check, name, password)

    @routes.get("/login")
    def form(next: str = "/") -> Response:
        return _page(accounts, next)

    @routes.post("/login")
    async def log_in(
        request: Request,
        password: Annotated[str, Form(max_length=1000)],
        name: Annotated[str, Form(max_length=200)] = EVERYBODY,
        next: Annotated[str, Form(max_length=2000)] = "/",
    ) -> Response:
        name = name.strip() if accounts.asks_name else EVERYBODY
        address, browser = address_of(request), request.cookies.get(SESSION_COOKIE, "")
        # Those with the passphrase come in whatever others guess from the same address, such as
        # that of a share link.
        certain = not accounts.guessable and await is_right(name, password)
        wait = 0.0 if certain else throttle.admit(address, name, browser)
        if wait > 0:
            return _held_up(accounts, next, math.ceil(wait))
        if not certain:
            if not await is_right(name, password):
                what = "name or password" if accounts.asks_name else "passphrase"
                return _page(accounts, next, f"That {what} is not right.", status=401)
            throttle.succeeded(address, name, browser)
        response = RedirectResponse(_inside(next), status_code=303)
        token = await asyncio.to_thread(logins.begin, name)
        cookie = set_cookie(LOGIN_COOKIE, token, int(LIFETIME), scope=request.scope, spaces=spaces)
        response.headers.append("Set-Cookie", cookie)
        return response

    @routes.api_route("/logout", methods=["GET", "POST"])
    def log_out(request: Request) -> Response:
        logins.end(request.cookies.get(LOGIN_COOKIE, ""))
        response = RedirectResponse("/login", status_code=303)
        cookie = set_cookie(LOGIN_COOKIE, "", 0, scope=request.scope, spaces=spaces)
        response.headers.append("Set-Cookie", cookie)
        return response

    return routes


def _held_up(accounts: Accounts, next: str, seconds: int) -> Response:
    alert = f"Too many wrong tries. Try again in {seconds} s."
    response = _page(accounts, next, alert, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _page(accounts: Accounts, next: str, alert: str = "", status: int = 200) -> HTMLResponse:
    by_name = accounts.asks_name
    content = _PAGE.format(
        prompt="Log in to continue." if by_name else "Enter the passphrase you were given.",
        alert=f'<p role="alert">{html.escape(alert)}</p>' if alert else "",
        next=html.escape(_inside(next), quote=True),
        name=_NAME if by_name else "",
        secret="Password" if by_name else "Passphrase",
        focus="" if by_name else " autofocus",
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(content, status_code=status, headers=headers)


def _inside(next: str) -> str:
    """Return the path to go on to, if it is one of this server; a login leads nowhere else."""
    local = next.startswith("/") and not next.startswith(("//", "/\\"))
    return next if local and next.isprintable() else "/"
