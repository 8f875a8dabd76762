"""What a training gave: one frozen value, its JSON, and a page of Markdown for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.training.baselines import Baseline
from assistant.training.figures import Figures, Mistake
from assistant.training.options import Options, Point

WIDEST = 12  # labels of a confusion matrix that is still shown whole
ENTITIES = str.maketrans({sign: f"&#{ord(sign)};" for sign in "&\\`*_[]|<>#~"})


@dataclass(frozen=True, slots=True)
class Report:
    """A finished training of a text classifier.

    ``rows`` counts the texts of each part; ``figures``, ``mistakes`` and ``baselines`` are all of
    the test part. ``temperature`` was fitted on the validation part; without it the calibration
    error would be the plain one. ``stopped`` says that the user ended it early; the best state
    was kept.
    """

    run: str
    name: str
    source: str
    text_column: str
    label_column: str
    options: Options
    learning_rate: float
    rows: Mapping[str, int]
    counts: Mapping[str, int]
    notices: tuple[str, ...]
    seconds: float
    steps: int
    best_step: int
    stopped: bool
    curve: tuple[Point, ...]
    temperature: float
    plain_calibration_error: float
    figures: Figures
    baselines: tuple[Baseline, ...]
    mistakes: tuple[Mistake, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return asdict(self)

    def write(self, folder: Path) -> None:
        """Write ``report.json`` and ``report.md``."""
        text = json.dumps(self.to_json(), indent=2, ensure_ascii=False)
        (folder / "report.json").write_text(f"{text}\n", "utf-8")
        (folder / "report.md").write_text(to_markdown(self), "utf-8")


def to_markdown(report: Report) -> str:
    """Return the report as a page; what stands in the data is escaped."""
    sections = [
        f"# {report.run}",
        _about(report),
        "## Results on the test part",
        _comparison(report),
        _classes(report.figures),
        "## Confusion",
        _confusion(report.figures),
        "## Calibration",
        _calibration(report),
        "## The surest mistakes",
        _mistakes(report.mistakes),
        "## The course of the training",
        _course(report.curve),
    ]
    return "\n\n".join(sections) + "\n"


def _about(report: Report) -> str:
    options = report.options
    parts = ", ".join(f"{count:,} {part}" for part, count in report.rows.items())
    about = (
        f"Trained on {_cell(report.source)} (texts: {_cell(report.text_column)}, labels: "
        f"{_cell(report.label_column)}; {parts}) from the base {_cell(options.base)}, method "
        f"{options.method}, learning rate {report.learning_rate:g}, batches of "
        f"{options.batch_size}, seed {options.seed}: {report.steps:,} steps in "
        f"{report.seconds:,.0f} s, best at step {report.best_step:,}"
    )
    end = ", stopped by the user." if report.stopped else "."
    return "\n- ".join([about + end + "\n" * bool(report.notices), *map(_cell, report.notices)])


def _comparison(report: Report) -> str:
    own = (f"**{report.name}**", report.figures.accuracy, report.figures.macro_f1)
    others = [(one.name, one.accuracy, one.macro_f1) for one in report.baselines]
    return _table(
        ("method", "accuracy", "macro F1"),
        [(name, _share(accuracy), _share(f1)) for name, accuracy, f1 in (own, *others)],
    )


def _classes(figures: Figures) -> str:
    return _table(
        ("label", "precision", "recall", "F1", "texts"),
        [
            (_cell(label), _share(one.precision), _share(one.recall), _share(one.f1), one.support)
            for label, one in figures.classes.items()
        ],
    )


def _confusion(figures: Figures) -> str:
    if len(figures.labels) > WIDEST:
        pairs = [
            (count, truth, given)
            for truth, row in zip(figures.labels, figures.confusion, strict=True)
            for given, count in zip(figures.labels, row, strict=True)
            if truth != given and count
        ]
        return _table(
            ("label", "was given", "texts"),
            [
                (_cell(truth), _cell(given), count)
                for count, truth, given in sorted(pairs, key=lambda pair: -pair[0])[:20]
            ],
        )
    return _table(
        ("label ↓ given →", *map(_cell, figures.labels)),
        [
            (_cell(label), *row)
            for label, row in zip(figures.labels, figures.confusion, strict=True)
        ],
    )


def _calibration(report: Report) -> str:
    rows = [
        (f"{b.low:.1f} to {b.high:.1f}", b.count, _share(b.confidence), _share(b.accuracy))
        for b in report.figures.bins
    ]
    table = _table(("score", "texts", "mean score", "right"), rows)
    about = (
        f"Expected calibration error: {report.figures.calibration_error:.3f}, with the temperature "
        f"{report.temperature:.2f} fitted on the validation part; "
        f"{report.plain_calibration_error:.3f} without it."
    )
    return f"{about}\n\n{table}"


def _mistakes(mistakes: Sequence[Mistake]) -> str:
    if not mistakes:
        return "None."
    return _table(
        ("score", "given", "label", "text"),
        [
            (_share(one.score), _cell(one.given), _cell(one.label), _cell(one.text))
            for one in mistakes
        ],
    )


def _course(curve: Sequence[Point]) -> str:
    return _table(
        ("done", "loss", "validation loss", "validation accuracy"),
        [
            (
                f"{point.done:.0%}",
                _share(point.loss),
                _share(point.validation_loss),
                _share(point.validation_accuracy),
            )
            for point in curve
        ],
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _cell(text: str) -> str:
    """Return text of the data on one line, so that no Markdown or HTML in it has an effect."""
    return " ".join(text.split()).translate(ENTITIES)
