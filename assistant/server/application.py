"""The application: Gradio page, login, downloads, APIs and health report, behind the gate."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response

from assistant.environment import on_spaces
from assistant.errors import AssistantError, InputError
from assistant.server.accounts import Accounts
from assistant.server.comment_downloads import comment_routes
from assistant.server.content_policy import ScriptNonces
from assistant.server.downloads import download_routes
from assistant.server.forwarding import Forwarding
from assistant.server.gate import Gate
from assistant.server.gradio_guard import GradioGuard, GradioSessions
from assistant.server.hosts import Hosts
from assistant.server.login_page import login_routes
from assistant.server.logins import Logins
from assistant.server.throttle import Throttle
from assistant.server.upload_routes import upload_routes
from assistant.server.warmup import WarmUp
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.uploads import Uploads

if TYPE_CHECKING:
    import gradio

SIDE_BY_SIDE = 16  # turns of different visitors that run at once; the generator batches them
FILES_AT_ONCE = 4  # a request may hold this many files of the largest size
A_CHARACTER = 12  # bytes of JSON that one character of a message may take: two halves of an emoji
REST_OF_CALL = 1_000_000  # bytes of a call beside its message
CLEARING = 3_600.0  # seconds between two looks for uploads that are too old

log = logging.getLogger("assistant")


@dataclass(frozen=True)
class Policy:
    """Who may come in: the names answered to, and the accounts, if a login is asked for."""

    hosts: Hosts
    accounts: Accounts | None = None
    logins: Logins = field(default_factory=Logins)
    throttle: Throttle = field(default_factory=Throttle)
    spaces: bool = field(default_factory=on_spaces)


def create(
    page: gradio.Blocks,
    storage: Storage,
    settings: Settings,
    policy: Policy,
    warm_up: WarmUp,
    uploads: Uploads,
    look: dict[str, Any] | None = None,
    apis: Sequence[APIRouter] = (),
) -> FastAPI:
    """Return the whole application.

    ``look`` are Gradio's theme, css, js and head; ``apis`` ask for keys instead of a login.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        clearing = asyncio.create_task(_clear_again_and_again(uploads))
        yield
        clearing.cancel()
        with suppress(asyncio.CancelledError):
            await clearing

    app = FastAPI(
        title="Switchboard", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    app.add_exception_handler(AssistantError, _explain)
    app.add_exception_handler(Exception, _excuse)
    app.include_router(download_routes(storage))
    app.include_router(comment_routes(storage))
    app.include_router(upload_routes(uploads, settings.max_upload_mb * 1_000_000))
    for api in apis:
        app.include_router(api)
    if policy.accounts is not None:
        app.include_router(
            login_routes(policy.accounts, policy.logins, policy.throttle, spaces=policy.spaces)
        )

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": warm_up.status, "doing": warm_up.doing}

    # Gradio answers every origin unless the application has a policy of its own: none at all.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(
        Gate,
        hosts=policy.hosts,
        logins=policy.logins if policy.accounts is not None else None,
        longest_body=settings.max_upload_mb * FILES_AT_ONCE * 1_000_000,
        spaces=policy.spaces,
        keyed=tuple(f"{api.prefix}/" for api in apis),
    )
    app.add_middleware(Forwarding, trusted=settings.trusted_proxies, hosts=policy.hosts)
    guard = Middleware(
        GradioGuard,
        uploads=uploads,
        sessions=GradioSessions(page),
        longest_body=settings.max_text * A_CHARACTER + REST_OF_CALL,
    )
    nonces = Middleware(ScriptNonces, spaces=policy.spaces)
    return _mount(app, page, settings, {"middleware": [guard, nonces]}, look or {})


def _mount(
    app: FastAPI,
    page: gradio.Blocks,
    settings: Settings,
    app_kwargs: dict[str, Any],
    look: dict[str, Any],
) -> FastAPI:
    import gradio

    page.queue(max_size=settings.queue_size, api_open=False, default_concurrency_limit=SIDE_BY_SIDE)
    mounted: FastAPI = gradio.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,  # would keep what was said in the browser
        enable_monitoring=False,
        show_error=False,  # only sentences that were meant for the user reach the page
        max_file_size=f"{settings.max_upload_mb}mb",
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        app_kwargs=app_kwargs,
        **look,
    )
    return mounted


async def _clear_again_and_again(uploads: Uploads) -> None:
    while True:
        await asyncio.to_thread(uploads.clear)
        await asyncio.sleep(CLEARING)


async def _explain(_: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, InputError) else 503
    return JSONResponse({"error": str(error)}, status_code=status)


async def _excuse(_: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("request failed, reference %s", reference, exc_info=error)
    return JSONResponse(
        {"error": f"Something went wrong here; the log holds it under {reference}."},
        status_code=500,
    )
