"""Makes labelled texts fit to train on: checked, each text once, and divided into parts."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assistant.errors import InputError
from assistant.training.checks import (
    FEWEST_PER_CLASS,
    check_counts,
    check_labels,
    check_leakage,
    quoted,
)
from assistant.training.labelled import Example, Labelled

TEST, VALIDATION = 0.2, 0.1  # shares of the rows, where the data does not come in parts

Parts = dict[str, list[Example]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Examples that are fit to train on; no text occurs twice.

    ``labels`` are in alphabetical order; ``notices`` say what was removed and what looks odd.
    """

    source: str
    text_column: str
    label_column: str
    labels: tuple[str, ...]
    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]
    notices: tuple[str, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Label → number of its texts, the commonest first."""
        found = Counter(item.label for item in (*self.train, *self.validation, *self.test))
        return dict(found.most_common())

    def sample(self, count: int = 3) -> tuple[Example, ...]:
        """Return some training examples, of unlike labels as far as possible."""
        first = {example.label: example for example in reversed(self.train)}
        unlike = [first[label] for label in self.counts if label in first]
        others = (example for example in self.train if example not in unlike)
        return tuple(itertools.islice(itertools.chain(unlike, others), count))


def prepare(data: Labelled, seed: int = 0, limit: int | None = None) -> Prepared:
    """Check ``data``, clean it, and divide it into parts with all classes in each.

    Args:
        data: what was read.
        seed: fixes which rows go into which part.
        limit: at most so many rows of each part, drawn at random; None takes all.

    Raises:
        InputError: nothing can be learned from it; says what is wrong and what to do.
    """
    notices: list[str] = []
    parts = _without_blanks(data, notices)
    check_labels(data, parts["train"])
    check_leakage(data, parts["train"], notices)
    parts = _without_duplicates(parts, notices)
    if limit is not None:
        draw = random.Random(seed)
        parts = {part: draw.sample(rows, min(limit, len(rows))) for part, rows in parts.items()}
    labels = tuple(sorted({example.label for example in parts["train"]}))
    _without_strangers(parts, labels, notices)
    needed = FEWEST_PER_CLASS if set(parts) == {"train"} else 2
    check_counts(data, Counter(example.label for example in parts["train"]), needed, notices)
    train, validation, test = _divide(parts, seed)
    return Prepared(
        data.source,
        data.text_column,
        data.label_column,
        labels,
        tuple(train),
        tuple(validation),
        tuple(test),
        tuple(notices),
    )


def _without_blanks(data: Labelled, notices: list[str]) -> Parts:
    parts: Parts = {}
    texts = labels = total = 0
    for part, examples in data.parts.items():
        total += len(examples)
        texts += sum(not example.text.strip() for example in examples)
        labels += sum(not example.label.strip() for example in examples)
        kept = [
            Example(example.text.strip(), example.label.strip())
            for example in examples
            if example.text.strip() and example.label.strip()
        ]
        if kept or part == "train":
            parts[part] = kept
    if not parts["train"]:
        empty = data.text_column if texts >= labels else data.label_column
        raise InputError(
            f"Every row of {data.source} is empty in the column {empty!r}. The columns "
            f"are {', '.join(data.columns)}; choose others of them if need be."
        )
    for count, what, column in (
        (texts, "no text", data.text_column),
        (labels, "no label", data.label_column),
    ):
        if count:
            notices.append(f"{count:,} of {total:,} rows have {what} ({column}) and were left out.")
    return parts


def _without_duplicates(parts: Parts, notices: list[str]) -> Parts:
    """Keep each text once, in the test part before validation and training.

    A text with two different labels says nothing about either, so no copy of it stays.
    """
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for examples in parts.values():
        for example in examples:
            labels[_key(example.text)].add(example.label)
    seen: dict[str, str] = {}
    kept: Parts = {}
    again: Counter[tuple[str, str]] = Counter()
    torn = 0
    for part in sorted(parts, key=["test", "validation", "train"].index):
        kept[part] = []
        for example in parts[part]:
            key = _key(example.text)
            if len(labels[key]) > 1:
                torn += 1
            elif key in seen:
                again[part, seen[key]] += 1
            else:
                seen[key] = part
                kept[part].append(example)
    for (part, first), count in sorted(again.items()):
        where = f"of the {part} part stand in the {first} part, too," if part != first else "repeat"
        end = "and were left out" if part != first else "an earlier one and were left out"
        notices.append(f"{count:,} texts {where} {end}.")
    if torn:
        notices.append(
            f"{torn:,} rows repeat a text with another label and were left out "
            f"({sum(len(found) > 1 for found in labels.values()):,} texts)."
        )
    return kept


def _key(text: str) -> str:
    return " ".join(text.casefold().split())


def _without_strangers(parts: Parts, labels: Iterable[str], notices: list[str]) -> None:
    known = set(labels)
    for part in ("validation", "test"):
        strange = Counter(item.label for item in parts.get(part, ()) if item.label not in known)
        if strange:
            parts[part] = [example for example in parts[part] if example.label in known]
            notices.append(
                f"{sum(strange.values()):,} rows of the {part} part have labels that the training "
                f"part lacks ({quoted(strange)}) and were left out."
            )
        if part in parts and not parts[part]:
            del parts[part]


def _divide(parts: Parts, seed: int) -> tuple[list[Example], list[Example], list[Example]]:
    """Take what is missing of validation and test part out of the training part."""
    shares = {"test": TEST, "validation": VALIDATION}
    missing = {part: share for part, share in shares.items() if part not in parts}
    by_label: defaultdict[str, list[Example]] = defaultdict(list)
    for example in parts["train"]:
        by_label[example.label].append(example)
    chance = random.Random(seed)
    drawn: Parts = {"train": [], **{part: [] for part in missing}}
    for label in sorted(by_label):
        rows = by_label[label]
        chance.shuffle(rows)
        total = len(rows)
        for part, share in missing.items():
            count = max(1, round(total * share))
            drawn[part] += rows[:count]
            rows = rows[count:]
        drawn["train"] += rows
    for examples in drawn.values():
        chance.shuffle(examples)
    whole = {**parts, **drawn}
    return whole["train"], whole["validation"], whole["test"]
