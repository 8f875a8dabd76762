"""What every test shares: no network, no settings of this machine's user, one real assistant."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant, Settings
from assistant.models.catalogue import Models
from assistant.models.encoder import Encoder

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


@pytest.fixture(scope="session", autouse=True)
def offline() -> Iterator[None]:
    """Refuse every connection that would leave this computer."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to connect to {address}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def no_user_settings() -> None:
    """Forget what this machine's user has set."""
    for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def assistant(data_dir: Path) -> Iterator[Assistant]:
    """The assistant as it ships, its library holding the starter documents."""
    made = Assistant.from_settings(Settings.read([], data_dir=data_dir))
    made.library.sync(made.settings.documents_dir)
    yield made
    made.close()


@pytest.fixture(scope="session")
def models(assistant: Assistant) -> Models:
    return assistant.models


@pytest.fixture(scope="session")
def encoder(models: Models) -> Encoder:
    return models.encoder
