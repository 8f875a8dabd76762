"""Times moderation end to end beside what one would otherwise run, in one run on the same cores.

    taskset -c 0,1 python -m tests.benchmarks.moderation --data FOLDER

Ours reads every comment: normalisation, scores, marked words and the standard policy's verdict.
The others, which are slower, read samples: a BERT-base with toxic-bert's shape and no training
(weights do not change the time) in a transformers pipeline, one comment at a time as tutorials do
and in batches of 32, and our own model in such a pipeline. They cut comments at 512 tokens; ours
reads them whole. All take turns, so that a busy machine is equally busy for all of them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from assistant.models.adapter import load, merge
from assistant.models.catalogue import EMBEDDED
from assistant.models.encoder import Encoder, package_folder
from assistant.models.moderator import Moderator
from assistant.models.runtime import cores
from assistant.moderation.comments import Comment
from assistant.moderation.judging import Judge
from assistant.moderation.policy import standard
from assistant.training import datasets
from tests.benchmarks.encoder import seconds

SOURCES = (
    *(f"tox_jigsaw_samples/{name}" for name in ("balanced", "multilabel", "lowercased")),
    "tox_youtoxic/train",
    "tox_surge/train",
    *(f"spam_youtube/youtube0{name}" for name in ("1-psy", "2-katyperry", "3-lmfao", "4-eminem")),
)
SIZES = {"ours": 20_000, "bert_single": 160, "bert_batched": 160, "own_batched": 800}
BATCH, LONGEST, LABELS = 32, 512, 6  # of the pipelines; labels of toxic-bert

Work = Callable[[Sequence[str]], Any]


def pipelines(encoder: Encoder, folder: Path) -> dict[str, Work]:
    """Return the three rivals."""
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification
    from transformers import pipeline as make

    tokenizer = AutoTokenizer.from_pretrained(package_folder())
    torch.manual_seed(0)
    base = BertForSequenceClassification(BertConfig(num_labels=LABELS)).eval()
    own = BertForSequenceClassification.from_pretrained(package_folder(), num_labels=8)
    merged = merge(encoder.weights, load(EMBEDDED / "moderation", encoder))
    own.load_state_dict(
        {
            f"bert.{name}": torch.from_numpy(array.copy())
            for name, array in merged.items()
            if f"bert.{name}" in own.state_dict()
        },
        strict=False,
    )

    def ready(model: Any, name: str, size: int) -> Work:
        model.save_pretrained(folder / name)
        made = make(
            "text-classification",
            model=str(folder / name),
            tokenizer=tokenizer,
            device="cpu",
            top_k=None,
            function_to_apply="sigmoid",
        )
        limits = {"truncation": True, "max_length": LONGEST}
        if size == 1:
            return lambda texts: [made(text, **limits) for text in texts]
        return lambda texts: made(list(texts), batch_size=size, **limits)

    return {
        "bert_single": ready(base, "base", 1),
        "bert_batched": ready(base, "base", BATCH),
        "own_batched": ready(own, "own", BATCH),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the project's data sets")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--share", type=float, default=1.0, help="of the comments to time")
    chosen = parser.parse_args()
    torch.set_num_threads(cores())
    rows = datasets.rows_of(chosen.data, *SOURCES)
    texts = datasets.sample([row["text"] for row in rows], SIZES["ours"], seed=0)
    encoder = Encoder()
    model = Moderator(load(EMBEDDED / "moderation", encoder), encoder)
    judge = Judge(model, standard(model.thresholds, model.experimental))
    with tempfile.TemporaryDirectory() as folder:
        rivals = pipelines(encoder, Path(folder))
    rivals["ours"] = lambda part: judge.judge([Comment(text) for text in part])
    spent = dict.fromkeys(rivals, 0.0)
    done = dict.fromkeys(rivals, 0)
    for work in rivals.values():
        work(texts[:4])
    for number in range(chosen.rounds):
        for name, work in rivals.items():
            size = max(1, round(SIZES[name] * chosen.share / chosen.rounds))
            part = texts[number * size : (number + 1) * size]
            spent[name] += seconds(lambda work=work, part=part: work(part))  # type: ignore[misc]
            done[name] += len(part)
    rate = {name: done[name] / spent[name] for name in rivals}
    words = [len(text.split()) for text in texts]
    figures = {
        "cores": cores(),
        "words_mean_median": [statistics.mean(words), statistics.median(words)],
        "comments": done,
        "comments_per_second": rate,
        "ours_over": {name: rate["ours"] / rate[name] for name in rivals if name != "ours"},
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
