"""Writes a file's bytes and tells the sentence with which it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import DocumentError
from assistant.retrieval.limits import LIMITS, Limits
from assistant.retrieval.loaders import load


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(path: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(DocumentError) as caught:
        load(path, limits=limits)
    return str(caught.value)
