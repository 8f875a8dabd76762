"""Reads a turn as a whole: which words of it are material, and which tools it asks for.

A small convolutional network over what the encoder, left as it is, says of each word piece: a
projection, four residual layers of dilated convolutions (van den Oord et al., WaveNet, 2016,
section 2.1), a mark a word piece, and what is asked from the words that are marked as request.
Its training counterpart is ``assistant.training.segmenting``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.models.adapter import Adapter
from assistant.models.encoder import Encoder
from assistant.models.layout import join_turn, turn_places
from assistant.models.runtime import Runner, open_runtime
from assistant.models.tokens import TextTokenizer, Tokens

ASKED = (
    "sentiment",
    "entities",
    "summarization",
    "moderation",
    "translation",
    "zero_shot",
    "similarity",
    "tokens",
    "fill_mask",
    "sampling",
    "question_answering",
    "documents",
    "conversation",
)
TAPS = (2, 4, 6)  # after so many layers of the encoder its states are read
DILATIONS = (1, 2, 4, 8)
WIDE = (1, 3)  # layers that also see the mean of all word pieces
KERNEL = 5
EPSILON = 1e-5  # of layer normalisation
HEAD, TAIL = 1_200, 800  # characters from either end of a long turn that are read

Matrix = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Segmented:
    """What the segmenter says of a turn.

    Attributes:
        asked: tool → probability that the turn asks for it, each on its own.
        starts, ends: the [start, end) characters of each word piece that was read.
        material: its log-odds of being material rather than part of the request.
    """

    asked: Mapping[str, float]
    starts: np.ndarray[Any, np.dtype[np.intp]]
    ends: np.ndarray[Any, np.dtype[np.intp]]
    material: Matrix


class Segmenter:
    """The network's weights, on the encoder that they were trained with."""

    def __init__(
        self, adapter: Adapter, encoder: Encoder, threads: int = 0, exact: bool = False
    ) -> None:
        self._weights = {name: array.astype(np.float32) for name, array in adapter.tensors.items()}
        self._tokenizer = encoder.tokenizer
        self._runner = Runner(open_runtime(encoder.weights, (), threads, exact, TAPS))
        self.runtime = self._runner.name

    def read(self, text: str) -> Segmented:
        """Return what the turn's words are; of a long turn only those near its ends are read."""
        tokens, opens = read_turn(text, self._tokenizer)
        row = join_turn(tokens, opens)
        states = np.concatenate(self._runner.run([row])[0], axis=1)
        marks, asked = self._network(states, np.array(row[2]))
        places = np.array(turn_places(len(tokens)))
        kept = places >= 0
        return Segmented(
            dict(zip(ASKED, map(float, _sigmoid(asked)), strict=True)),
            np.array(tokens.starts, np.intp)[places[kept]],
            np.array(tokens.ends, np.intp)[places[kept]],
            marks[kept],
        )

    def _network(self, states: Matrix, features: Matrix) -> tuple[Matrix, Matrix]:
        """Return the log-odds of each word piece (tokens,) and of each tool (tools,)."""
        weights = self._weights
        hidden = _gelu(self._linear("project", states) + weights["features.weight"][features])
        for layer, dilation in enumerate(DILATIONS):
            mixed = _convolve(hidden, weights[f"convolutions.{layer}.weight"], dilation)
            mixed += weights[f"convolutions.{layer}.bias"]
            if layer in WIDE:
                mixed += self._linear("whole", hidden.mean(0))
            hidden = hidden + _gelu(mixed)
            hidden = hidden - hidden.mean(1, keepdims=True)
            hidden /= np.sqrt((hidden**2).mean(1, keepdims=True) + EPSILON)
            hidden = hidden * weights[f"norms.{layer}.weight"] + weights[f"norms.{layer}.bias"]
        marks = self._linear("mark", hidden)[:, 0]
        request = _sigmoid(-marks)[:, None]
        spoken = (hidden * request).sum(0) / (request.sum() + 1e-3)
        return marks, self._linear("asked", np.concatenate([spoken, hidden.max(0)]))

    def _linear(self, name: str, inputs: Matrix) -> Matrix:
        product: Matrix = inputs @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return product


def _convolve(hidden: Matrix, kernel: Matrix, dilation: int) -> Matrix:
    """Return the convolution of (tokens, width) with (width out, width in, KERNEL)."""
    reach = dilation * (KERNEL // 2)
    padded = np.pad(hidden, ((reach, reach), (0, 0)))
    total = np.zeros_like(hidden)
    for place in range(KERNEL):
        start = place * dilation
        total += padded[start : start + len(hidden)] @ kernel[:, :, place].T
    return total


def _gelu(inputs: Matrix) -> Matrix:
    """Return the tanh form of GELU (Hendrycks and Gimpel, 2016, section 2)."""
    inner = 0.7978845608 * (inputs + 0.044715 * inputs * inputs * inputs)  # ** is far slower
    activated: Matrix = 0.5 * inputs * (1 + np.tanh(inner))
    return activated


def _sigmoid(inputs: Matrix) -> Matrix:
    squashed: Matrix = 0.5 * (1 + np.tanh(0.5 * inputs))
    return squashed


def read_turn(text: str, tokenizer: TextTokenizer) -> tuple[Tokens, list[bool]]:
    """Return the tokens near the ends of a turn, and for each whether it begins a line."""
    if len(text) <= HEAD + TAIL:
        tokens = tokenizer.read(text)
    else:
        cut = len(text) - TAIL
        tokens = tokenizer.read(text[:HEAD]).joined(tokenizer.read(text[cut:]), cut)
    before = zip([0, *tokens.ends], tokens.starts, strict=False)
    return tokens, ["\n" in text[end:start] for end, start in before]
