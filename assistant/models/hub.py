"""The task roles filled by larger models of the Hugging Face hub, through transformers.

Each class offers the same methods as its embedded counterpart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assistant.errors import ModelError
from assistant.models.classifier import softmax
from assistant.models.hub_model import HubModel
from assistant.models.moderator import Moderation, Progress
from assistant.models.reader import ReaderAnswer, best_span
from assistant.models.runtime import Tick
from assistant.models.tokens import whole
from assistant.types import Span

SENTIMENTS = ("negative", "neutral", "positive")
ABBREVIATIONS = {"neg": "negative", "neu": "neutral", "pos": "positive"}
CATEGORIES = {
    "toxic": "toxicity",
    "severe_toxic": "severe_toxicity",
    "identity_hate": "identity_attack",
    "obscene": "profanity",
}
HARMS = frozenset((*CATEGORIES.values(), "threat", "insult", "sexually_explicit", "spam"))
LONGEST_QUESTION = 300  # characters
DEFAULT_THRESHOLD = {"review": 0.5, "block": 0.9}


class HubClassifier:
    """See assistant.models.classifier.Classifier."""

    labels = SENTIMENTS
    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self._model = HubModel("SequenceClassification", name)
        own = [label.lower() for label in self._model.labels]
        self._own = [ABBREVIATIONS.get(label, label) for label in own]
        if not set(self._own) <= set(SENTIMENTS):
            raise _unlike(self._model, "sentiment", SENTIMENTS)

    def predict(self, texts: Sequence[str], tick: Tick | None = None) -> list[dict[str, float]]:
        """Return label → score; a label that the model does not know scores 0.

        Texts longer than the model's window are read in windows, whose scores are averaged.
        """
        totals = np.zeros((len(texts), len(self._own)))
        for owner, size, logits in self._model.windows(texts, tick):
            totals[owner] += size * softmax(logits)
        shares = totals / totals.sum(axis=1, keepdims=True)
        unknown = dict.fromkeys(self.labels, 0.0)
        return [
            {**unknown, **dict(zip(self._own, map(float, line), strict=True))} for line in shares
        ]


class HubTagger:
    """See assistant.models.tagger.Tagger."""

    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        from transformers import pipeline

        model = HubModel("TokenClassification", name)
        if not any(label.startswith(("B-", "I-")) for label in model.labels):
            raise _unlike(model, "entities", ("B-PER", "I-PER", "B-ORG", "I-ORG"))
        model.tokenizer.model_max_length = model.longest  # by which the pipeline cuts
        self._pipeline = pipeline(
            "token-classification",
            model=model.model,
            tokenizer=model.tokenizer,
            aggregation_strategy="first",
            stride=32,
        )

    def tag(self, text: str) -> tuple[Span, ...]:
        """Return the entities of one text in reading order."""
        return self.tag_many([text])[0]

    def tag_many(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """Return the entities of each text."""
        found: list[list[Mapping[str, Any]]] = (
            self._pipeline([whole(text) for text in texts]) if texts else []
        )
        return [
            tuple(
                Span(
                    int(item["start"]), int(item["end"]), item["entity_group"], float(item["score"])
                )
                for item in items
            )
            for items in found
        ]


class HubReader:
    """See assistant.models.reader.Reader."""

    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self._model = HubModel("QuestionAnswering", name)

    def read(self, question: str, contexts: Sequence[str]) -> list[ReaderAnswer]:
        """Return the best answer in each context."""
        return [self._read(question, context) for context in contexts]

    def _read(self, question: str, context: str) -> ReaderAnswer:
        encoded = self._model.encode(
            [question[:LONGEST_QUESTION]],
            [context],
            truncation="only_second",
            stride=64,
            max_length=min(384, self._model.longest),
            return_offsets_mapping=True,
        )
        best, found = -np.inf, ReaderAnswer(0, 0, "", 0.0, 1.0)
        for window, (starts, ends) in enumerate(self._model.run(encoded)):
            inside = [place for place, part in enumerate(encoded.sequence_ids(window)) if part == 1]
            if not inside:
                continue
            logits = np.stack([starts, ends], axis=1)
            rows = np.concatenate([logits[:1], logits[inside], logits[:1]])
            evidence = best_span(rows, 1, 0)
            if evidence.margin > best:
                best = evidence.margin
                offsets = encoded["offset_mapping"][window]
                start = int(offsets[inside[evidence.first]][0])
                end = int(offsets[inside[evidence.last]][1])
                none = float(1 / (1 + np.exp(evidence.margin)))
                score = (1 - none) * float(np.exp(evidence.share))
                found = ReaderAnswer(start, end, context[start:end], score, none)
        return found


class HubModerator:
    """See assistant.models.moderator.Moderator; such models mark no words."""

    experimental: frozenset[str] = frozenset()
    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self._model = HubModel("SequenceClassification", name)
        own = [label.lower() for label in self._model.labels]
        self.categories = tuple(CATEGORIES.get(label, label) for label in own)
        if not HARMS & set(self.categories):
            raise _unlike(self._model, "moderation", (*CATEGORIES, "threat", "insult"))
        self.thresholds = dict.fromkeys(self.categories, DEFAULT_THRESHOLD)

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        """Return the scores of each comment in order: of a long one, those of its worst part."""
        worst = np.zeros((len(texts), len(self.categories)))
        for owner, _, logits in self._model.windows(texts):
            worst[owner] = np.maximum(worst[owner], 1 / (1 + np.exp(-logits.astype(np.float64))))
            if progress:
                progress(owner + 1, len(texts))
        return [
            Moderation(dict(zip(self.categories, map(float, line), strict=True)), ())
            for line in worst
        ]


def _unlike(model: HubModel, role: str, expected: Sequence[str]) -> ModelError:
    shown = ", ".join(model.labels[:8])
    return ModelError(
        f"The model {model.name} has the labels {shown}, which say nothing about {role}; expected "
        f"are labels such as {', '.join(expected)}. Choose another model with --models {role}=…"
    )
