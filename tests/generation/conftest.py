from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.generation.generator import Generator, backends, load
from assistant.settings import Settings
from tests.generation.chat_server import MODEL, serving


@pytest.fixture(scope="session")
def settings() -> Settings:
    # The converted models are costly to make and named by content: keep them between runs.
    return Settings.read([], context=1024)


@pytest.fixture(scope="session")
def llama(settings: Settings) -> Iterator[Generator]:
    generator = load("llama_cpp:smollm2-135m", settings)
    yield generator
    generator.close()


@pytest.fixture(scope="session")
def chat_server(llama: Generator) -> Iterator[str]:
    with serving(llama) as address:
        yield address


@pytest.fixture(scope="session", params=sorted(backends()))
def generator(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Generator]:
    """Every backend that discovery finds, on the packaged model; a new one needs a line here."""
    match request.param:
        case "llama_cpp":
            yield request.getfixturevalue("llama")
        case "openai":
            yield load(f"openai:{request.getfixturevalue('chat_server')}?model={MODEL}", settings)
        case backend:
            made = load(f"{backend}:smollm2-135m", settings)
            yield made
            made.close()


@pytest.fixture
def not_a_model(tmp_path: Path) -> Path:
    path = tmp_path / "notes.gguf"
    path.write_bytes(b"just text, renamed")
    return path
