"""Examples → rows of token ids and targets, the same token layout that the run time builds."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.models.heads import CATEGORIES, ENTITY_TAGS, HEADS
from assistant.models.layout import join_pair, join_single
from assistant.models.tokens import TextTokenizer, Tokens
from assistant.training.datasets import Question, Tagged, Text

UNKNOWN = -100
MAX_TOKENS = {"sentiment": 128, "entities": 96, "moderation": 128, "reader": 208}
QUESTION_TOKENS = 48


@dataclass(frozen=True, slots=True)
class Encoded:
    """One row of a batch; ``targets`` by head: a number, one a label, one a token, or two."""

    ids: list[int]
    segments: list[int]
    features: list[int]
    targets: dict[str, Any] = field(default_factory=dict)


class Encoding:
    """Examples of a role that become rows when they are asked for.

    Attributes:
        sizes: how many tokens each row has, give or take two, for batches of like length.
    """

    def __init__(self, role: str, examples: Sequence[Any], tokenizer: TextTokenizer) -> None:
        self._convert = ENCODERS[role]
        self._examples = examples
        self._tokenizer = tokenizer
        texts = [_texts(example) for example in examples]
        different = list({text for pair in texts for text in pair})
        counts = dict(zip(different, map(len, tokenizer.ids(different)), strict=True))
        longest = MAX_TOKENS[role]
        self.sizes = [min(longest, 2 + sum(counts[text] for text in pair)) for pair in texts]

    def encode(self, place: int, chance: random.Random) -> Encoded:
        """Return the example at ``place`` as a row; ``chance`` decides what may vary."""
        return self._convert(self._examples[place], self._tokenizer, chance)


def _texts(example: Text | Tagged | Question) -> tuple[str, ...]:
    if isinstance(example, Text):
        return (example.text,)
    if isinstance(example, Tagged):
        return (" ".join(example.words),)
    return (example.question, example.context)


def _sentiment(example: Text, tokenizer: TextTokenizer, _: random.Random) -> Encoded:
    labels = HEADS["sentiment"][0].labels
    tokens = tokenizer.read(example.text).cut(0, MAX_TOKENS["sentiment"] - 2)
    label = next(iter(example.scores))
    return Encoded(*join_single(tokens), {"sentiment": labels.index(label)})


def _moderation(example: Text, tokenizer: TextTokenizer, _: random.Random) -> Encoded:
    tokens = tokenizer.read(example.text).cut(0, MAX_TOKENS["moderation"] - 2)
    nan = float("nan")
    scores = [example.scores.get(name, nan) for name in CATEGORIES]
    harmless = example.marks is None and example.scores.get("toxicity") == 0.0
    inner = [nan if example.marks is None and not harmless else 0.0] * len(tokens)
    for start, end in example.marks or ():
        for place in range(len(tokens)):
            if tokens.starts[place] < end and tokens.ends[place] > start:
                inner[place] = 1.0
    return Encoded(*join_single(tokens), {"categories": scores, "toxic": [nan, *inner, nan]})


def _entities(example: Tagged, tokenizer: TextTokenizer, chance: random.Random) -> Encoded:
    """Also writes some sentences in lower case or capitals, as people do."""
    draw = chance.random()
    written = [
        word.lower() if draw < 0.08 else word.upper() if draw > 0.97 else word
        for word in example.words
    ]
    tokens = tokenizer.read(" ".join(written))
    starts: dict[int, str] = {}
    position = 0
    for word, tag in zip(written, example.tags, strict=True):
        starts[position] = tag
        position += len(word) + 1
    targets = _tag_targets(tokens, starts, example.complete)
    limit = MAX_TOKENS["entities"] - 2
    row = join_single(tokens.cut(0, limit))
    return Encoded(*row, {"entities": [UNKNOWN, *targets[:limit], UNKNOWN]})


def _tag_targets(tokens: Tokens, starts: dict[int, str], complete: bool) -> list[int]:
    """Tag the first token of each word; a word that splits at signs goes on inside its entity."""
    outside = 0 if complete else len(ENTITY_TAGS)  # past the end: "O or MISC", see network.loss
    targets: list[int] = []
    current, previous = "O", -1
    for start, word in zip(tokens.starts, tokens.words, strict=True):
        if word == previous:
            targets.append(UNKNOWN)
            continue
        previous = word
        current = starts.get(start, current if current == "O" else f"I{current[1:]}")
        targets.append(outside if current == "O" else ENTITY_TAGS.index(current))
    return targets


def _reader(example: Question, tokenizer: TextTokenizer, chance: random.Random) -> Encoded:
    question = tokenizer.read(example.question).cut(0, QUESTION_TOKENS)
    context = tokenizer.read(example.context)
    room = MAX_TOKENS["reader"] - len(question) - 3
    bounds = None
    if example.answers:
        first = example.answers[0]
        bounds = _token_bounds(context, *first)
    offset = 0
    if len(context) > room:  # a window somewhere around the answer
        latest = len(context) - room
        wanted = bounds or (chance.randrange(len(context)),) * 2
        low = max(0, min(latest, wanted[1] - room + 1))
        offset = chance.randint(low, max(low, min(latest, wanted[0])))
    target = [0, 0]
    if example.answers:
        shift = len(question) + 2 - offset
        inside = bounds is not None and bounds[1] - offset < room
        target = [bounds[0] + shift, bounds[1] + shift] if bounds and inside else [UNKNOWN] * 2
    row = join_pair(question, context.cut(offset, offset + room))
    return Encoded(*row, {"bounds": target})


def _token_bounds(tokens: Tokens, start: int, end: int) -> tuple[int, int] | None:
    inside = [
        place
        for place in range(len(tokens))
        if tokens.starts[place] < end and tokens.ends[place] > start
    ]
    return (inside[0], inside[-1]) if inside else None


ENCODERS: dict[str, Callable[[Any, TextTokenizer, random.Random], Encoded]] = {
    "sentiment": _sentiment,
    "moderation": _moderation,
    "entities": _entities,
    "reader": _reader,
}
