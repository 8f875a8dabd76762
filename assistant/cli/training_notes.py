"""What a training says in the terminal: the data before it, its course, and its figures."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.cli.common import note
from assistant.cli.terminal import plain
from assistant.training.baselines import Baseline

if TYPE_CHECKING:
    from assistant.training.options import Point
    from assistant.training.preparation import Prepared
    from assistant.training.report import Report
    from assistant.training.seed_study import SeedStudy


def introduce(prepared: Prepared) -> None:
    """Show what the training will see, before it begins."""
    note(
        f"{prepared.source}: texts from {prepared.text_column!r}, labels from "
        f"{prepared.label_column!r}; {len(prepared.train):,} train, "
        f"{len(prepared.validation):,} validation, {len(prepared.test):,} test"
    )
    for label, count in prepared.counts.items():
        note(f"{count:8,}  {plain(label)}")
    for example in prepared.sample():
        text = " ".join(example.text.split())
        note(plain(f"  e.g. {example.label}: {text[:100]}{'…' if len(text) > 100 else ''}"))
    for notice in prepared.notices:
        note(f"note: {plain(notice)}")


class Watch:
    """Says how the training goes at each validation, and how long it will take."""

    def __init__(self) -> None:
        self._loss: float | None = None

    def __call__(self, point: Point) -> None:
        """Print the point if it is a validation, with the mean loss before it."""
        if point.validation_loss is None:
            self._loss = point.loss
            return
        left = f"  {point.seconds_left / 60:.1f} min left" if point.seconds_left else ""
        loss = f"  loss {self._loss:.3f}" if self._loss is not None else ""
        note(
            f"{point.done:4.0%}{loss}  validation loss {point.validation_loss:.3f}, "
            f"accuracy {point.validation_accuracy:.3f}{left}"
        )


def show(report: Report, folder: Path) -> None:
    """Print the figures of a finished training, and where its report lies."""
    own = Baseline(report.name, report.figures.accuracy, report.figures.macro_f1)
    for one in (own, *report.baselines):
        typer.echo(f"{one.name:<30} accuracy {one.accuracy:.3f}  macro F1 {one.macro_f1:.3f}")
    typer.echo(f"{'calibration error':<30} {report.figures.calibration_error:.3f}")
    typer.echo(f"{'report':<30} {folder / 'report.md'}")


def show_study(study: SeedStudy) -> None:
    """Print what the seed study gives when it is run again."""
    typer.echo(f"reviews {study.rows:,}, of which the filter keeps {study.kept:,}")
    typer.echo(f"bag of words {study.bag}; VADER finds {dict(study.vader_classes)}")
    for result in (*study.results, study.leaked):
        shares = "; ".join(
            f"{label} P {precision:.3f} R {recall:.3f} F1 {f1:.3f} of {support}"
            for label, (precision, recall, f1, support) in result.classes.items()
        )
        typer.echo(f"{result.method:<38} accuracy {result.accuracy:.3f}; {shares}")


def quiet() -> None:
    """Keep the libraries' own remarks out of the way of ours."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
