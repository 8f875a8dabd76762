"""A small honest OpenAI-compatible server for the tests: it streams a real generator's text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from assistant.generation.generator import Generator
from assistant.types import Message, Sampling

MODEL = "served-smollm2"


@contextmanager
def serving(generator: Generator) -> Iterator[str]:
    """Serve ``generator`` on a free port; gives the address to put after ``openai:``."""

    class Handler(_ChatHandler):
        served = generator

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


class _ChatHandler(BaseHTTPRequestHandler):
    served: Generator

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(200, {"data": [{"id": MODEL}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["model"] != MODEL:
            self._answer(404, {"error": {"message": f"no model {body['model']}"}})
            return
        messages = [Message(item["role"], item["content"]) for item in body["messages"]]
        pieces = self.served.stream(messages, _sampling(body))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for piece in pieces:
                event = {"choices": [{"delta": {"content": piece}}]}
                self._line(f"data: {json.dumps(event)}" if piece else ": still working")
            self._line("data: [DONE]")
        except (BrokenPipeError, ConnectionResetError):
            pieces.close()  # type: ignore[attr-defined]

    def _line(self, text: str) -> None:
        self.wfile.write(f"{text}\n\n".encode())
        self.wfile.flush()

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _sampling(body: dict[str, Any]) -> Sampling:
    shared = {"max_tokens": body["max_tokens"], "seed": body.get("seed")}
    if body["temperature"] == 0:
        return Sampling(strategy="greedy", **shared)
    if "top_k" in body:
        return Sampling("top_k", body["temperature"], top_k=body["top_k"], **shared)
    return Sampling("top_p", body["temperature"], top_p=body["top_p"], **shared)
