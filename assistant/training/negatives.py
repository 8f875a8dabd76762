"""Makes questions that a context does not answer, from questions that it does.

From easy to hard: another context about like things; the context without the sentences that hold
the answer; a name, number or word of the question replaced, turned round or negated.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from assistant.text import sentences
from assistant.training import datasets
from assistant.training.datasets import Question

Way = Callable[[Question, random.Random], Question | None]
CANDIDATES = 200  # contexts that are compared for the likest
OPPOSITES = {
    one: other
    for pair in [
        "first last",
        "before after",
        "largest smallest",
        "highest lowest",
        "most least",
        "more fewer",
        "male female",
        "increase decrease",
        "increased decreased",
        "north south",
        "east west",
        "northern southern",
        "eastern western",
        "early late",
        "earliest latest",
        "start end",
        "began ended",
        "begin end",
        "won lost",
        "win lose",
        "public private",
        "old new",
        "oldest youngest",
        "older younger",
        "high low",
        "long short",
        "longest shortest",
        "major minor",
        "major small",
        "large small",
        "larger smaller",
        "greater smaller",
        "greatest smallest",
        "best worst",
        "better worse",
        "above below",
        "over under",
        "include exclude",
        "included excluded",
        "accept reject",
        "accepted rejected",
        "allow forbid",
        "allowed forbidden",
        "support oppose",
        "supported opposed",
        "with without",
        "inside outside",
        "internal external",
        "positive negative",
        "strong weak",
        "rich poor",
        "buy sell",
        "bought sold",
        "open closed",
        "father mother",
        "son daughter",
        "brother sister",
        "husband wife",
        "king queen",
        "men women",
        "man woman",
        "boys girls",
        "day night",
        "summer winter",
        "spring autumn",
        "left right",
        "modern ancient",
        "rural urban",
        "common rare",
        "easy hard",
        "legal illegal",
        "formal informal",
        "direct indirect",
        "dependent independent",
        "able unable",
        "equal unequal",
        "known unknown",
        "used unused",
        "possible impossible",
        "always never",
        "all none",
        "only every",
        "same different",
        "similar different",
        "rise fall",
        "rose fell",
        "gain loss",
        "upper lower",
        "top bottom",
        "military civilian",
        "domestic foreign",
        "natural artificial",
        "died lived",
        "births deaths",
        "import export",
        "imports exports",
        "victory defeat",
        "friend enemy",
    ]
    for one, other in (pair.split(), pair.split()[::-1])
}
NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: (?:of |the |de )?[A-Z][\w’'-]+)*")
NUMBER = re.compile(r"\b\d[\d,.]*\b")
WORD = re.compile(r"[A-Za-z']+")
VERB = re.compile(r"\b(is|was|are|were|did|does|do|has|had|could|would)\b")
PLAIN = re.compile(r"\b[a-z]{5,}\b")
NEGATED = 0.15  # share of the questions that may get a "not": more, and any "not" would say it all


def negatives(questions: Sequence[Question], seed: int) -> list[Question]:
    """Return one unanswerable question, or none where no way fits, for each of ``questions``."""
    chance = random.Random(seed)
    names = [name for item in questions for name in NAME.findall(item.question)]
    usual: list[Way] = [
        without_answer,
        partial(other_name, names=names),
        other_number,
        other_word,
        opposite,
    ]
    made = []
    for item in questions:
        ways = usual + [negated] * (chance.random() < NEGATED)
        chance.shuffle(ways)
        made += next(([found] for way in ways if (found := way(item, chance))), [])
    return made


def without_answer(item: Question, _: random.Random) -> Question | None:
    """Return the question on its context less the sentences that hold an answer, if any stay."""
    answers = {item.context[start:end].lower() for start, end in item.answers}
    kept = [
        text
        for start, end in sentences(item.context)
        if not any(answer in (text := item.context[start:end]).lower() for answer in answers)
    ]
    return Question(item.question, " ".join(kept), ()) if len(kept) > 1 else None


def other_name(item: Question, chance: random.Random, names: Sequence[str]) -> Question | None:
    """Return the question with a name in it replaced by one of its context, or of another."""
    found = [match for match in NAME.finditer(item.question) if match[0] in item.context]
    if not found:
        return None
    answers = [item.context[start:end] for start, end in item.answers]
    near = [
        name
        for name in NAME.findall(item.context)
        if name not in item.question and not any(name in text or text in name for text in answers)
    ]
    others = near if near and chance.random() < 0.6 else names
    return _changed(item, chance.choice(found), chance.choice(others))


def other_number(item: Question, chance: random.Random) -> Question | None:
    """Return the question with a number in it replaced by another of as many digits."""
    found = [match for match in NUMBER.finditer(item.question) if match[0] in item.context]
    if not found:
        return None
    match = chance.choice(found)
    start = match[0][:2] if len(match[0]) == 4 else ""  # a year stays in its century
    digits = "".join(
        chance.choice("0123456789") if sign.isdigit() else sign for sign in match[0][len(start) :]
    )
    return _changed(item, match, start + digits) if start + digits != match[0] else None


def opposite(item: Question, chance: random.Random) -> Question | None:
    """Return the question with a word of it turned into its opposite."""
    found = [match for match in WORD.finditer(item.question) if match[0].lower() in OPPOSITES]
    if not found:
        return None
    match = chance.choice(found)
    word = OPPOSITES[match[0].lower()]
    return _changed(item, match, word.capitalize() if match[0][0].isupper() else word)


def other_word(item: Question, chance: random.Random) -> Question | None:
    """Return the question with a word replaced by one of its context that ends like it."""
    inside = set(PLAIN.findall(item.context))
    found = [match for match in PLAIN.finditer(item.question) if match[0] in inside]
    chance.shuffle(found)
    for match in found:
        alike = {word for word in inside if word[-2:] == match[0][-2:] and word[:4] != match[0][:4]}
        alike -= set(PLAIN.findall(item.question))
        if alike:
            return _changed(item, match, chance.choice(sorted(alike)))
    return None


def negated(item: Question, _: random.Random) -> Question | None:
    """Return the question with a "not" after its first auxiliary verb."""
    match = VERB.search(item.question)
    return _changed(item, match, f"{match[0]}n't") if match else None


def _changed(item: Question, match: re.Match[str], words: str) -> Question:
    question = item.question[: match.start()] + words + item.question[match.end() :]
    return replace(item, question=question, answers=())


def unanswerable(questions: list[Question], every: int, seed: int) -> list[Question]:
    """Pair one question in ``every`` with the likest of some contexts without its answer."""
    words = {item.context: _words(item.context) for item in questions}
    contexts = sorted(words)
    pairs = []
    for place, item in enumerate(datasets.sample(questions, len(questions) // every, seed)):
        asked = _words(item.question)
        answers = [item.context[start:end].lower() for start, end in item.answers]
        others = [
            other
            for other in datasets.sample(contexts, CANDIDATES, seed + place)
            if other != item.context and not any(answer in other.lower() for answer in answers)
        ]
        if others:
            best = max(others, key=lambda other: len(asked & words[other]))
            pairs.append(Question(item.question, best, ()))
    return pairs


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", text.lower()) if len(word) > 3)
