"""A text classifier of any architecture that was fine-tuned here: a folder of safetensors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.errors import ModelError
from assistant.models import temperature
from assistant.models.classifier import softmax
from assistant.models.runtime import Tick
from assistant.models.tokens import whole

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BATCH = 16  # windows
MOST_TOKENS = 512  # of a window, where the tokenizer does not say or would take more


class FineTuned:
    """See assistant.models.classifier.Classifier.

    Raises:
        ModelError: the folder holds no text classifier.
    """

    runtime = "transformers"

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        try:
            self._tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder)
            self._model: PreTrainedModel = AutoModelForSequenceClassification.from_pretrained(
                folder, use_safetensors=True
            ).eval()
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The model in {folder} cannot be loaded as a text classifier "
                f"({str(error).splitlines()[0]}). Train it again."
            ) from error
        self._temperature = temperature.read(folder)
        config = self._model.config
        self.labels = tuple(str(config.id2label[place]) for place in range(config.num_labels))

    def predict(self, texts: Sequence[str], tick: Tick | None = None) -> list[dict[str, float]]:
        """Return label → score for each text; long texts are read in windows and averaged."""
        import torch

        windows = [
            (owner, ids)
            for owner, text in enumerate(texts)
            for ids in window_ids(self._tokenizer, text)
        ]
        windows.sort(key=lambda window: len(window[1]))  # batches of like length
        totals = np.zeros((len(texts), len(self.labels)))
        for start in range(0, len(windows), BATCH):
            batch = windows[start : start + BATCH]
            padded = self._tokenizer.pad(
                {"input_ids": [ids for _, ids in batch]}, return_tensors="pt"
            )
            with torch.inference_mode():
                scores = softmax(self._model(**padded).logits.numpy())
            for (owner, ids), line in zip(batch, scores, strict=True):
                totals[owner] += len(ids) * line
            if tick:
                tick(start + len(batch))
        shares = totals / totals.sum(axis=1, keepdims=True)
        shares = temperature.tempered(shares, self._temperature)
        return [dict(zip(self.labels, map(float, line), strict=True)) for line in shares]


def window_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[list[int]]:
    """Return the token ids, special ones included, of the windows that a text is read in."""
    encoded = tokenizer(
        whole(text),
        truncation=True,
        max_length=min(MOST_TOKENS, tokenizer.model_max_length),
        return_overflowing_tokens=True,
    )
    ids: list[list[int]] = encoded["input_ids"]
    return ids
