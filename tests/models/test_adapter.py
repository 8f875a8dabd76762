from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.models.adapter import CONFIG, WEIGHTS, load, merge
from assistant.models.catalogue import EMBEDDED, Models
from assistant.models.encoder import Encoder
from assistant.models.roles import ROLES
from assistant.models.runtime import Runner, open_runtime
from assistant.models.tokens import TextTokenizer
from assistant.models.torch_runtime import TorchRuntime
from assistant.models.versions import MODEL, Versions, seal
from assistant.settings import Settings
from assistant.training.encoding import Encoding

SHIPPED = [role for role, kind in ROLES.items() if kind.adapter and kind.hub]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of a shipped adapter that a test may damage."""
    return Path(shutil.copytree(EMBEDDED / "sentiment", tmp_path / "sentiment"))


@pytest.mark.parametrize("role", SHIPPED)
def test_shipped_adapters_are_whole_small_and_described(role: str, encoder: Encoder) -> None:
    adapter = load(EMBEDDED / role, encoder)
    assert adapter.role == role
    assert adapter.figures
    assert (EMBEDDED / role / WEIGHTS).stat().st_size < 6_000_000
    assert "train" in (EMBEDDED / role / "README.md").read_text("utf-8")


@pytest.mark.parametrize("role", SHIPPED)
def test_the_graph_computes_what_torch_computes(role: str, encoder: Encoder) -> None:
    adapter = load(EMBEDDED / role, encoder)
    weights = merge(encoder.weights, adapter)
    row = ([101, 7592, 2088, 102, 2204, 102], [0, 0, 0, 0, 1, 1], [0, 2, 1, 0, 10, 0])
    fast = Runner(open_runtime(weights, adapter.heads, exact=True)).run([row])[0]
    slow = Runner(TorchRuntime(weights, adapter.heads)).run([row])[0]
    for ours, theirs in zip(fast, slow, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-3)


def test_a_changed_byte_is_noticed(copy: Path, encoder: Encoder) -> None:
    content = bytearray((copy / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (copy / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match=r"adapter\.safetensors is damaged.*train the role again"):
        load(copy, encoder)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_a_missing_file_is_named(name: str, copy: Path, encoder: Encoder) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=name):
        load(copy, encoder)


@pytest.mark.parametrize("content", ["", "[]", "{}", "{", '{"role": "sentiment"}'])
def test_a_broken_description_is_refused(content: str, copy: Path, encoder: Encoder) -> None:
    (copy / CONFIG).write_text(content)
    with pytest.raises(ModelError, match=r"config\.json"):
        load(copy, encoder)


def test_an_adapter_of_another_encoder_is_refused(copy: Path, encoder: Encoder) -> None:
    config = json.loads((copy / CONFIG).read_text("utf-8"))
    (copy / CONFIG).write_text(json.dumps({**config, "encoder": "0" * 64}))
    with pytest.raises(ModelError, match="was trained on the encoder 000000000000"):
        load(copy, encoder)


def test_an_adapter_that_the_user_trained_comes_first(copy: Path) -> None:
    data = copy.parent / "data"
    folder = Versions(data).new("sentiment") / MODEL
    shutil.move(copy, folder)
    seal(folder, "sentiment", "adapter", ())
    models = Models(Settings.read([], data_dir=data))
    models.use("sentiment-1")
    assert models.folder("sentiment") == folder
    assert models.folder("reader") == EMBEDDED / "reader"


def test_models_are_shared_and_listed_once_loaded(models: Models) -> None:
    assert models.sentiment is models.sentiment
    listed = {item.role: item for item in models.loaded()}
    assert listed["sentiment"].runtime == "OpenVINO"
    assert listed["encoder"].megabytes > 50


def test_training_reads_texts_as_the_run_time_does(encoder: Encoder) -> None:
    from assistant.models.layout import join_single
    from assistant.training.datasets import Text

    tokenizer: TextTokenizer = encoder.tokenizer
    text = "Truly 😀 GREAT, isn't it?"
    row = Encoding("sentiment", [Text(text, {"positive": 1.0})], tokenizer).encode(
        0, random.Random(0)
    )
    assert (row.ids, row.segments, row.features) == join_single(tokenizer.read(text))
