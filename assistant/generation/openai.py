"""Backend for any server that speaks the OpenAI chat API: vLLM, TGI, Ollama, llama.cpp, OpenAI.

Knows no tokenizer: the server fits the conversation to its context, or says that it cannot.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from assistant.errors import GeneratorError
from assistant.generation.connection import Connection
from assistant.generation.fitting import readable
from assistant.generation.generator import GeneratorSpec, number
from assistant.settings import Settings
from assistant.types import Message, Sampling, Tokenized

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 10.0
_SILENCE = 0.05  # seconds after which the reader is told that nothing new has come
_QUOTED = 300  # characters of a server's complaint worth showing


class OpenAI:
    """A model behind ``http://host:port/v1``; closing a stream cuts its connection."""

    name: ClassVar[str] = "openai"
    options: ClassVar[Mapping[str, str]] = {
        "model": "the server's name of the model; the first one it lists unless given",
        "key_env": "the environment variable that holds the API key; no key unless given",
        "timeout": "seconds to wait for the next piece; 120 unless given",
    }

    def __init__(self, spec: GeneratorSpec, settings: Settings) -> None:
        address = urlsplit(spec.model)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise GeneratorError(
                f"The generator {spec} has the address {spec.model!r}; it must begin with http:// "
                "or https:// and name a server, such as openai:http://127.0.0.1:8000/v1."
            )
        self._url = spec.model.rstrip("/")
        self._timeout = number(spec, "timeout", 120)
        self._model = spec.options.get("model", "")
        self._key = _key(spec)

    def stream(self, messages: Sequence[Message], sampling: Sampling) -> Iterator[str]:
        """Yield the reply's text as the server sends it; see ``Generator.stream``.

        A server may be silent for long, so it is listened to in a thread of its own: meanwhile
        empty pieces come from here, and closing the iterator cuts the connection at once.
        """
        connection = Connection()
        heard: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()

        def listen() -> None:
            try:
                for piece in self._pieces(messages, sampling, connection):
                    heard.put(piece)
                heard.put(None)
            except Exception as error:  # noqa: BLE001  raised by the reader
                heard.put(error)

        threading.Thread(target=listen, name="openai", daemon=True).start()
        try:
            while True:
                try:
                    piece = heard.get(timeout=_SILENCE)
                except queue.Empty:
                    yield ""
                    continue
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            connection.cut()

    def tokenized(self, text: str) -> Tokenized:
        """A server gives no tokens away."""
        raise GeneratorError(
            "The generator runs on a server that does not say how it splits a text; choose a "
            "generator of this computer to see its tokens."
        )

    def warm(self) -> None:
        """Ask the server for its model, if none was named."""
        import httpx

        if self._model:
            return
        try:
            with self._client() as client, client.stream("GET", f"{self._url}/models") as response:
                self._check(response)
                listed = json.loads(response.read())
            self._model = str(listed["data"][0]["id"])
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        except (ValueError, LookupError, TypeError):
            raise GeneratorError(
                f"The model server {self._url} lists no models. "
                f"Name one: openai:{self._url}?model=NAME."
            ) from None

    def describe(self) -> dict[str, str | int | float]:
        """Return the server's address and the model's name."""
        return {
            "backend": self.name,
            "model": self._model or "the server's first",
            "server": self._url,
            "device": "remote",
        }

    def close(self) -> None:
        """Do nothing: each stream has a connection of its own."""

    def _pieces(
        self, messages: Sequence[Message], sampling: Sampling, connection: Connection
    ) -> Iterator[str]:
        import httpx

        self.warm()
        body = _body(self._model, messages, sampling)
        url, watched = f"{self._url}/chat/completions", {"trace": connection.note}
        try:
            with (
                self._client() as client,
                client.stream("POST", url, json=body, extensions=watched) as response,
            ):
                self._check(response)
                for line in response.iter_lines():
                    if line.strip() == "data: [DONE]":
                        return
                    yield _piece(line, self._url)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _client(self) -> httpx.Client:
        import httpx

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        timeout = httpx.Timeout(self._timeout, connect=_CONNECT_SECONDS)
        return httpx.Client(headers=headers, timeout=timeout)

    def _check(self, response: httpx.Response) -> None:
        if response.status_code == 200:
            return
        complaint = response.read().decode("utf-8", errors="replace")[:_QUOTED].strip()
        cure = {
            401: "Name the variable that holds the API key with key_env.",
            403: "Name the variable that holds the API key with key_env.",
            404: "Check the model's name, and that the address ends in /v1.",
        }.get(response.status_code, "Look at the server's own log.")
        raise GeneratorError(
            f"The model server {self._url} refused the model {self._model!r} with status "
            f"{response.status_code}: {complaint or 'no reason given'} {cure}"
        )

    def _unreachable(self, error: httpx.HTTPError) -> GeneratorError:
        return GeneratorError(
            f"The model server {self._url} does not answer: {error or type(error).__name__}. "
            "Start it, correct its address, or choose another generator."
        )


def _key(spec: GeneratorSpec) -> str:
    variable = spec.options.get("key_env")
    if variable is None:
        return ""
    if not os.environ.get(variable):
        raise GeneratorError(
            f"The generator {spec} takes its API key from the environment variable {variable}, "
            "which is not set. Set it and start again."
        )
    return os.environ[variable]


def _body(model: str, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": message.role, "content": readable(message.text)} for message in messages
        ],
        "max_tokens": sampling.max_tokens,
        "stream": True,
        "temperature": 0.0 if sampling.strategy == "greedy" else sampling.temperature,
    }
    if sampling.strategy == "top_p":
        body["top_p"] = sampling.top_p
    if sampling.strategy == "top_k":  # not OpenAI's own, but every local server's
        body["top_k"] = sampling.top_k
    if sampling.seed is not None and sampling.strategy != "greedy":
        body["seed"] = sampling.seed
    return body


def _piece(line: str, url: str) -> str:
    """Return the text in one line of the event stream; comments and blank lines have none."""
    if not line.startswith("data:"):
        return ""
    try:
        event = json.loads(line.removeprefix("data:"))
        if "error" in event:
            raise GeneratorError(f"The model server {url} broke off: {event['error']}")
        choices = event["choices"]
        return str(choices[0]["delta"].get("content") or "") if choices else ""
    except (ValueError, LookupError, TypeError, AttributeError):
        raise GeneratorError(
            f"The model server {url} sent something that is not the OpenAI chat API: "
            f"{line[:_QUOTED]!r}. Check that the address is that of a chat server."
        ) from None
