"""What was trained must compute the same in the run time that serves it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from assistant.errors import ModelError
from assistant.models.encoder import Encoder
from assistant.training.bases import EmbeddedBase, HubBase, Method

TEXTS = ["the cake was lovely", "a horrible boat 🙂", "word and river " * 120]
LABELS = ("bad", "fair", "good")


def same_scores(base: EmbeddedBase | HubBase, method: Method, folder: Path) -> float:
    """Return how far the run time's scores are from those of the network that was saved."""
    torch.manual_seed(1)
    network = base.network(LABELS, method).eval()
    with torch.no_grad():  # LoRA begins as nothing, so give every trained weight something
        for weight in network.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight) * 0.02)
    expected = []
    for text in TEXTS:
        total = torch.zeros(len(LABELS))
        for ids in base.windows(text):
            row = torch.tensor([ids])
            with torch.inference_mode():
                logits = network(input_ids=row, attention_mask=torch.ones_like(row)).logits
            weight = len(ids) - 2 if isinstance(base, EmbeddedBase) else len(ids)
            total += logits[0].softmax(-1) * weight
        expected.append(dict(zip(LABELS, (total / total.sum()).tolist(), strict=True)))
    base.save(network, "moods", LABELS, folder)
    found = base.load(folder).predict(TEXTS)
    assert all(list(scores) == list(LABELS) for scores in found)
    return max(
        abs(ours[label] - theirs[label])
        for ours, theirs in zip(found, expected, strict=True)
        for label in LABELS
    )


@pytest.mark.parametrize("method", ["lora", "full"])
def test_an_adapter_serves_what_was_trained(
    encoder: Encoder, method: Method, tmp_path: Path
) -> None:
    assert same_scores(EmbeddedBase(encoder), method, tmp_path) < 0.02  # 8-bit weights


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_model_of_another_base_serves_what_was_trained(
    tiny_base: str, method: Method, tmp_path: Path
) -> None:
    base = HubBase(tiny_base)
    assert same_scores(base, method, tmp_path) < 1e-4
    assert not [file for file in tmp_path.iterdir() if file.suffix in {".bin", ".pt", ".pkl"}]


def test_long_texts_are_cut_into_windows_that_hold_every_token(
    encoder: Encoder, tiny_base: str
) -> None:
    for base in (EmbeddedBase(encoder), HubBase(tiny_base)):
        windows = base.windows("river " * 500)
        river = max(set(windows[0]), key=windows[0].count)
        assert sum(ids.count(river) for ids in windows) == 500
        assert max(map(len, windows)) <= 128


def test_a_base_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere' cannot be loaded as a text classifier"):
        HubBase(str(tmp_path / "nowhere")).network(LABELS, "full")


def test_weights_that_are_no_safetensors_are_refused(tiny_base: str, tmp_path: Path) -> None:
    for file in Path(tiny_base).iterdir():
        if file.suffix == ".json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="stored as safetensors"):
        HubBase(str(tmp_path)).network(LABELS, "full")
