"""Files to download: a reply's table as CSV, a conversation as Markdown; for its owner only."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from assistant.errors import InputError
from assistant.export import to_csv
from assistant.owners import owner_of
from assistant.serialization import result_from_json
from assistant.storage import Storage
from assistant.types import Table


def download_routes(storage: Storage) -> APIRouter:
    """Return the routes below ``/conversations``."""
    routes = APIRouter(prefix="/conversations/{conversation_id}")

    @routes.get("/messages/{message_id}/table.csv")
    def table(request: Request, conversation_id: str, message_id: str) -> Response:
        stored = storage.message(owner_of(request), conversation_id, message_id)
        for data in (stored.reply or {}).get("results", ()):
            result = result_from_json(data)
            if isinstance(result, Table):
                # The byte order mark tells spreadsheets that the file is UTF-8.
                return _file("\ufeff" + to_csv(result), "text/csv", "table.csv")
        raise InputError("This message holds no table. Open the chat again and pick another one.")

    @routes.get("/export.md")
    def export(request: Request, conversation_id: str) -> Response:
        text = storage.export(owner_of(request), conversation_id)
        return _file(text, "text/markdown", "conversation.md")

    return routes


def _file(content: str, kind: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    # What was stored may hold half an emoji, which has no UTF-8 form.
    return PlainTextResponse(
        content.encode("utf-8", "replace"), media_type=f"{kind}; charset=utf-8", headers=headers
    )
