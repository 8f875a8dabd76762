"""Moderation: many sources, each of which knows some of the categories and not the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from assistant.models.heads import CATEGORIES
from assistant.training import contexts, datasets
from assistant.training.datasets import Row, Split, Text
from assistant.training.fairness import balanced, teaching_sentences

LANDMARK = "tox_jigsaw_samples"
CLEAN = dict.fromkeys(CATEGORIES, 0.0)
SEXUAL = re.compile(
    r"\b(porn\w*|dicks?|cocks?|cocksuck\w*|puss(y|ies)|cum|blow ?jobs?|masturbat\w*|penis\w*"
    r"|vagina\w*|horny|nudes?|naked|orgasms?|anal|boobs?|tits?|rape|erotic\w*|suck my"
    r"|sex|sexual\w*)\b",
    re.IGNORECASE,
)


def plain(row: Row) -> Text:
    """Return a row with ``scores``, ``labels`` or a toxic or not-toxic ``label``."""
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


PARTS, VALIDATION, TEST = 10, 0, 1  # of the Jigsaw comments; the other eight parts teach


def jigsaw(data: Path, *parts: int) -> list[Text]:
    """Return the Jigsaw comments of these parts, 0 to 9."""
    files = (f"tox_jigsaw_samples/{name}" for name in ("balanced", "multilabel", "lowercased"))
    rows = datasets.rows_of(data, *files)
    return [_jigsaw(row) for row in rows if datasets.part_of(row["text"], PARTS) in parts]


def mix(data: Path, seed: int) -> Split:
    """Return the project's mixture."""
    draw = datasets.sample
    davidson = datasets.rows_of(data, "tox_davidson/train")
    mild = [row for row in davidson if row["label"] == "offensive"]
    other = [row for row in davidson if row["label"] != "offensive"]
    clean = draw(datasets.rows_of(data, "cls_sst2_sentences/train"), 1_500, seed)
    clean += datasets.rows_of(data, *(f"cls_uci_sentences/{part}" for part in ("amazon", "yelp")))
    spam = datasets.rows_of(
        data, *(f"spam_youtube/youtube0{part}" for part in ("1-psy", "2-katyperry", "3-lmfao"))
    )
    tweets = datasets.rows_of(data, "cls_tweeteval_offensive/train")
    groups: list[tuple[Callable[[Row], Text], Iterable[Row]]] = [
        (_davidson, draw(mild, 3_000, seed) + other),
        (_hateful, draw(datasets.rows_of(data, "tox_edos/train"), 4_000, seed)),
        (_hateful, draw(datasets.rows_of(data, "tox_stormfront/train"), 2_500, seed)),
        (_hateful, datasets.rows_of(data, "tox_hatemoji_build/train", "tox_ethos/train")),
        (_youtoxic, datasets.rows_of(data, "tox_youtoxic/train")),
        (_offensive, [*tweets, *tweets, *datasets.rows_of(data, "tox_surge/train")]),
        (_spam, [*spam, *spam, *datasets.rows_of(data, "spam_sms/train")]),
        (_marked, datasets.rows_of(data, "span_toxic_spans/train") * 2),
        (lambda row: datasets.text_of(row, CLEAN), clean),
    ]
    held: list[tuple[Callable[[Row], Text], Iterable[Row]]] = [
        (_hateful, datasets.rows_of(data, "tox_hatemoji_build/validation")),
        (_offensive, datasets.rows_of(data, "cls_tweeteval_offensive/validation")),
        (_spam, datasets.rows_of(data, "spam_youtube/youtube04-eminem", "spam_sms/validation")),
        (_marked, datasets.rows_of(data, "span_toxic_spans/validation")),
    ]
    train, validation = (
        [convert(row) for convert, rows in part for row in rows] for part in (groups, held)
    )
    train += jigsaw(data, *range(TEST + 1, PARTS))
    train += balanced(train, seed)
    train += [Text(sentence, CLEAN) for sentence in teaching_sentences()] * 3
    train += contexts.sentences(seed) * 2
    return Split(train, jigsaw(data, VALIDATION) + validation)
