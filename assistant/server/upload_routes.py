"""Takes uploads and hands them back, to the visitor who sent them only.

These two routes stand in the place of Gradio's, which store what is uploaded by its contents and
serve it to anybody who knows the path.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.concurrency import contextmanager_in_threadpool
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from assistant.errors import UploadError
from assistant.owners import owner_of
from assistant.uploads import Upload, Uploads

if TYPE_CHECKING:
    from starlette.datastructures import FormData

FILES_A_REQUEST = 1_000
FIELDS_A_REQUEST = 10
FILES_FIELD = "files"  # of the form that Gradio's page and clients send


def upload_routes(uploads: Uploads, largest: int) -> APIRouter:
    """Return ``POST /gradio_api/upload`` and ``GET /gradio_api/file=ID``.

    ``largest`` is the size of the largest file in bytes.
    """
    routes = APIRouter(prefix="/gradio_api")

    @routes.post("/upload")
    async def upload(request: Request, upload_id: str = "") -> Response:
        owner = owner_of(request)
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            return PlainTextResponse("An upload has to announce its length.", status_code=411)
        try:
            arriving = uploads.arriving(owner, int(length))
            async with contextmanager_in_threadpool(arriving) as folder:
                form = await _read(request, folder, largest, progress_id(owner, upload_id))
                kept = _keep(uploads, owner, form)
        except UploadError as error:
            return PlainTextResponse(str(error), status_code=413)
        return JSONResponse([file.id for file in kept])

    @routes.api_route("/file={upload_id}", methods=["GET", "HEAD"])
    def download(request: Request, upload_id: str) -> Response:
        file = uploads.find(owner_of(request), upload_id)
        headers = {"Cache-Control": "private, no-store"}
        return FileResponse(file.path, filename=file.name, headers=headers)

    return routes


def progress_id(owner: str, upload_id: str) -> str:
    """Return the id under which the progress of a visitor's upload is noted, and nobody else's."""
    return hashlib.sha256(f"{owner}\n{upload_id}".encode()).hexdigest() if upload_id else ""


async def _read(request: Request, folder: Path, largest: int, noted_as: str) -> FormData:
    """Write the files of a form into ``folder``; the page can ask meanwhile how far it is.

    Raises:
        UploadError: it is not a form, or a file is too large.
    """
    from gradio.route_utils import GradioMultiPartParser
    from gradio.routes import file_upload_statuses
    from starlette.formparsers import MultiPartException

    if not request.headers.get("content-type", "").startswith("multipart/form-data;"):
        raise UploadError("An upload has to be a form with files (multipart/form-data).")
    if noted_as:
        file_upload_statuses.track(noted_as)
    parser = GradioMultiPartParser(
        request.headers,
        request.stream(),
        max_files=FILES_A_REQUEST,
        max_fields=FIELDS_A_REQUEST,
        max_file_size=largest,
        upload_dir=folder,
        upload_id=noted_as or None,
        upload_progress=file_upload_statuses if noted_as else None,
    )
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise UploadError(
            f"The upload cannot be taken: {error.message} The largest file is "
            f"{largest // 1_000_000:,} MB."
        ) from error


def _keep(uploads: Uploads, owner: str, form: FormData) -> list[Upload]:
    kept = []
    for file in form.getlist(FILES_FIELD):
        if isinstance(file, str):  # a field that only calls itself a file
            continue
        file.file.close()
        kept.append(uploads.keep(owner, Path(str(file.file.name)), file.filename or ""))
    return kept
