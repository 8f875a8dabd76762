"""What makes labelled texts unfit to learn from: refused as an InputError, noted if only odd."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.errors import InputError
from assistant.training.labelled import Example, Labelled

FEWEST = 20  # rows in all
FEWEST_PER_CLASS = 5  # rows, so that each part has one and something is left to learn from
MOST_CLASSES = 200
LONGEST_LABEL = 80  # characters
GIVEN_AWAY = 0.9  # share of texts that hold their own label from which nothing is left to learn
SUSPICIOUS = 0.3  # and from which a notice is due
UNEVEN = 20  # the largest class over the smallest, from which a notice is due
LOOKED_AT = 2_000  # texts that are searched for their label
SHOWN = 5  # names in a message


def check_labels(data: Labelled, examples: Sequence[Example]) -> None:
    """Refuse a label column that cannot be one."""
    other = f"The columns are {', '.join(data.columns)}; choose others of them if need be."
    if len(examples) == 1:
        raise InputError(f"{data.source} holds one row only. {FEWEST} at least are needed.")
    if data.text_column == data.label_column:
        raise InputError(
            f"The column {data.label_column!r} is both text and label, so the model would be "
            f"shown the answer. {other}"
        )
    kinds = Counter(example.label for example in examples)
    if len(kinds) == 1:
        raise InputError(
            f"All {len(examples):,} rows have the same label, {quoted(kinds)} "
            f"(column {data.label_column!r}); two kinds at least are needed. {other}"
        )
    longest = max(kinds, key=len)
    texts = len({example.text for example in examples})
    if len(longest) > LONGEST_LABEL or len(kinds) > max(FEWEST_PER_CLASS, len(examples) / 2):
        swapped = texts < len(kinds)
        found = (
            f"one of {len(longest)} characters"
            if len(longest) > LONGEST_LABEL
            else f"{len(kinds):,} different ones in {len(examples):,} rows"
        )
        raise InputError(
            f"The column {data.label_column!r} does not look like labels: it holds {found}, such "
            f"as {quoted([longest])}. "
            + ("Text and label seem to be swapped. " if swapped else "")
            + other
        )
    if len(kinds) > MOST_CLASSES:
        raise InputError(
            f"The column {data.label_column!r} holds {len(kinds):,} different labels; at most "
            f"{MOST_CLASSES} can be told apart. Join rare ones, or take another column. {other}"
        )


def check_leakage(data: Labelled, examples: Sequence[Example], notices: list[str]) -> None:
    """Find texts that give their label away: a model would learn to read it off."""
    same = sum(example.text.casefold() == example.label.casefold() for example in examples)
    if same > len(examples) / 2:
        raise InputError(
            f"In {same:,} of {len(examples):,} rows the text is the label itself (columns "
            f"{data.text_column!r} and {data.label_column!r}), so every score would be perfect and "
            f"mean nothing. The columns are {', '.join(data.columns)}; choose another text column."
        )
    patterns = {
        label: re.compile(rf"(?<!\w){re.escape(label.casefold())}(?!\w)")
        for label in {example.label for example in examples}
    }
    if len(examples) > LOOKED_AT:
        examples = random.Random(0).sample(examples, LOOKED_AT)
    texts = [example.text.casefold() for example in examples]
    held = {
        label: [pattern.search(text) is not None for text in texts]
        for label, pattern in patterns.items()
    }
    own = sum(held[example.label][place] for place, example in enumerate(examples))
    foreign = sum(sum(places) for places in held.values()) - own
    share = own / len(examples)
    chance = foreign / (len(examples) * (len(patterns) - 1))
    if share < SUSPICIOUS or share < 2 * chance:
        return
    found = (
        f"The label itself stands in {own:,} of {len(examples):,} texts ({share:.0%}; the other "
        f"labels in {chance:.0%})"
    )
    if share >= GIVEN_AWAY:
        raise InputError(
            f"{found}, so the model would read it off instead of learning. Take the label out of "
            f"the column {data.text_column!r} and try again."
        )
    notices.append(f"{found}: part of the score may be reading it off.")


def check_counts(data: Labelled, counts: Counter[str], needed: int, notices: list[str]) -> None:
    """Refuse too few texts, of all or of one label; note uneven ones."""
    if len(counts) < 2:
        raise InputError(
            f"After leaving out what cannot be used, {data.source} has fewer than two labels "
            f"({quoted(counts) or 'none'}). {' '.join(notices)}"
        )
    few = [label for label, count in counts.items() if count < needed]
    if few:
        raise InputError(
            f"Too few texts for {quoted(few)}: {min(counts[label] for label in few)}, but each "
            f"label needs {needed}. Add texts, or join or remove these labels."
        )
    if counts.total() < FEWEST:
        raise InputError(
            f"{data.source} has {counts.total()} usable texts; {FEWEST} at least are needed, and "
            f"a hundred for each label make a useful model. {' '.join(notices)}".strip()
        )
    (common, most), (rare, least) = counts.most_common()[0], counts.most_common()[-1]
    if most >= UNEVEN * least:
        notices.append(
            f"The labels are uneven: {most:,} texts are {common!r}, {least:,} {rare!r}. Look at "
            "the F1 of each label, not at accuracy alone."
        )


def quoted(names: Iterable[str]) -> str:
    """Return the first names, in quotes and cut short."""
    listed = list(names)
    shown = ", ".join(
        f"“{name[:40]}…”" if len(name) > 40 else f"“{name}”" for name in listed[:SHOWN]
    )
    return shown + (f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else "")
