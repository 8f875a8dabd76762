"""Which files teach a role, and how their labels translate: role → training and validation parts.

A folder laid out like the project's data sets is mixed by the recipes below. Any other file or
folder is read by the plain row layout of the role (README of this package's models).
Files named test, and those that validate, are never trained on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from assistant.models.heads import CATEGORIES
from assistant.training import datasets
from assistant.training.datasets import Question, Row, Tagged, Text

Example = Text | Tagged | Question


@dataclass(frozen=True, slots=True)
class Split:
    """Training and validation examples that share nothing."""

    train: list[Any]
    validation: list[Any]


def read(role: str, data: Path, seed: int) -> Split:
    """Return the examples for ``role`` from a data folder or one file.

    Raises:
        InputError: the role is unknown, there is no data, or a row is not of the role's layout.
    """
    if role not in RECIPES:
        raise InputError(f"{role!r} cannot be trained; choose one of {', '.join(RECIPES)}.")
    if not data.exists():
        raise InputError(f"The data {data} does not exist; give --data a folder or .jsonl file.")
    mixed, plain, landmark = RECIPES[role]
    split = mixed(data, seed) if (data / landmark).is_dir() else _plain(data, plain)
    if not split.train or not split.validation:
        raise InputError(
            f"{data} gives {len(split.train)} training and {len(split.validation)} validation "
            f"examples for {role}; at least one of each is needed."
        )
    return split


def _plain(data: Path, convert: Callable[[Row], Example]) -> Split:
    examples = [convert(row) for file in datasets.files(data) for row in datasets.rows(file)]
    return Split(
        [example for place, example in enumerate(examples) if place % 10],
        [example for place, example in enumerate(examples) if place % 10 == 0],
    )


def _rows(data: Path, *names: str) -> list[Row]:
    return [row for name in names for row in datasets.rows(data / f"{name}.jsonl.gz")]


# --- sentiment ---------------------------------------------------------------------------------


def _labelled(row: Row) -> Text:
    return datasets.text_of(row, {row.get("label", ""): 1.0})


def _sentiment(data: Path, seed: int) -> Split:
    phrases = [row for row in _rows(data, "cls_sst2_glue/train") if row["text"].count(" ") >= 3]
    train = _rows(data, "cls_sst2_sentences/train", "cls_semeval_twitter_sentiment/train")
    train += datasets.sample(phrases, 14_000, seed)
    youtube = _rows(data, "cls_youtube_sentiment/train")
    for label in ("negative", "neutral", "positive"):  # labels of unknown origin: few of them
        train += datasets.sample([row for row in youtube if row["label"] == label], 1_000, seed)
    for source in ("amazon", "imdb", "yelp"):
        rows = _rows(data, f"cls_uci_sentences/{source}")
        train += [row for row in rows if not datasets.held_out(row["text"], 3)]
    facts = sorted({row["context"] for row in _rows(data, "qa_qamr/train")})
    train += [{"text": fact, "label": "neutral"} for fact in facts]
    validation = _rows(data, "cls_sst2_glue/validation", "cls_tweeteval_sentiment/validation")
    return Split([_labelled(row) for row in train], [_labelled(row) for row in validation])


# --- entities ----------------------------------------------------------------------------------

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


def _entities(data: Path, seed: int) -> Split:
    fields = ("ai", "literature", "music", "politics", "science")
    crossner = [
        f"ner_crossner/{field}.{part}" for field in fields for part in ("train", "validation")
    ]
    sources: list[tuple[list[str], Mapping[str, str], bool]] = [
        (["ner_uner_ewt/train", "ner_btc/train"], PLAIN_TYPES, False),
        (["ner_wikigold/train"] * 3, PLAIN_TYPES, True),
        (["ner_wnut17/train"], WNUT_TYPES, True),
        (crossner, CROSSNER_TYPES, True),
    ]
    train = [
        datasets.tagged_of(row, types, complete)
        for names, types, complete in sources
        for row in _rows(data, *names)
    ]
    named = [item for item in train if set(item.tags) != {"O"}]
    nameless = [item for item in train if set(item.tags) == {"O"}]
    train = named + datasets.sample(nameless, len(named) // 4, seed)  # they teach little each
    validation = [
        datasets.tagged_of(row, PLAIN_TYPES, complete)
        for name, complete in (("ner_uner_ewt", False), ("ner_wikigold", True))
        for row in _rows(data, f"{name}/validation")
    ]
    return Split(train, validation)


# --- reader ------------------------------------------------------------------------------------


def _reader(data: Path, seed: int) -> Split:
    train = _rows(data, "qa_squad_train_sample/train", "qa_squadshifts/new_wiki.train")
    train += datasets.sample(_rows(data, "qa_qamr/train"), 16_000, seed)
    questions = [datasets.question_of(row) for row in train]
    questions += unanswerable(questions, every=4, seed=seed)
    validation = datasets.sample(_rows(data, "qa_squadshifts/new_wiki.validation"), 400, seed)
    answerable = [datasets.question_of(row) for row in validation]
    return Split(questions, answerable + unanswerable(answerable, every=2, seed=seed))


def unanswerable(questions: list[Question], every: int, seed: int) -> list[Question]:
    """Pair one question in ``every`` with another context: the likest of 60 without its answer."""
    words = {item.context: _words(item.context) for item in questions}
    contexts = sorted(words)
    pairs = []
    for place, item in enumerate(datasets.sample(questions, len(questions) // every, seed)):
        asked = _words(item.question)
        answers = [item.context[start:end].lower() for start, end in item.answers]
        others = [
            other
            for other in datasets.sample(contexts, 60, seed + place)
            if other != item.context and not any(answer in other.lower() for answer in answers)
        ]
        if others:
            best = max(others, key=lambda other: len(asked & words[other]))
            pairs.append(Question(item.question, best, ()))
    return pairs


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", text.lower()) if len(word) > 3)


# --- moderation --------------------------------------------------------------------------------

CLEAN = dict.fromkeys(CATEGORIES, 0.0)
SEXUAL = re.compile(
    r"\b(porn\w*|dicks?|cocks?|cocksuck\w*|puss(y|ies)|cum|blow ?jobs?|masturbat\w*|penis\w*"
    r"|vagina\w*|horny|nudes?|naked|orgasms?|anal|boobs?|tits?|rape|erotic\w*|suck my"
    r"|sex|sexual\w*)\b",
    re.IGNORECASE,
)


def _moderation_plain(row: Row) -> Text:
    scores = row.get("scores") or dict.fromkeys(row.get("labels", ()), 1.0)
    known = {name: float(score) for name, score in scores.items() if name in CATEGORIES}
    if row.get("label") in ("toxic", "not-toxic"):
        known["toxicity"] = float(row["label"] == "toxic")
    return datasets.text_of(row, known)


def _jigsaw(row: Row) -> Text:
    if row["label"] == "not-toxic":
        return datasets.text_of(row, CLEAN)
    scores: dict[str, float] = {"toxicity": 1.0, "spam": 0.0}
    if "labels" in row:
        names = {"severe_toxic": "severe_toxicity", "obscene": "profanity", "insult": "insult"}
        names |= {"identity_hate": "identity_attack", "threat": "threat"}
        scores |= {ours: float(theirs in row["labels"]) for theirs, ours in names.items()}
    scores["sexually_explicit"] = float(SEXUAL.search(row["text"]) is not None)
    return datasets.text_of(row, scores)


def _davidson(row: Row) -> Text:
    hate, _, neither = (vote / sum(row["votes"]) for vote in row["votes"])
    profane = {"profanity": 1.0} if row["label"] == "offensive" else {}
    if row["label"] == "neither":
        return datasets.text_of(row, {"toxicity": 0.0, "identity_attack": 0.0, "threat": 0.0})
    return datasets.text_of(
        row, {"toxicity": 1.0 - neither, "identity_attack": min(1.0, 2 * hate), **profane}
    )


def _hateful(row: Row) -> Text:
    """Sources that label hate against groups only: a negative may still be toxic otherwise."""
    hateful = row["label"] in ("hate", "hateful", "sexist")
    kind = row.get("type") or row.get("category") or ""
    if not hateful:
        clean = {"toxicity": 0.0} if "type" in row else {}
        return datasets.text_of(row, {"identity_attack": 0.0, **clean})
    threat = {"threat": float("threat" in kind)} if kind else {}
    return datasets.text_of(row, {"toxicity": 1.0, "identity_attack": 1.0, **threat})


def _youtoxic(row: Row) -> Text:
    labels = set(row.get("labels", ()))
    if not labels:
        return datasets.text_of(row, CLEAN)
    hateful = labels & {"hatespeech", "racist", "religioushate", "nationalist", "sexist"}
    scores = {"toxicity": 1.0, "spam": 0.0, "threat": float("threat" in labels)}
    scores |= {"identity_attack": float(bool(hateful)), "profanity": float("obscene" in labels)}
    return datasets.text_of(row, {**scores, "insult": float("abusive" in labels)})


def _offensive(row: Row) -> Text:
    offensive = float(row["label"] in ("offensive", "toxic"))
    return datasets.text_of(row, {"toxicity": offensive} if offensive else {**CLEAN})


def _spam(row: Row) -> Text:
    return datasets.text_of(row, {"spam": float(row["label"] == "spam")})


def _marked(row: Row) -> Text:
    return datasets.text_of(row, {"toxicity": 1.0, "spam": 0.0} if row["spans"] else {})


def _moderation(data: Path, seed: int) -> Split:
    draw = datasets.sample
    jigsaw = _rows(
        data, *(f"tox_jigsaw_samples/{part}" for part in ("balanced", "multilabel", "lowercased"))
    )
    davidson = _rows(data, "tox_davidson/train")
    mild = [row for row in davidson if row["label"] == "offensive"]
    other = [row for row in davidson if row["label"] != "offensive"]
    clean = draw(_rows(data, "cls_sst2_sentences/train"), 2_500, seed)
    clean += _rows(data, *(f"cls_uci_sentences/{part}" for part in ("amazon", "yelp")))
    spam = _rows(
        data, *(f"spam_youtube/youtube0{part}" for part in ("1-psy", "2-katyperry", "3-lmfao"))
    )
    groups: list[tuple[Callable[[Row], Text], Iterable[Row]]] = [
        (_jigsaw, [row for row in jigsaw if not datasets.held_out(row["text"], 10)]),
        (_davidson, draw(mild, 4_000, seed) + other),
        (_hateful, draw(_rows(data, "tox_edos/train"), 5_000, seed)),
        (_hateful, draw(_rows(data, "tox_stormfront/train"), 3_000, seed)),
        (_hateful, _rows(data, "tox_hatemoji_build/train", "tox_ethos/train")),
        (_youtoxic, _rows(data, "tox_youtoxic/train")),
        (_offensive, _rows(data, "cls_tweeteval_offensive/train", "tox_surge/train")),
        (_spam, [*spam, *spam, *_rows(data, "spam_sms/train")]),
        (_marked, _rows(data, "span_toxic_spans/train")),
        (lambda row: datasets.text_of(row, CLEAN), clean),
    ]
    held: list[tuple[Callable[[Row], Text], Iterable[Row]]] = [
        (_jigsaw, [row for row in jigsaw if datasets.held_out(row["text"], 10)]),
        (_hateful, _rows(data, "tox_hatemoji_build/validation")),
        (_offensive, _rows(data, "cls_tweeteval_offensive/validation")),
        (_spam, _rows(data, "spam_youtube/youtube04-eminem", "spam_sms/validation")),
        (_marked, _rows(data, "span_toxic_spans/validation")),
    ]
    return Split(
        *([convert(row) for convert, rows in part for row in rows] for part in (groups, held))
    )


RECIPES: dict[str, tuple[Callable[[Path, int], Split], Callable[[Row], Example], str]] = {
    "sentiment": (_sentiment, _labelled, "cls_sst2_sentences"),
    "entities": (_entities, lambda row: datasets.tagged_of(row, PLAIN_TYPES), "ner_uner_ewt"),
    "reader": (_reader, datasets.question_of, "qa_squad_train_sample"),
    "moderation": (_moderation, _moderation_plain, "tox_jigsaw_samples"),
}
