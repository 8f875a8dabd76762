from __future__ import annotations

import numpy as np
import pytest

from assistant.models.adapter import load
from assistant.models.catalogue import EMBEDDED, Models
from assistant.models.encoder import Encoder
from assistant.models.segmenter import ASKED, HEAD, TAIL, Segmenter
from assistant.settings import Settings
from assistant.training import segmenting
from assistant.training.datasets import Text


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Models(Settings.read()).segmenter


def share(segmenter: Segmenter, text: str, part: str) -> float:
    """Return the share of the word pieces of ``part`` that count as material."""
    found, first = segmenter.read(text), text.index(part)
    inside = (found.starts >= first) & (found.ends <= first + len(part))
    return float((found.material[inside] > 0).mean())


@pytest.mark.parametrize(
    ("text", "material", "request_"),
    [
        (
            "is this nice or nasty: you cook like my old cat",
            "you cook like my old cat",
            "is this nice",
        ),
        ("The tram was late again.\n\nsum that up", "The tram was late again.", "sum that up"),
    ],
)
def test_material_is_told_from_request(
    segmenter: Segmenter, text: str, material: str, request_: str
) -> None:
    assert share(segmenter, text, material) > 0.6
    assert share(segmenter, text, request_) < 0.3


def test_a_question_alone_holds_no_material(segmenter: Segmenter) -> None:
    assert (segmenter.read("what is a tokenizer?").material < 0).all()


def test_training_and_run_time_compute_the_same(segmenter: Segmenter) -> None:
    """The network in torch, with the shipped weights, against the one in NumPy."""
    import torch

    text = "Summarize this, please:\nThe mill burned down.\nA school stands there now."
    turn = Text(text, dict.fromkeys(ASKED, 0.0), ((24, len(text)),))
    encoder = Encoder()
    example = segmenting.prepare([turn], encoder)[0]
    network = segmenting.build(example.states.shape[1])
    weights = load(EMBEDDED / "segmenter", encoder).tensors
    network.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    network.eval()
    states = torch.from_numpy(example.states.astype(np.float32))[None]
    with torch.inference_mode():
        marks, asked = segmenting.forward(
            network, states, torch.tensor([example.features]), torch.ones(1, len(example.marks))
        )
    found = segmenter.read(text)
    assert np.allclose(marks[0, 1:-1].numpy(), found.material, atol=0.05)
    expected = dict(zip(ASKED, torch.sigmoid(asked[0]).tolist(), strict=True))
    assert found.asked == pytest.approx(expected, abs=0.02)


def test_two_tools_are_heard_at_once(segmenter: Segmenter) -> None:
    asked = segmenter.read("summary and sentiment of: We waited long. It was worth it.").asked
    assert asked["summarization"] > 0.5 < asked["sentiment"]
    assert asked["entities"] < 0.5 > asked["conversation"]


def test_offsets_of_a_long_turn_point_into_it(segmenter: Segmenter) -> None:
    middle = "The river rose and fell and rose. " * 400
    text = f"Summarize this:\n{middle}\nthanks a lot"
    found = segmenter.read(text)
    assert len(text) > HEAD + TAIL
    assert text[found.starts[-1] : found.ends[-1]] == "lot"
    assert (found.ends > found.starts).all()


@pytest.mark.parametrize("text", ["", " ", "🙂", "\x00", "\ud800", "." * 50_000])
def test_odd_turns_are_read(segmenter: Segmenter, text: str) -> None:
    found = segmenter.read(text)
    assert len(found.starts) == len(found.ends) == len(found.material)
    assert all(0 <= value <= 1 for value in found.asked.values())
