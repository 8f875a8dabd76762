"""The texts and questions that composed turns are about, from a folder of data sets."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.router import utterances
from assistant.router.utterances import MATERIAL
from assistant.settings import PROJECT
from assistant.training.datasets import Row, rows

DOCUMENTS = PROJECT / "index" / "documents"
WORDINGS = PROJECT / "prompts" / "turns"
REMARKS = 12_000  # as many are drawn
SHORTEST = 12  # characters of a text
REMARK_SETS = (
    "cls_sst2_sentences/train",
    "cls_uci_sentences/amazon",
    "cls_uci_sentences/yelp",
    "cls_semeval_twitter_sentiment/train",
    "cls_imdb_first2798/data",
)
COMMENT_SETS = (
    "tox_jigsaw_samples/balanced",
    "tox_youtoxic/train",
    "tox_surge/train",
    "tox_hatemoji_build/train",
    "spam_youtube/youtube01-psy",
    "spam_sms/train",
)
NAMES_SETS = ("ner_uner_ewt/train", "ner_wikigold/train", "ner_crossner/politics.train")
QUESTION_SETS = (
    "qa_squad_train_sample/train",
    "qa_squadshifts/new_wiki.train",
    "qa_squadshifts/amazon_reviews.train",
    "qa_fairytaleqa/train",
    "qa_policyqa/train",
    "qa_friendsqa/train",
)
_DETOKENISE = (  # in order: signs, brackets and quotes go to the words that they belong to
    (re.compile(r" ([,.;:!?%)\]}]|'s|n't|'re|'ve|'ll|'d|'m)(?=\s|$)"), r"\1"),
    (re.compile(r"([(\[{$]) "), r"\1"),
    (re.compile(r"(``|'')"), '"'),
    (re.compile(r'" ([^"]*?) "'), r'"\1"'),
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Texts by kind, short opinions to whole paragraphs, and (question, passage) pairs."""

    remark: Sequence[str]
    comment: Sequence[str]
    names: Sequence[str]
    passage: Sequence[str]
    story: Sequence[str]
    questions: Sequence[tuple[str, str]]


def read(data: Path, seed: int) -> Sources:
    """Return what ``data`` and the project's own files hold.

    Raises:
        InputError: a data set is missing or damaged.
    """
    own = [example.instruction for example in utterances.read() if example.intent == MATERIAL]
    remarks = random.Random(seed).sample(_texts(data, REMARK_SETS), REMARKS)
    pairs = [(row["question"], row["context"]) for row in _rows(data, QUESTION_SETS)]
    pages = [page.read_text("utf-8") for page in sorted(DOCUMENTS.glob("*.md"))]
    stories = {row["context"] for row in _rows(data, ["qa_fairytaleqa/train"])}
    stories |= {row["document"] for row in _rows(data, ["sum_scitldr/train"])}
    stories |= {part for page in pages for part in page.split("\n\n") if len(part) > 80}
    return Sources(
        remark=_long_enough([*remarks, *own, *own, *own]),
        comment=_long_enough(_texts(data, COMMENT_SETS)),
        names=_long_enough([written(row["tokens"]) for row in _rows(data, NAMES_SETS)]),
        passage=_long_enough([*sorted({passage for _, passage in pairs}), *own]),
        story=_long_enough(sorted(stories)),
        questions=pairs,
    )


def wordings(name: str) -> list[str]:
    """Return the lines of a file in ``prompts/turns`` without its comments."""
    lines = (WORDINGS / f"{name}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("# ")]


def written(words: Sequence[str]) -> str:
    """Return the words of a corpus as people write them, signs at their words."""
    text = " ".join(words)
    for pattern, to in _DETOKENISE:
        text = pattern.sub(to, text)
    return text


def _rows(data: Path, names: Sequence[str]) -> list[Row]:
    return [row for name in names for row in rows(data / f"{name}.jsonl.gz")]


def _texts(data: Path, names: Sequence[str]) -> list[str]:
    return [row["text"] for row in _rows(data, names)]


def _long_enough(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if len(text) > SHORTEST]
