"""Entities: sets of unlike types, mapped to PER, ORG, LOC and MISC."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.training import datasets
from assistant.training.datasets import Row, Split, Tagged

LANDMARK = "ner_uner_ewt"
PLAIN_TYPES = {name: name for name in ("PER", "ORG", "LOC", "MISC")}
WNUT_TYPES = {
    "person": "PER",
    "location": "LOC",
    "corporation": "ORG",
    "group": "ORG",
    "product": "MISC",
    "creative-work": "MISC",
}
CROSSNER_TYPES = {
    **dict.fromkeys(("person", "politician", "researcher", "scientist", "writer"), "PER"),
    "musicalartist": "PER",
    **dict.fromkeys(("organisation", "university", "politicalparty", "band"), "ORG"),
    **dict.fromkeys(("country", "location"), "LOC"),
    **dict.fromkeys(("misc", "product", "programlang", "conference", "book", "poem"), "MISC"),
    **dict.fromkeys(("magazine", "award", "event", "election", "song", "album"), "MISC"),
    "academicjournal": "MISC",
}


def plain(row: Row) -> Tagged:
    """Return a row with ``tokens`` and ``tags`` of the types PER, ORG, LOC and MISC."""
    return datasets.tagged_of(row, PLAIN_TYPES)


def mix(data: Path, seed: int) -> Split:
    """Return the project's mixture."""
    fields = ("ai", "literature", "music", "politics", "science")
    crossner = [
        f"ner_crossner/{field}.{part}" for field in fields for part in ("train", "validation")
    ]
    sources: list[tuple[list[str], Mapping[str, str], bool]] = [
        (["ner_uner_ewt/train", "ner_btc/train"], PLAIN_TYPES, False),
        (["ner_wikigold/train"] * 3, PLAIN_TYPES, True),
        (["ner_wnut17/train", "ner_wnut17/train", "ner_wnut17/validation"], WNUT_TYPES, True),
        (crossner, CROSSNER_TYPES, True),
    ]
    train = [
        datasets.tagged_of(row, types, complete)
        for names, types, complete in sources
        for row in datasets.rows_of(data, *names)
    ]
    named = [item for item in train if set(item.tags) != {"O"}]
    nameless = [item for item in train if set(item.tags) == {"O"}]
    train = named + with_other_names(named, seed)
    train += datasets.sample(nameless, len(named) // 3, seed)  # they teach little each
    validation = [
        datasets.tagged_of(row, PLAIN_TYPES, complete)
        for name, complete in (("ner_uner_ewt", False), ("ner_wikigold", True))
        for row in datasets.rows_of(data, f"{name}/validation")
    ]
    return Split(train, validation)


def with_other_names(items: Sequence[Tagged], seed: int) -> list[Tagged]:
    """Return each sentence again with its names exchanged for others of the same kind.

    So that a name is known by what stands around it, not only because it was seen before.
    """
    chance = random.Random(seed)
    known: dict[str, list[tuple[str, ...]]] = {}
    for item in items:
        for start, end, kind in _names(item):
            known.setdefault(kind, []).append(item.words[start:end])
    made = []
    for item in items:
        words, tags, last = [], [], 0
        for start, end, kind in _names(item):
            name = chance.choice(known[kind])
            words += [*item.words[last:start], *name]
            tags += [*item.tags[last:start], f"B-{kind}", *[f"I-{kind}"] * (len(name) - 1)]
            last = end
        words += item.words[last:]
        tags += item.tags[last:]
        made.append(replace(item, words=tuple(words), tags=tuple(tags)))
    return made


def _names(item: Tagged) -> Iterator[tuple[int, int, str]]:
    """Yield the [start, end) words of each name, and its kind."""
    for start, tag in enumerate(item.tags):
        if tag[0] == "B":
            end = start + 1
            while end < len(item.tags) and item.tags[end][0] == "I":
                end += 1
            yield start, end, tag[2:]
