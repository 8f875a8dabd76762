"""The OpenAI-compatible backend against a server that falls silent."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from assistant.errors import GeneratorError
from assistant.generation.generator import Generator, load
from assistant.settings import Settings
from assistant.types import Message, Sampling

ASK = [Message("user", "Hello?")]
GREEDY = Sampling("greedy", max_tokens=5)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
PIECE = b'data: {"choices": [{"delta": {"content": "Well"}}]}\n\n'


@contextmanager
def silent_after(said: bytes) -> Iterator[tuple[str, threading.Event]]:
    """Serve one request with ``said`` and nothing more; the event tells that the caller hung up."""
    hung_up = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(said)
                while caller.recv(65536):
                    pass
                hung_up.set()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1", hung_up


def asked(address: str, settings: Settings) -> Iterator[str]:
    generator: Generator = load(f"openai:{address}?model=any", settings)
    return generator.stream(ASK, GREEDY)


@pytest.mark.parametrize("said", [b"", HEAD, HEAD + PIECE], ids=["nothing", "head", "a piece"])
def test_a_silent_server_is_left_at_once(said: bytes, settings: Settings) -> None:
    with silent_after(said) as (address, hung_up):
        pieces = asked(address, settings)
        said_first = next(piece for piece in pieces if piece or PIECE not in said)
        assert said_first == ("Well" if PIECE in said else "")
        started = time.monotonic()
        assert next(pieces) == ""  # here Stop is looked at, each twentieth of a second
        pieces.close()  # type: ignore[attr-defined]
        assert time.monotonic() - started < 1
        assert hung_up.wait(5)


def test_a_server_that_hangs_up_is_said_so(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/v1"

        def hang_up() -> None:
            server.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(GeneratorError, match="does not answer"):
            list(asked(address, settings))
