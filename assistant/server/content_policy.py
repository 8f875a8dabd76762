"""The page's Content-Security-Policy: nothing from, and nothing to, any other host.

Only scripts of ours run. Gradio writes a few into its page, and those carry a number that is used
once (a nonce). It also compiles event listeners from text, hence ``unsafe-eval``: code that runs
already may make more code, but what is shown can start none.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "Content-Security-Policy"


def content_policy(*, spaces: bool, nonce: str = "") -> str:
    """Return the policy; ``spaces`` lets huggingface.co show the page in a frame."""
    ancestors = "https://huggingface.co https://*.hf.space" if spaces else "'none'"
    inline = f" 'nonce-{nonce}'" if nonce else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'unsafe-eval'{inline}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {ancestors}",
        )
    )


class ScriptNonces:
    """Middleware around Gradio's page alone, which gives its scripts their nonce."""

    def __init__(self, app: ASGIApp, *, spaces: bool) -> None:
        self._app = app
        self._spaces = spaces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; of the page itself with a nonce in its scripts and its policy."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        start: Message = {}
        body = bytearray()

        async def send_with_nonce(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            # Gradio escapes every "<" of what it writes into a script.
            page = bytes(body).replace(b"<script", f'<script nonce="{nonce}"'.encode())
            headers = MutableHeaders(scope=start)
            headers[POLICY] = content_policy(spaces=self._spaces, nonce=nonce)
            headers["Cache-Control"] = "no-store"
            headers["Content-Length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, send_with_nonce)
