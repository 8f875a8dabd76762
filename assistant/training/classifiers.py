"""Trains a text classifier on the user's own data: look at the data, train, measure, report.

This is what the command line and the training page call. A run lies in the data directory (see
``assistant.models.versions``); nothing that is in use changes until somebody says so.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, InputError
from assistant.models import temperature
from assistant.models.encoder import Encoder
from assistant.models.trained import TextClassifier
from assistant.models.versions import MODEL, Run, Versions, seal
from assistant.training import baselines, calibrate, figures, labelled
from assistant.training.bases import EMBEDDED, RATES, Base, open_base
from assistant.training.labelled import Example, Labelled
from assistant.training.options import Options, Progress
from assistant.training.preparation import Prepared, prepare
from assistant.training.report import Report

if TYPE_CHECKING:
    from assistant.training.loop import Outcome

REQUEST, CHECKPOINTS, DATA = "request.json", "checkpoints", "data"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Request:
    """What to train: a classifier called ``name``, on ``data`` (see ``labelled.read``).

    ``limit`` takes at most so many rows of each part of the data. ``title`` is what messages and
    the report call the data, if not by its place.
    """

    name: str
    data: str
    text_column: str | None = None
    label_column: str | None = None
    limit: int | None = None
    options: Options = field(default_factory=Options)
    title: str | None = None

    def read(self) -> Labelled:
        """Read the data as it is.

        Raises:
            InputError: it cannot be read, or a column is missing.
        """
        data = labelled.read(self.data, self.text_column, self.label_column)
        return replace(data, source=self.title or data.source)

    def look(self) -> Prepared:
        """Read the data and return it as it would be trained on, with counts and notices.

        Raises:
            InputError: the data cannot be read or nothing can be learned from it.
        """
        return prepare(self.read(), self.options.seed, self.limit)


def check_name(name: str, taken: Collection[str] = ()) -> None:
    """Refuse a name that cannot be a command, or that means something else.

    Raises:
        InputError: says what a name must be.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot be the name of a tool. Take small letters, digits and underscores, "
            "starting with a letter, such as patents."
        )
    if name in taken:
        raise InputError(f"{name!r} means something else already. Choose another name.")


def train(
    request: Request,
    prepared: Prepared,
    data_dir: Path,
    encoder: Encoder,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    keep: bool = False,
) -> Report:
    """Train a classifier in a new run and return its report, which lies in the run's folder.

    Args:
        request: what to train, and how.
        prepared: what ``request.look()`` gave.
        data_dir: where runs lie.
        encoder: the embedded one.
        progress: called now and then, with losses and the time left.
        stop: when set, the training ends soon and keeps its best state.
        keep: the data may be gone before the training is resumed; the run keeps a copy of the
            file until it has ended.

    Raises:
        InputError: an option or the name is unusable.
        ModelError: the base cannot be loaded.
    """
    check_name(request.name)
    request.options.check()
    base = open_base(request.options.base, encoder)
    folder = Versions(data_dir).new(request.name)
    if keep and Path(request.data).is_file():
        copy = folder / DATA / Path(request.data).name
        copy.parent.mkdir()
        shutil.copyfile(request.data, copy)
        request = replace(request, data=str(copy))
    record = {**asdict(request), "fingerprint": fingerprint(prepared)}
    (folder / REQUEST).write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    try:
        return _run(request, prepared, base, folder, progress, stop)
    except AssistantError:  # no break, but something that will not work next time either
        shutil.rmtree(folder)
        raise


def resume(
    run: Run,
    encoder: Encoder,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Report:
    """Go on with a run that broke off, from its last checkpoint, as if nothing had happened.

    Raises:
        InputError: it ended already, or its data is gone or was changed since.
        ModelError: the base cannot be loaded.
    """
    if run.ready:
        raise InputError(f"The run {run.name} ended with a model; there is nothing to go on with.")
    request, recorded = _recorded(run)
    prepared = request.look()
    if fingerprint(prepared) != recorded:
        raise InputError(
            f"The data {request.data} is not what the run {run.name} was training on. Train "
            "anew, without --resume."
        )
    base = open_base(request.options.base, encoder)
    return _run(request, prepared, base, run.folder, progress, stop)


def _recorded(run: Run) -> tuple[Request, str]:
    try:
        record = json.loads((run.folder / REQUEST).read_text("utf-8"))
        recorded = record.pop("fingerprint")
        return Request(**{**record, "options": Options(**record["options"])}), recorded
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The run {run.name} cannot be gone on with: {run.folder / REQUEST} cannot be read "
            f"({type(error).__name__}). Train anew, without --resume."
        ) from error


