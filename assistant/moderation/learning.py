"""Learns from moderators' decisions: fine-tunes the moderation adapter and compares.

The scores of everything else are rehearsed beside the decisions, so that nothing is forgotten.
What is not worse by any of the comparison's gates becomes a run of ``moderation`` (see
``assistant.models.versions``); it goes live when somebody says so, and can be rolled back. What is
worse is thrown away, with its reasons in the report.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.errors import InputError
from assistant.models.adapter import Adapter, load, merge, save
from assistant.models.catalogue import Models
from assistant.models.encoder import Encoder
from assistant.models.graph import Weights
from assistant.models.heads import HEADS
from assistant.models.moderator import Moderator
from assistant.models.versions import MANIFEST, MODEL, Run, Versions, seal, verify
from assistant.moderation.comparison import Gate, compare
from assistant.moderation.learning_report import FILE, Contrary, Report
from assistant.moderation.lessons import Lesson, Lessons, contradicts, gather
from assistant.moderation.policy import Policy, standard
from assistant.moderation.reviews import PastDecision
from assistant.moderation.teaching import Teacher
from assistant.private_files import make_folder
from assistant.training import finetune, network
from assistant.training.datasets import Text
from assistant.training.encoding import Encoding

ROLE = "moderation"
RATE, TOKENS = 3e-5, 1024  # learning rate, and tokens a batch
EPOCHS = 3.0
SHOWN = 20  # decisions against a sure score
MOST_CONTRARY = 2 / 3  # share of the decisions that may be

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and what is being done."""


def learn(
    decisions: Iterable[PastDecision],
    models: Models,
    data_dir: Path,
    undecided: Sequence[str] = (),
    policy: Policy | None = None,
    minutes: float = 10.0,
    epochs: float = EPOCHS,
    seed: int = 0,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Report:
    """Teach the model in use what moderators decided; nothing that is in use changes.

    Args:
        decisions: as ``Storage.reviews.decisions`` yields them.
        models: the model in use learns.
        data_dir: where the new version goes.
        undecided: open comments; those that are allowed now are rehearsed.
        policy: whose limits verdicts are measured with; the standard ones if None.
        minutes: longest training time; measuring comes on top.
        epochs: how often everything is gone through in that time.
        seed: the same seed and number of steps give the same model.
        progress: called now and then.
        stop: when set, the training ends soon, and what it reached is compared.

    Raises:
        InputError: there are too few decisions, or the model in use is not of the kind that learns.
        ModelError: the model in use is damaged.
    """
    started = time.monotonic()
    tell = progress or (lambda done, what: None)
    stop = stop or threading.Event()
    base, adapter, before = models.label(ROLE), _live(models), models.moderation
    assert isinstance(before, Moderator)
    limits = (policy or standard(before.thresholds, before.experimental)).limits
    plain = Policy(limits=limits)
    tell(0.0, "reading the decisions")
    lessons = gather(decisions, before.categories)
    teacher = Teacher(before, adapter, models.encoder.tokenizer, plain)
    rows = teacher.rows(lessons.learned, undecided, seed)
    plan = finetune.Plan(epochs, minutes, RATE, TOKENS, warmup=0.1, seed=seed)
    tensors = _train(rows.all, adapter, models.encoder, plan, tell, stop)
    make_folder(data_dir)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix="learning-") as scratch:
        folder = Path(scratch) / MODEL
        save(replace(adapter, tensors=tensors, figures={}), folder, models.encoder, whole=True)
        tell(0.8, "comparing")
        after = Moderator(load(folder, models.encoder), models.encoder)
        comparison = compare(before, after, lessons.held_out, plain)
        contrary = _contrary(lessons, before)
        report = Report(
            run="",
            base=base,
            policy=policy.label if policy else standard({}).label,
            learned=_kinds(lessons.learned),
            held_out=_kinds(lessons.held_out),
            left_out=lessons.left_out,
            distrusted=lessons.distrusted,
            contrary=contrary[:SHOWN],
            rehearsed=rows.rehearsed,
            comparison=replace(
                comparison, gates=(*comparison.gates, _believable(lessons, contrary))
            ),
            seconds=time.monotonic() - started,
            stopped=stop.is_set(),
        )
        if report.passed:
            report = _keep(report, folder, data_dir)
    tell(1.0, "done")
    return report


