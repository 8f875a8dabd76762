"""YouTube's Data API on this computer: the three calls that comments need, and its errors."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "a-key"
INCLUDED = 2  # replies that come with a thread
REPLIES_A_PAGE = 3


@dataclass
class FakeVideo:
    """A video with threads of so many replies each."""

    id: str = "abcdefghijk"
    replies: tuple[int, ...] = (0, 5, 1)
    threads_a_page: int = 2
    quota: int = 10_000
    refusal: tuple[int, str] | None = None  # status and reason of every list of threads
    cut_at: int | None = None  # the list of threads that is cut in mid-answer, counted from 1
    seen: list[str] = field(default_factory=list)
    address: str = ""


def comment(identity: str, author: str, text: str) -> dict[str, Any]:
    return {
        "kind": "youtube#comment",
        "id": identity,
        "snippet": {
            "authorDisplayName": f"@{author}",
            "authorChannelId": {"value": f"UC{author}"},
            "textDisplay": text,
            "likeCount": 4,
            "publishedAt": "2024-05-06T07:08:09Z",
            "updatedAt": "2024-05-06T07:08:09Z",
        },
    }


def thread(number: int, replies: int) -> dict[str, Any]:
    top = comment(f"T{number}", "owner" if number == 0 else f"user{number}", f"thread {number}")
    all_replies = [comment(f"T{number}.{n}", "fan", f"reply {n}") for n in range(replies)]
    return {
        "id": f"T{number}",
        "snippet": {"topLevelComment": top, "totalReplyCount": replies},
        "replies": {"comments": all_replies[:INCLUDED]},
    }


@contextmanager
def serving(video: FakeVideo) -> Iterator[FakeVideo]:
    """Run the API on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            call = parts.path.rsplit("/", 1)[1]
            video.seen.append(call)
            if self.headers["X-Goog-Api-Key"] != KEY:
                details = [{"reason": "API_KEY_INVALID"}]
                self._answer(400, _error("badRequest", details))
            elif len(video.seen) > video.quota:
                self._answer(403, _error("quotaExceeded"))
            elif call == "videos":
                self._answer(200, {"items": [_described(video)] if asked["id"] == video.id else []})
            elif call == "commentThreads":
                self._threads(int(asked.get("pageToken", "0")))
            else:
                self._replies(asked["parentId"], int(asked.get("pageToken", "0")))

        def log_message(self, *arguments: object) -> None:
            pass

        def _threads(self, start: int) -> None:
            if video.refusal:
                self._answer(video.refusal[0], _error(video.refusal[1]))
                return
            end = start + video.threads_a_page
            items = [thread(n, count) for n, count in enumerate(video.replies)][start:end]
            answer = {"items": items}
            if end < len(video.replies):
                answer["nextPageToken"] = str(end)  # type: ignore[assignment]
            number = start // video.threads_a_page + 1
            self._answer(200, answer, cut=number == video.cut_at)

        def _replies(self, parent: str, start: int) -> None:
            count = video.replies[int(parent[1:])]
            items = [comment(f"{parent}.{n}", "fan", f"reply {n}") for n in range(count)]
            end = start + REPLIES_A_PAGE
            more = {"nextPageToken": str(end)} if end < count else {}
            self._answer(200, {"items": items[start:end], **more})

        def _answer(self, status: int, value: dict[str, Any], cut: bool = False) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    video.address = f"http://127.0.0.1:{server.server_port}/"
    worker = threading.Thread(target=server.serve_forever, daemon=True)
    worker.start()
    try:
        yield video
    finally:
        server.shutdown()
        server.server_close()
        worker.join()


def _described(video: FakeVideo) -> dict[str, Any]:
    count = len(video.replies) + sum(video.replies)
    return {
        "id": video.id,
        "snippet": {"title": "A video", "channelId": "UCowner"},
        "statistics": {"commentCount": str(count)},
    }


def _error(reason: str, details: list[dict[str, str]] | None = None) -> dict[str, Any]:
    errors = [{"reason": reason, "message": "in the API's own words"}]
    return {"error": {"message": "in its own words", "errors": errors, "details": details or []}}
