"""One label of several for a text; long texts are read in windows.

The windows' probabilities are averaged as logarithms, so that one sure window outweighs several
that waver.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from assistant.models.adapter import Adapter, open_adapter
from assistant.models.encoder import Encoder
from assistant.models.layout import join_single, windows
from assistant.models.runtime import Tick
from assistant.models.temperature import NEUTRAL, tempered

WINDOW = 126  # tokens


class Classifier:
    """Scores the labels of the adapter's only head; ``temperature`` makes the scores honest.

    Attributes:
        labels: the labels that every prediction scores.
        runtime: what computes it, for doctor.
    """

    def __init__(
        self,
        adapter: Adapter,
        encoder: Encoder,
        threads: int = 0,
        exact: bool = False,
        temperature: float = NEUTRAL,
    ) -> None:
        self.labels = adapter.heads[0].labels
        self._temperature = temperature
        self._tokenizer = encoder.tokenizer
        self._runner = open_adapter(adapter, encoder, threads, exact)
        self.runtime = self._runner.name

    def predict(self, texts: Sequence[str], tick: Tick | None = None) -> list[dict[str, float]]:
        """Return label → score for each text; a text's scores add up to 1.

        A text without any word, sign or emoji scores every label alike. ``tick`` is called now
        and then with the number of windows done.
        """
        rows, owners, sizes = [], [], []
        for owner, text in enumerate(texts):
            tokens = self._tokenizer.read(text)
            for start, end in windows(len(tokens), WINDOW, 0):
                rows.append(join_single(tokens.cut(start, end)))
                owners.append(owner)
                sizes.append(end - start)
        totals = np.zeros((len(texts), len(self.labels)))
        lengths = np.zeros((len(texts), 1))
        for outputs, owner, size in zip(self._runner.run(rows, tick), owners, sizes, strict=True):
            totals[owner] += size * np.log(softmax(outputs[0]) + 1e-9)
            lengths[owner] += size
        shares = tempered(softmax(totals / np.maximum(1, lengths)), self._temperature)
        return [dict(zip(self.labels, map(float, share), strict=True)) for share in shares]


def softmax(logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return probabilities over the last axis."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
