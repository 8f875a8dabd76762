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

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as assistant.environment sets it
BESIDE_OTHERS = "PYTEST_XDIST_WORKER" in os.environ  # then threads would wait for each other
if BESIDE_OTHERS:
    os.environ["OMP_NUM_THREADS"] = "1"
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
    if BESIDE_OTHERS:
        os.environ["ASSISTANT_THREADS"] = "1"


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def unread(data_dir: Path) -> Iterator[Assistant]:
    """The assistant as it ships, before it reads the starter documents, which takes a while."""
    made = Assistant.from_settings(Settings.read([], data_dir=data_dir))
    yield made
    made.close()


@pytest.fixture(scope="session")
def assistant(unread: Assistant) -> Assistant:
    """The assistant as it ships, its library holding the starter documents."""
    unread.library.sync(unread.settings.documents_dir)
    return unread


@pytest.fixture(scope="session")
def models(unread: Assistant) -> Models:
    return unread.models


@pytest.fixture(scope="session")
def encoder(models: Models) -> Encoder:
    return models.encoder


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A DistilBERT of two layers with a WordPiece vocabulary learned from the sentences."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import (
        DistilBertConfig,
        DistilBertForSequenceClassification,
        PreTrainedTokenizerFast,
    )

    from tests.training.samples import moods

    folder = tmp_path_factory.mktemp("tiny") / "base"
    folder.mkdir()
    learned = BertWordPieceTokenizer()
    learned.train_from_iterator([item.text for item in moods(200)], show_progress=False)
    learned.save(str(folder / "tokenizer.json"))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        model_max_length=32,
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        unk_token="[UNK]",
        mask_token="[MASK]",
    )
    torch.manual_seed(0)
    config = DistilBertConfig(
        vocab_size=len(tokenizer), dim=48, n_layers=2, n_heads=4, hidden_dim=64, num_labels=5
    )
    DistilBertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
