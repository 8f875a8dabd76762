"""Calls the functions behind a served page as a browser does, and as an attacker could."""

from __future__ import annotations

import json
import secrets
from functools import cached_property
from typing import Any

import httpx


class PageClient:
    """One browser tab: a session of its own within its visitor's cookies."""

    def __init__(self, visitor: httpx.Client, session: str | None = None) -> None:
        self.visitor = visitor
        self.session = session or secrets.token_hex(6)

    @cached_property
    def config(self) -> dict[str, Any]:
        """What Gradio tells the page about itself."""
        answer = self.visitor.get("/config")
        answer.raise_for_status()
        return dict(answer.json())

    @property
    def functions(self) -> list[dict[str, Any]]:
        """Every function that runs on the server, with its inputs and outputs."""
        return [function for function in self.config["dependencies"] if function["backend_fn"]]

    def component(self, number: int) -> dict[str, Any]:
        """Return a component by its number."""
        return next(item for item in self.config["components"] if item["id"] == number)

    def number(self, name: str) -> int:
        """Return the number of the function of this API name."""
        return next(item["id"] for item in self.functions if item["api_name"] == name)

    def run(self, function: int, data: list[Any], event: Any = None) -> httpx.Response:
        """Call a function past the queue, which works for those only that do not queue."""
        return self._post("run/predict", function, data, event)

    def ask(self, function: int | str, data: list[Any], event: Any = None) -> tuple[int, str]:
        """Join the queue and read the stream until the function has ended: status and text."""
        number = self.number(function) if isinstance(function, str) else function
        joined = self._post("queue/join", number, data, event)
        if joined.status_code != 200:
            return joined.status_code, joined.text
        lines = []
        query = {"session_hash": self.session}
        with self.visitor.stream("GET", "/gradio_api/queue/data", params=query) as stream:
            for line in stream.iter_lines():
                lines.append(line)
                if '"msg":"process_completed"' in line or '"msg":"unexpected_error"' in line:
                    break
            return stream.status_code, "\n".join(lines)

    def result(self, function: int | str, data: list[Any]) -> list[Any]:
        """Return what the function shows in the end."""
        _, text = self.ask(function, data)
        for line in text.splitlines():
            if '"msg":"process_completed"' in line:
                return list(json.loads(line.removeprefix("data: "))["output"]["data"])
        raise AssertionError(text)

    def _post(self, path: str, function: int, data: list[Any], event: Any) -> httpx.Response:
        body = {
            "data": data,
            "event_data": event,
            "fn_index": function,
            "trigger_id": None,
            "session_hash": self.session,
        }
        return self.visitor.post(f"/gradio_api/{path}", json=body)
