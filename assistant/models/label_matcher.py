"""Scores labels of the user's own by how near the text's embedding is to a sentence about each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.models.classifier import softmax
from assistant.models.encoder import Encoder

HYPOTHESIS = "This text is about {}."
# Chosen by likelihood over seven labelled sets: python -m tests.benchmarks.zero_shot
TEMPERATURE = 0.04  # of the choice between labels
SLOPE, MIDDLE = 10.0, 0.26  # of a label's own probability, when several may hold


class LabelMatcher:
    """The encoder, used to compare a text with labels that nobody trained it on."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.runtime = encoder.runner.name

    def score(
        self, texts: Sequence[str], labels: Sequence[str], several: bool = False
    ) -> list[dict[str, float]]:
        """Return label → score for each text; long texts are read whole.

        A text's scores add up to 1, unless ``several`` labels may hold: then each is the
        probability of its own label alone.
        """
        vectors = self._encoder.encode([HYPOTHESIS.format(label) for label in labels])
        likeness = (self._encoder.encode_whole(texts) @ vectors.T).astype(np.float64)
        if several:
            scores = 1 / (1 + np.exp(-SLOPE * (likeness - MIDDLE)))
        else:
            scores = softmax(likeness / TEMPERATURE)
        return [dict(zip(labels, map(float, line), strict=True)) for line in scores]