def fingerprint(prepared: Prepared) -> str:
    """Return a hash of the examples and their division into parts."""
    checksum = hashlib.sha256()
    for part in (prepared.train, prepared.validation, prepared.test):
        for example in part:
            checksum.update(f"{example.label}\0{example.text}\0".encode("utf-8", "replace"))
        checksum.update(b"\1")
    return checksum.hexdigest()


def _run(
    request: Request,
    prepared: Prepared,
    base: Base,
    folder: Path,
    progress: Progress | None,
    stop: threading.Event | None,
) -> Report:
    started = time.perf_counter()
    outcome = _fit(request, prepared, base, folder, progress, stop)
    model = folder / MODEL
    held, plain = _predictions(base.load(model), prepared.validation, prepared.test)
    scale = calibrate.temperature(held, [example.label for example in prepared.validation])
    temperature.write(model, scale)
    seconds = time.perf_counter() - started
    report = _report(request, prepared, folder.name, outcome, plain, scale, seconds)
    report.write(folder)
    seal(model, request.name, base.kind, prepared.labels)
    shutil.rmtree(folder / DATA, ignore_errors=True)
    return report


def _fit(
    request: Request,
    prepared: Prepared,
    base: Base,
    folder: Path,
    progress: Progress | None,
    stop: threading.Event | None,
) -> Outcome:
    """Train the base, save its best state in the run's folder, and say how the training went."""
    from assistant.training import loop

    options, labels = request.options, prepared.labels
    train, validation = (
        loop.Windows(*_windows(base, examples, labels, options.windows))
        for examples in (prepared.train, prepared.validation)
    )
    network, outcome = loop.fit(
        lambda: base.network(labels, options.method),
        base.tokenizer,
        train,
        validation,
        options,
        _rate(options),
        folder / CHECKPOINTS,
        progress,
        stop,
    )
    base.save(network, request.name, labels, folder / MODEL)
    return outcome


def _rate(options: Options) -> float:
    """Return the learning rate asked for, or the one that suits the base and the method."""
    return options.learning_rate or RATES[options.base == EMBEDDED, options.method]


def _report(
    request: Request,
    prepared: Prepared,
    run: str,
    outcome: Outcome,
    plain: list[dict[str, float]],
    scale: float,
    seconds: float,
) -> Report:
    """Measure the predictions for the test part, ``plain`` as given and at the temperature."""
    scores = calibrate.rescaled(plain, scale)
    truth = [example.label for example in prepared.test]
    return Report(
        run=run,
        name=request.name,
        source=prepared.source,
        text_column=prepared.text_column,
        label_column=prepared.label_column,
        options=request.options,
        learning_rate=_rate(request.options),
        rows={part: len(getattr(prepared, part)) for part in ("train", "validation", "test")},
        counts=prepared.counts,
        notices=prepared.notices,
        seconds=seconds,
        steps=outcome.steps,
        best_step=outcome.best_step,
        stopped=outcome.stopped,
        curve=outcome.curve,
        temperature=scale,
        plain_calibration_error=figures.measure(prepared.labels, truth, plain).calibration_error,
        figures=figures.measure(prepared.labels, truth, scores),
        baselines=baselines.compare(prepared.train, prepared.test),
        mistakes=figures.mistakes(prepared.test, scores),
    )


def _predictions(
    model: TextClassifier, *parts: Sequence[Example]
) -> Iterator[list[dict[str, float]]]:
    for part in parts:
        yield model.predict([example.text for example in part])


def _windows(
    base: Base, examples: Sequence[Example], labels: Sequence[str], most: int
) -> tuple[list[list[int]], list[int]]:
    """Return token ids and label number of each window."""
    ids: list[list[int]] = []
    targets: list[int] = []
    for example in examples:
        found = base.windows(example.text)
        kept = found[:: max(1, -(-len(found) // most))]
        ids += kept
        targets += [labels.index(example.label)] * len(kept)
    return ids, targets
