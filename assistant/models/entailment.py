"""Scores labels of the user's own with a model of natural language inference from the hub.

Each label becomes a hypothesis, and its score is how clearly the text entails it (Yin, Hay and
Roth, EMNLP 2019). See ``assistant.models.label_matcher`` for the embedded counterpart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.errors import ModelError
from assistant.models.classifier import softmax
from assistant.models.hub_model import HubModel
from assistant.models.label_matcher import HYPOTHESIS


class HubEntailment:
    """A sequence classifier whose labels include entailment and contradiction."""

    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self._model = HubModel("SequenceClassification", name)
        own = [label.lower() for label in self._model.labels]
        if not {"entailment", "contradiction"} <= set(own):
            raise ModelError(
                f"The model {name} has the labels {', '.join(own[:8])}; zero-shot classification "
                "needs one with entailment and contradiction. Choose another with "
                "--models zero_shot=…"
            )
        self._entailed, self._contradicted = own.index("entailment"), own.index("contradiction")

    def score(
        self, texts: Sequence[str], labels: Sequence[str], several: bool = False
    ) -> list[dict[str, float]]:
        """Return label → score for each text, as ``LabelMatcher.score`` does."""
        return [self._score(text, labels, several) for text in texts]

    def _score(self, text: str, labels: Sequence[str], several: bool) -> dict[str, float]:
        hypotheses = [HYPOTHESIS.format(label) for label in labels]
        encoded = self._model.encode([text] * len(labels), hypotheses, truncation="only_first")
        sums, parts = np.zeros((len(labels), 2)), np.zeros(len(labels))
        owners = encoded["overflow_to_sample_mapping"]
        for owner, (logits, *_) in zip(owners, self._model.run(encoded), strict=True):
            sums[owner] += logits[[self._entailed, self._contradicted]]
            parts[owner] += 1
        evidence = sums / parts[:, None]  # a long text counts by the mean of its parts
        scores = softmax(evidence)[:, 0] if several else softmax(evidence[:, 0])
        return dict(zip(labels, map(float, scores), strict=True))
