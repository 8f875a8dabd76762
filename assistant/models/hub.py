"""The task roles filled by larger models of the Hugging Face hub, through transformers.

Each class offers the same methods as its embedded counterpart. Only safetensors are loaded, and
never code that comes with a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import ModelError
from assistant.models.classifier import softmax
from assistant.models.moderator import Moderation, Progress
from assistant.models.reader import ReaderAnswer, best_span
from assistant.models.runtime import Tick
from assistant.types import Span

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

NAMES = {
    "sentiment": "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
    "entities": "dslim/bert-base-NER",
    "reader": "distilbert/distilbert-base-uncased-distilled-squad",
    "moderation": "unitary/toxic-bert",
}
SENTIMENTS = ("negative", "neutral", "positive")
CATEGORIES = {
    "toxic": "toxicity",
    "severe_toxic": "severe_toxicity",
    "identity_hate": "identity_attack",
    "obscene": "profanity",
}
BATCH = 16  # texts
DEFAULT_THRESHOLD = {"review": 0.5, "block": 0.9}


class HubModel:
    """A tokenizer and a model with a head, loaded by name or from a folder.

    Raises:
        ModelError: it is neither in the cache nor reachable, or not stored as safetensors.
    """

    runtime = "transformers"

    def __init__(self, kind: str, name: str) -> None:
        import transformers

        try:
            self.tokenizer: PreTrainedTokenizerFast = transformers.AutoTokenizer.from_pretrained(
                name
            )
            loader = getattr(transformers, f"AutoModelFor{kind}")
            self.model: PreTrainedModel = loader.from_pretrained(name, use_safetensors=True).eval()
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The model {name} cannot be loaded: it is not in the Hugging Face cache and the "
                "hub cannot be reached, or it is not stored as safetensors. Connect once to "
                "download it, or use --profile embedded, which needs no download."
            ) from error
        self.labels = tuple(
            str(self.model.config.id2label[i]) for i in range(self.model.num_labels)
        )

    def logits(self, *texts: Sequence[str], **options: Any) -> tuple[list[Any], Any]:
        """Return the outputs' arrays for one batch of texts or pairs, and the encoding."""
        import torch

        encoded = self.tokenizer(
            *map(list, texts), padding=True, truncation=True, return_tensors="pt", **options
        )
        inputs = {name: encoded[name] for name in self.tokenizer.model_input_names}
        with torch.inference_mode():
            outputs = self.model(**inputs)
        return [array.numpy() for array in outputs.to_tuple()], encoded


class HubClassifier:
    """See assistant.models.classifier.Classifier."""

    labels = SENTIMENTS
    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self._model = HubModel("SequenceClassification", name)

    def predict(self, texts: Sequence[str], tick: Tick | None = None) -> list[dict[str, float]]:
        """Return label → score; a label that the model does not know scores 0."""
        results: list[dict[str, float]] = []
        for start in range(0, len(texts), BATCH):
            (logits, *_), _ = self._model.logits(texts[start : start + BATCH])
            for line in softmax(logits):
                known = {
                    label.lower(): float(p)
                    for label, p in zip(self._model.labels, line, strict=True)
                }
                results.append({label: known.get(label, 0.0) for label in self.labels})
            if tick:
                tick(len(results))
        return results


class HubTagger:
    """See assistant.models.tagger.Tagger."""

    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        from transformers import pipeline

        model = HubModel("TokenClassification", name)
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
        found: list[list[Mapping[str, Any]]] = self._pipeline(list(texts)) if texts else []
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
        arrays, encoded = self._model.logits(
            [question],
            [context],
            stride=64,
            max_length=384,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        best, found = -np.inf, ReaderAnswer(0, 0, "", 0.0, 1.0)
        for window in range(len(encoded["input_ids"])):
            inside = [place for place, part in enumerate(encoded.sequence_ids(window)) if part == 1]
            if not inside:
                continue
            logits = np.stack([arrays[0][window], arrays[1][window]], axis=1)
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

    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self._model = HubModel("SequenceClassification", name)
        self.categories = tuple(CATEGORIES.get(label, label) for label in self._model.labels)
        self.thresholds = dict.fromkeys(self.categories, DEFAULT_THRESHOLD)

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        """Return the scores of each comment in order."""
        results: list[Moderation] = []
        for start in range(0, len(texts), BATCH):
            (logits, *_), _ = self._model.logits(texts[start : start + BATCH])
            for line in 1 / (1 + np.exp(-logits.astype(np.float64))):
                scores = dict(zip(self.categories, map(float, line), strict=True))
                results.append(Moderation(scores, ()))
            if progress:
                progress(len(results), len(texts))
        return results
