"""Small data of our own, and a small real checkpoint: random weights, real tokenizer and files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.training.labelled import Example, Labelled
from assistant.training.preparation import Prepared, prepare

WORDS = {
    "good": ("adore", "lovely", "splendid", "wonderful"),
    "bad": ("loathe", "horrible", "useless", "dreadful"),
}
THINGS = ("cake", "boat", "garden", "song", "teacher", "river", "window", "letter")


def moods(count: int, seed: int = 0) -> list[Example]:
    """Return ``count`` short sentences, each with a word that tells its label."""
    draw = random.Random(seed)
    labels = [list(WORDS)[place % 2] for place in range(count)]
    return [
        Example(
            f"the {draw.choice(THINGS)} and the {draw.choice(THINGS)} of house {place} "
            f"were {draw.choice(WORDS[label])}",
            label,
        )
        for place, label in enumerate(labels)
    ]


def table(file: Path, examples: Sequence[Example]) -> str:
    """Write a CSV of the examples and return its name."""
    lines = [f'"{example.text}",{example.label}' for example in examples]
    file.write_text("\n".join(["text,label", *lines]), "utf-8")
    return str(file)


@pytest.fixture(scope="session")
def prepared() -> Prepared:
    examples = tuple(moods(80))
    return prepare(Labelled("moods", ("text", "label"), "text", "label", {"train": examples}))


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A DistilBERT of two layers with a WordPiece vocabulary learned from the sentences."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import (
        DistilBertConfig,
        DistilBertForSequenceClassification,
        PreTrainedTokenizerFast,
    )

    folder = tmp_path_factory.mktemp("tiny") / "base"
    folder.mkdir()
    learned = BertWordPieceTokenizer()
    learned.train_from_iterator([item.text for item in moods(200)], show_progress=False)
    learned.save(str(folder / "tokenizer.json"))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        model_max_length=32,
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        unk_token="[UNK]",
        mask_token="[MASK]",
    )
    torch.manual_seed(0)
    config = DistilBertConfig(
        vocab_size=len(tokenizer), dim=48, n_layers=2, n_heads=4, hidden_dim=64, num_labels=5
    )
    DistilBertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
