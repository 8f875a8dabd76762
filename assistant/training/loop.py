"""The loop for text classifiers of any base: the Hugging Face ``Trainer``, watched and stoppable.

There are two loops, because they do different work. ``finetune`` trains the shipped adapters:
several heads at once, targets a token, labels that are partly unknown, batches by number of
tokens, an end by the clock. This one trains one label a text on whatever network transformers
knows, with validation, early stopping and checkpoints as the Trainer's users expect them.

Imports torch and transformers: load it when training.
"""

from __future__ import annotations

import math
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    EvalPrediction,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_pt_utils import LengthGroupedSampler
from transformers.trainer_utils import get_last_checkpoint

from assistant.training.options import Options, Point, Progress

EVALUATIONS = 10  # during a training
LOGS = 50
WARMUP = 0.06  # share of the steps


@dataclass(frozen=True, slots=True)
class Windows:
    """Token ids a window, with the number of its text's label."""

    ids: Sequence[Sequence[int]]
    labels: Sequence[int]

    def rows(self) -> list[dict[str, Any]]:
        """Return the windows as the Trainer takes them, short ones first."""
        rows = [
            {"input_ids": list(ids), "labels": label}
            for ids, label in zip(self.ids, self.labels, strict=True)
        ]
        return sorted(rows, key=lambda row: len(row["input_ids"]))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training went: loss and validation over time, and whether the user stopped it."""

    curve: tuple[Point, ...]
    steps: int
    best_step: int
    stopped: bool


def fit(
    make: Callable[[], PreTrainedModel],
    tokenizer: PreTrainedTokenizerBase,
    train: Windows,
    validation: Windows,
    options: Options,
    rate: float,
    folder: Path,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> tuple[PreTrainedModel, Outcome]:
    """Train the network that ``make`` gives and return it as it was at its best validation loss.

    Checkpoints lie in ``folder``; where it holds one, the training goes on from there, and ends
    as it would have ended without the break. The folder is removed at the end.
    """
    set_seed(options.seed)
    network = make()
    per_epoch = math.ceil(len(train.ids) / options.batch_size)
    steps = max(1, round(per_epoch * options.epochs_for(len(train.ids))))
    watcher = _Watcher(options, progress, stop)
    trainer = _Trainer(
        model=network,
        args=_arguments(options, rate, steps, folder),
        train_dataset=train.rows(),
        eval_dataset=validation.rows(),
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=_accuracy,
        callbacks=[EarlyStoppingCallback(early_stopping_patience=options.patience), watcher],
    )
    trainer.remove_callback(PrinterCallback)
    last = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    trainer.train(resume_from_checkpoint=last)
    state = trainer.state
    outcome = Outcome(
        _curve(state.log_history, steps),
        state.global_step,
        state.best_global_step or state.global_step,
        watcher.stopped,
    )
    shutil.rmtree(folder, ignore_errors=True)
    return trainer.model, outcome


class _LikeLengths(LengthGroupedSampler):  # type: ignore[misc]
    """Windows of like length together, in an order that seed and epoch alone decide.

    The Trainer's own ``group_by_length`` takes its order from torch's global state, so that a
    resumed training would see other batches than it would have seen without the break.
    """

    def __init__(self, batch_size: int, lengths: list[int], seed: int) -> None:
        super().__init__(batch_size, lengths=lengths)
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called before each epoch."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        """Return the places of one epoch."""
        self.generator = torch.Generator().manual_seed(self._seed + self._epoch)
        places: Iterator[int] = super().__iter__()
        return places


class _Trainer(Trainer):  # type: ignore[misc]
    def _get_train_sampler(self, train_dataset: Any = None) -> _LikeLengths:
        lengths = [len(row["input_ids"]) for row in self.train_dataset]
        return _LikeLengths(self.args.train_batch_size, lengths, self.args.seed)


def _arguments(options: Options, rate: float, steps: int, folder: Path) -> TrainingArguments:
    every = max(1, steps // EVALUATIONS)
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        learning_rate=rate,
        warmup_steps=math.ceil(steps * WARMUP),
        weight_decay=0.01,
        per_device_train_batch_size=options.batch_size,
        per_device_eval_batch_size=options.batch_size * 2,
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=1,  # beside the best one
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        restore_callback_states_from_checkpoint=True,
        logging_steps=max(1, steps // LOGS),
        use_cpu=not torch.accelerator.is_available(),
        bf16=_bfloat16(),
        seed=options.seed,
        data_seed=options.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _bfloat16() -> bool:
    """Say whether this machine multiplies in bfloat16; that saves a third of the time on CPUs."""
    if torch.accelerator.is_available():
        return torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def _accuracy(outputs: EvalPrediction) -> dict[str, float]:
    """Return the share of windows that are right; the report measures whole texts."""
    return {"accuracy": float((outputs.predictions.argmax(-1) == outputs.label_ids).mean())}


def _curve(history: Sequence[Mapping[str, float]], steps: int) -> tuple[Point, ...]:
    points = []
    loss = None
    for entry in history:
        loss = entry.get("loss", loss)
        if "eval_loss" in entry:
            done = entry["step"] / steps
            points.append(Point(done, loss, entry["eval_loss"], entry["eval_accuracy"], None))
    return tuple(points)


class _Watcher(TrainerCallback):  # type: ignore[misc]
    """Tells how far the training is, and ends it when the user or the clock says so."""

    def __init__(
        self, options: Options, progress: Progress | None, stop: threading.Event | None
    ) -> None:
        self._minutes = options.minutes
        self._progress = progress
        self._stop = stop
        self._started = time.monotonic()
        self._first = 0
        self.stopped = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock; a resumed training begins in the middle."""
        self._started, self._first = time.monotonic(), state.global_step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop if asked, with a last look at the validation data and a last checkpoint."""
        asked = self._stop is not None and self._stop.is_set()
        late = self._minutes is not None and self._seconds() > 60 * self._minutes
        if asked or late:
            self.stopped = self.stopped or asked
            control.should_training_stop = True
            control.should_evaluate = control.should_save = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Report a mean loss or a validation."""
        if self._progress is None or not {"loss", "eval_loss"} & set(logs):
            return
        done = state.global_step / state.max_steps
        here = (state.global_step - self._first) / state.max_steps
        left = self._seconds() / here * (1 - done) if here else None
        self._progress(
            Point(done, logs.get("loss"), logs.get("eval_loss"), logs.get("eval_accuracy"), left)
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._started
