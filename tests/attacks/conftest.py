"""The whole application as it is served, and visitors who mean it no good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from assistant.server.launch import running
from assistant.server.site import Site
from assistant.settings import Settings
from tests.page_client import PageClient

SECRET = "the-secret-that-nobody-may-read"

Visit = Callable[[], PageClient]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """An open page with every function there is, on an empty data folder."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "lighthouse.md").write_text("# Lighthouse\n\nIts lamp turns.\n", encoding="utf-8")
    data = tmp_path_factory.mktemp("data")
    settings = Settings.read([], data_dir=data, documents_dir=folder, port=0, max_upload_mb=1)
    with running(settings) as (address, site):
        yield address, site


@pytest.fixture
def visit(served: tuple[str, Site]) -> Iterator[Visit]:
    """Return what opens the page as one more visitor, with cookies of their own."""
    with ExitStack() as stack:

        def opened() -> PageClient:
            visitor = stack.enter_context(httpx.Client(base_url=served[0], timeout=60))
            visitor.get("/").raise_for_status()
            return PageClient(visitor)

        yield opened


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of this computer that is nobody's upload."""
    path = tmp_path / "secret.txt"
    path.write_text(SECRET, encoding="utf-8")
    return path


def upload(page: PageClient, name: str = "notes.txt", content: bytes = b"My own notes.") -> str:
    """Upload a file as the page does; return its id."""
    answer = page.visitor.post("/gradio_api/upload", files={"files": (name, content)})
    answer.raise_for_status()
    return str(answer.json()[0])