def put_in_use(models: Models, data_dir: Path, run: str) -> Run:
    """Put what was learned in use, at once and after a restart.

    Raises:
        InputError: there is no such run, it was not learned from decisions, or another model than
            the one it was compared with is in use by now.
        ModelError: its model is missing or damaged; the one in use stays.
    """
    file = Versions(data_dir).find(run).folder / FILE
    try:
        base = str(json.loads(file.read_text("utf-8"))["base"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{run} was not learned from decisions, or its report {file} cannot be read "
            f"({type(error).__name__}). Learn again, or use: python -m assistant models use {run}"
        ) from error
    if models.label(ROLE) not in (base, run):
        raise InputError(
            f"{run} was compared with {base}, but {models.label(ROLE)} is in use by now. Learn "
            "again, so that the comparison holds."
        )
    return models.use(run)


def _live(models: Models) -> Adapter:
    """Return the adapter that is in use."""
    folder = models.folder(ROLE)
    other = models.source(ROLE)
    if not other and (folder / MANIFEST).is_file() and verify(folder).kind != "adapter":
        other = models.label(ROLE)
    adapter = None if other else load(folder, models.encoder)
    if adapter is None or adapter.heads != HEADS[ROLE]:
        raise InputError(
            f"The moderation model in use, {models.label(ROLE)}, cannot learn from decisions: only "
            "the embedded one and its versions can. Go back with: python -m assistant models "
            "rollback moderation, or start without --models moderation=… and --profile hub."
        )
    return adapter


def _train(
    rows: Sequence[Text],
    adapter: Adapter,
    encoder: Encoder,
    plan: finetune.Plan,
    tell: Progress,
    stop: threading.Event,
) -> Weights:
    import torch

    torch.manual_seed(plan.seed)
    trained = network.build(merge(encoder.weights, adapter), HEADS[ROLE], features=False)
    finetune.finetune(
        trained,
        Encoding(ROLE, rows, encoder.tokenizer),
        HEADS[ROLE],
        plan,
        lambda done, loss: tell(0.1 + 0.7 * done, f"learning, mean loss {loss:.3f}"),
        stop=stop,
    )
    tensors: Weights = finetune.tensors(trained)
    return tensors


def _keep(report: Report, model: Path, data_dir: Path) -> Report:
    """Make the model a run of its own and return the report with the run's name."""
    folder = Versions(data_dir).new(ROLE)
    report = replace(report, run=folder.name)
    report.write(folder)
    seal(model, ROLE, "adapter", ())
    model.rename(folder / MODEL)
    return report


def _kinds(lessons: Iterable[Lesson]) -> dict[str, int]:
    counts = Counter(lesson.action for lesson in lessons)
    return {"allow": counts["allow"], "block": counts["block"]}


def _contrary(lessons: Lessons, before: Moderator) -> tuple[Contrary, ...]:
    """Return the decisions against scores of which the model is sure, the surest first."""
    given = (*lessons.learned, *lessons.held_out)
    scored = before.score([lesson.text for lesson in given])
    found = [
        Contrary(lesson.text, lesson.action, max(moderation.scores.values()), lesson.moderators)
        for lesson, moderation in zip(given, scored, strict=True)
        if contradicts(lesson.action, moderation.scores)
    ]
    return tuple(sorted(found, key=lambda item: -abs(item.score - 0.5)))


def _believable(lessons: Lessons, contrary: Sequence[Contrary]) -> Gate:
    total = len(lessons.learned) + len(lessons.held_out)
    share = len(contrary) / total
    return Gate(
        "contradictions",
        share <= MOST_CONTRARY,
        f"{len(contrary):,} of {total:,} decisions are against a score of which the model was "
        f"sure ({share:.0%}); at most {MOST_CONTRARY:.0%} may be.",
    )
