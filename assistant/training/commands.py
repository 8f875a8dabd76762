"""Train and evaluate a role: what the command line and the training page call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from assistant.models.adapter import Adapter, load, merge, save
from assistant.models.catalogue import Models
from assistant.models.classifier import Classifier
from assistant.models.encoder import Encoder
from assistant.models.heads import HEADS, WITH_FEATURES
from assistant.models.moderator import Moderator
from assistant.models.reader import Reader
from assistant.models.segmenter import Segmenter
from assistant.models.tagger import Tagger
from assistant.settings import Settings
from assistant.training import datasets, finetune, network, recipes, segmenting, turn_sources, turns
from assistant.training import evaluate as measures
from assistant.training.calibrate import moderation_calibration, reader_calibration, thresholds
from assistant.training.encoding import Encoding

KINDS: dict[str, Callable[[Adapter, Encoder], Any]] = {
    "sentiment": Classifier,
    "entities": Tagger,
    "reader": Reader,
    "moderation": Moderator,
}
ENOUGH = 4_000  # examples, repeats included, that a small data set is trained on (20 times at most)
VALIDATION = 2_000  # examples that thresholds, calibration and the report are made from
CHECKPOINT = ".training.pt"  # of a training that is not finished, beside the adapter's folder
PACE: dict[str, Any] = {  # learning rate, and tokens a batch
    "sentiment": {"rate": 1e-4, "tokens": 1024},
    "entities": {"rate": 2e-4, "tokens": 1024},
    "reader": {"rate": 1.5e-4, "tokens": 2048},
    "moderation": {"rate": 1.5e-4, "tokens": 1024},
}
COMPOSED = 32_000  # turns that the segmenter learns from


@dataclass(frozen=True, slots=True)
class Report:
    """What a training did: where the adapter lies, what it learned from, how well it does."""

    role: str
    folder: Path
    examples: int
    loss: float
    figures: Mapping[str, float]


def train(
    role: str,
    data: Path,
    out: Path | None = None,
    minutes: float = 10.0,
    seed: int = 0,
    progress: finetune.Progress | None = None,
    start: Path | None = None,
) -> Report:
    """Train an adapter for ``role`` and write it to ``out``, by default into the data directory,
    where it takes the place of the shipped one.

    Args:
        role: sentiment, entities, reader, moderation or segmenter (which takes no ``minutes``).
        data: a JSON-lines file, or a folder of them; for the segmenter the project's data sets.
        out: the adapter's folder.
        minutes: longest training time; loading and measuring come on top.
        seed: the same seed and number of steps give the same adapter.
        progress: called with the share done and the mean loss.
        start: the folder of an adapter of the same role to go on from; fresh if None.

    Raises:
        InputError: the role is unknown or the data cannot be used.
        ModelError: the encoder is missing, or the adapter to start from is unusable.
    """
    import torch

    if role == "segmenter":
        return train_segmenter(data, out, seed, progress)
    split = recipes.read(role, data, seed)
    encoder = Encoder()
    torch.manual_seed(seed)
    heads = HEADS[role]
    weights = merge(encoder.weights, load(start, encoder)) if start else encoder.weights
    trained = network.build(weights, heads, role in WITH_FEATURES)
    encoding = Encoding(role, split.train, encoder.tokenizer)
    epochs = min(20.0, max(2.0, ENOUGH / len(split.train)))
    plan = finetune.Plan(epochs=epochs, minutes=minutes, seed=seed, **PACE[role])
    folder = out or Settings.read().data_dir / "models" / role
    unfinished = folder.with_name(folder.name + CHECKPOINT)
    loss = finetune.finetune(trained, encoding, heads, plan, progress, unfinished)
    adapter = finish(role, finetune.tensors(trained), split, encoder)
    save(adapter, folder, encoder)
    return Report(role, folder, len(split.train), loss, adapter.figures)


def train_segmenter(
    data: Path, out: Path | None, seed: int, progress: finetune.Progress | None
) -> Report:
    """Train the segmenter on turns composed from the texts in ``data``; see ``train``."""
    encoder = Encoder()
    composed = turns.compose(COMPOSED + VALIDATION, turn_sources.read(data, seed), seed)
    examples = segmenting.prepare(composed[VALIDATION:], encoder)
    tensors, loss = segmenting.train(examples, seed, progress)
    adapter = Adapter("segmenter", (), tensors, scale=1.0)
    figures = segmenting.measure(Segmenter(adapter, encoder), composed[:VALIDATION])
    folder = out or Settings.read().data_dir / "models" / "segmenter"
    save(replace(adapter, figures=figures), folder, encoder)
    return Report("segmenter", folder, len(examples), loss, figures)


def finish(role: str, tensors: Any, split: datasets.Split, encoder: Encoder) -> Adapter:
    """Return the trained tensors as an adapter: calibrated, and measured on the validation part."""
    adapter = Adapter(role, HEADS[role], tensors)
    chosen = datasets.sample(split.validation, VALIDATION, seed=0)
    model = KINDS[role](adapter, encoder)
    if role == "moderation":
        adapter = replace(adapter, calibration=moderation_calibration(model, chosen))
        model = KINDS[role](adapter, encoder)
        adapter = replace(adapter, thresholds=thresholds(model, chosen))
    if role == "reader":
        adapter = replace(adapter, calibration=reader_calibration(model, chosen, encoder.tokenizer))
        model = KINDS[role](adapter, encoder)
    return replace(adapter, figures=measures.held_out(role, model, split, VALIDATION))


def evaluate(
    role: str, data: Path, limit: int | None = None, settings: Settings | None = None
) -> Mapping[str, Any]:
    """Return metric → figure, or figures, of the model that now fills ``role``.

    Args:
        role: sentiment, entities, reader or moderation.
        data: a folder laid out like the project's data sets.
        limit: at most so many examples of each data set; None takes all.
        settings: say which model fills the role; those of the environment if None.

    Raises:
        InputError: the role is unknown or a data set is missing.
        ModelError: the role's model is missing or damaged.
    """
    if role not in measures.MEASURES:
        raise InputError(
            f"{role!r} cannot be evaluated here; choose one of {', '.join(measures.MEASURES)}."
        )
    return measures.MEASURES[role](getattr(Models(settings or Settings.read()), role), data, limit)
