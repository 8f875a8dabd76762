"""A hub on this computer: the few addresses of the Hugging Face hub that a download asks for."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

BLOCK = 1 << 20  # bytes sent at once
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """Serves the files of ``folder`` as the repository ``name`` at one commit."""

    name: str
    folder: Path
    pause: float = 0.0  # seconds before each block of a file
    address: str = ""
    asked: list[str] = field(default_factory=list)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.is_file())


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Run the hub on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, *arguments: object) -> None:
            pass

        def _answer(self, body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append(f"{self.command} {path}")
            if path.startswith(f"/{hub.name}/resolve/"):
                self._file(path.rsplit("/", 1)[1], body)
            elif path.startswith(f"/api/models/{hub.name}/tree/"):
                self._json([_entry(hub.folder / name) for name in hub.files()], body)
            elif path.startswith(f"/api/models/{hub.name}"):
                sizes = {name: (hub.folder / name).stat().st_size for name in hub.files()}
                siblings = [{"rfilename": name, "size": size} for name, size in sizes.items()]
                self._json({"id": hub.name, "sha": COMMIT, "siblings": siblings}, body)
            else:
                self._json({"error": "Repository not found"}, body, 404, "RepoNotFound")

        def _json(self, value: object, body: bool, status: int = 200, code: str = "") -> None:
            self._send(json.dumps(value).encode(), body, status, {"X-Error-Code": code})

        def _file(self, name: str, body: bool) -> None:
            path = hub.folder / name
            if not path.is_file():
                self._json({"error": "Entry not found"}, body, 404, "EntryNotFound")
                return
            etag = f'"{_entry(path)["oid"]}"'
            self._send(path.read_bytes(), body, 200, {"ETag": etag, "X-Repo-Commit": COMMIT})

        def _send(self, data: bytes, body: bool, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(key, value)
            self.end_headers()
            for start in range(0, len(data) if body else 0, BLOCK):
                time.sleep(hub.pause)
                self.wfile.write(data[start : start + BLOCK])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def _entry(path: Path) -> dict[str, object]:
    oid = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
    return {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": oid}
