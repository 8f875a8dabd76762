from __future__ import annotations

from pathlib import Path

import pytest

from assistant.models.catalogue import Models
from assistant.models.encoder import Encoder
from assistant.settings import Settings


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The shipped models, whatever this machine's user has trained."""
    empty: Path = tmp_path_factory.mktemp("data")
    return Models(Settings.read(data_dir=empty))


@pytest.fixture(scope="session")
def encoder(models: Models) -> Encoder:
    return models.encoder
