"""Sentiment: sentences, tweets, comments and long reviews, as negative, neutral or positive."""

from __future__ import annotations

import random
from pathlib import Path

from assistant.text import sentences
from assistant.training import datasets
from assistant.training.datasets import Row, Split, Text

LANDMARK = "cls_sst2_sentences"
UCI = ("amazon", "imdb", "yelp")
STUDIED = 1_000  # rows of the IMDB file that the seed study tests on: none of them teaches
LONGEST = 500  # characters of a stretch that a review is taught in, about what a window holds


def plain(row: Row) -> Text:
    """Return a row with ``text`` and ``label``."""
    return datasets.text_of(row, {row.get("label", ""): 1.0})


def mix(data: Path, seed: int) -> Split:
    """Return the project's mixture."""
    reviews = datasets.rows_of(data, "cls_sst2_sentences/train")
    train = (
        datasets.rows_of(data, "cls_sst2_glue/train", "cls_semeval_twitter_sentiment/train")
        + reviews
    )
    youtube = datasets.rows_of(data, "cls_youtube_sentiment/train")
    for label in ("negative", "neutral", "positive"):  # labels of unknown origin: few of them
        train += datasets.sample([row for row in youtube if row["label"] == label], 1_000, seed)
    reviews += uci(data, held_out=False)
    train += reviews + long_reviews(reviews, 4_000, seed)
    train += [{"text": fact, "label": "neutral"} for fact in facts(data, 5_000, seed)]
    whole = [
        {"text": stretch, "label": row["label"]}
        for row in imdb(data, held_out=False)
        for stretch in stretches(row["text"])
    ]
    train += whole * 2
    validation = datasets.rows_of(
        data, "cls_sst2_glue/validation", "cls_tweeteval_sentiment/validation"
    )
    return Split([plain(row) for row in train], [plain(row) for row in validation])


def facts(data: Path, count: int, seed: int) -> list[str]:
    """Return ``count`` sentences of Wikipedia, which as a rule state and do not judge."""
    rows = datasets.rows_of(data, "qa_qamr/train", "qa_squad_train_sample/train")
    texts = {row["context"] for row in rows}
    found = {text[start:end] for text in texts for start, end in sentences(text)}
    return datasets.sample(sorted(found), count, seed)


def uci(data: Path, held_out: bool) -> list[Row]:
    """Return the UCI sentences that are held out, a third of them, or the others."""
    rows = datasets.rows_of(data, *(f"cls_uci_sentences/{name}" for name in UCI))
    return [row for row in rows if datasets.held_out(row["text"], 3) == held_out]


def imdb(data: Path, held_out: bool) -> list[Row]:
    """Return the whole IMDB reviews that are held out, about two thirds, or the others."""
    rows = datasets.rows_of(data, "cls_imdb_first2798/data")
    return [
        row
        for place, row in enumerate(rows)
        if (place < STUDIED or datasets.held_out(row["text"], 2)) == held_out
    ]


def stretches(text: str) -> list[str]:
    """Return a long review in stretches of whole sentences, as the run time's windows are long."""
    bounds: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if bounds and end - bounds[-1][0] <= LONGEST:
            bounds[-1] = (bounds[-1][0], end)
        else:
            bounds.append((start, end))
    return [text[start:end] for start, end in bounds]


def long_reviews(rows: list[Row], count: int, seed: int) -> list[Row]:
    """Return ``count`` reviews of three to seven sentences, at most a third of other opinion.

    Whole reviews praise and blame; sentences alone would teach that one word decides.
    """
    chance = random.Random(seed)
    by_label: dict[str, list[str]] = {"negative": [], "positive": []}
    for row in rows:
        by_label[row["label"]].append(row["text"])
    made: list[Row] = []
    for place in range(count):
        label, other = ("negative", "positive")[:: 1 if place % 2 else -1]
        size = chance.randint(3, 7)
        strange = chance.randint(0, size // 3)
        texts = chance.sample(by_label[label], size - strange)
        texts += chance.sample(by_label[other], strange)
        chance.shuffle(texts)
        made.append({"text": " ".join(texts), "label": label})
    return made
