"""Models of the Hugging Face hub that read one text and write another: summaries, translations.

transformers has no pipelines for these any more, so the models are run here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.errors import ModelError
from assistant.models.hub_model import HubModel
from assistant.models.tokens import whole

BATCH = 8  # texts written at once
BEAMS = 2
LONGEST_REPLY = 256  # tokens
TOKENS_A_WORD = 1.4  # of English, about
_T5_TASK = re.compile(r"translation_(\w+)_to_(\w+)")
_OPUS = re.compile(r"opus-mt-(?:tc-\w+-)?([a-z]{2,3})-([a-z]{2,3})\b")


class HubSummarizer:
    """Writes a summary of a text that fits its window; see ``fits``."""

    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self.name = name
        self._model = HubModel("Seq2SeqLM", name)
        self._prefix = str(_task(self._model, "summarization").get("prefix") or "")

    def fits(self, text: str) -> bool:
        """Say whether the model can read all of ``text``."""
        return len(self._model.encode([self._prefix + text])["input_ids"]) == 1

    def summarize(self, text: str, words: tuple[int, int]) -> str:
        """Return a summary of at least and at most so many words, about."""
        least, most = (round(number * TOKENS_A_WORD) for number in words)
        options = {"min_new_tokens": least, "max_new_tokens": max(most, 1)}
        return _write(self._model, [self._prefix + text], **options)[0]


class HubTranslator:
    """Translates sentences between the languages that its model names.

    Attributes:
        directions: (from, to) as language codes → what the model wants before a text.
    """

    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self.name = name
        self._model = HubModel("Seq2SeqLM", name)
        self.directions = _directions(self._model)
        if not self.directions:
            raise ModelError(
                f"The model {name} does not say which languages it translates. Choose a T5 model "
                "or one of Helsinki-NLP/opus-mt with --models translator=…"
            )

    def translate(self, texts: Sequence[str], source: str, target: str) -> Iterator[str]:
        """Yield the translation of each text in order; ``KeyError`` for an unknown direction."""
        prefix = self.directions[source, target]
        for start in range(0, len(texts), BATCH):
            yield from _write(self._model, [prefix + text for text in texts[start : start + BATCH]])


def _write(model: HubModel, texts: Sequence[str], **options: Any) -> list[str]:
    """Return what the model writes for each text; what is too long to read is cut."""
    import torch

    encoded = model.tokenizer(
        [whole(text) for text in texts],
        padding=True,
        truncation=True,
        max_length=model.longest,
        return_tensors="pt",
    ).to(model.device)
    most = min(options.get("max_new_tokens", LONGEST_REPLY), model.longest - 1)
    settings = {"num_beams": BEAMS, "do_sample": False, **options, "max_new_tokens": most}
    # The model's own limits count the same thing in another unit and would be warned about.
    settings |= {"max_length": None, "min_length": 0}
    inputs = {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"]}
    with torch.inference_mode():
        written = model.model.generate(**inputs, **settings)
    return [
        text.strip() for text in model.tokenizer.batch_decode(written, skip_special_tokens=True)
    ]


def _task(model: HubModel, name: str) -> Mapping[str, Any]:
    """Return what the model's configuration says of a task; transformers itself drops it."""
    tasks = json.loads((model.folder / "config.json").read_text("utf-8"))
    found = (tasks.get("task_specific_params") or {}).get(name)
    return found if isinstance(found, dict) else {}


def _directions(model: HubModel) -> dict[tuple[str, str], str]:
    config = json.loads((model.folder / "config.json").read_text("utf-8"))
    found = {}
    for name, task in (config.get("task_specific_params") or {}).items():
        if match := _T5_TASK.fullmatch(name):
            found[match[1], match[2]] = str(task.get("prefix") or "")
    source = getattr(model.tokenizer, "source_lang", None)
    target = getattr(model.tokenizer, "target_lang", None)
    if match := _OPUS.search(model.name):
        source, target = match[1], match[2]
    if not found and source and target:
        found[str(source), str(target)] = ""
    return found
