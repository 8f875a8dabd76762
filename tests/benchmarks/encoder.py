"""Times the sentiment model beside what transformers and sentence-transformers do with the same
weights, in one run, on one thread each.

    OMP_NUM_THREADS=1 taskset -c 0 python -m tests.benchmarks.encoder

The three take turns, so that a busy machine is equally busy for all of them; each figure is the
best of the rounds, and the ratios are of those.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from assistant.models.adapter import load, merge
from assistant.models.catalogue import EMBEDDED
from assistant.models.classifier import Classifier
from assistant.models.encoder import Encoder, package_folder

SHORT = "the plot dragged but I loved the ending"
BATCH = 32  # texts, of the pipeline
WORDS = (
    "the film was slow and I nearly left but then her voice on that last song made me stay so "
    "thank you for sharing this video with all of us who could not be there in person"
)


def comments(count: int) -> list[str]:
    """Return texts as long as comments are: mostly 5 to 40 words, a few of 200."""
    draw = random.Random(0)
    sizes = [min(200, max(2, round(draw.lognormvariate(2.9, 0.9)))) for _ in range(count)]
    return [" ".join(draw.choices(WORDS.split(), k=size)) for size in sizes]


def seconds(work: Callable[[], Any]) -> float:
    """Return how long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_ms(classifier: Classifier, times: int) -> float:
    """Return the median over calls with one short text each."""
    return 1000 * statistics.median(
        seconds(lambda: classifier.predict([SHORT])) for _ in range(times)
    )


def pipeline(encoder: Encoder, folder: Path) -> Callable[[Sequence[str]], Any]:
    """Return the pipeline of transformers with the merged weights of the sentiment model.

    Its own head is a BERT pooler and a linear layer: next to nothing beside the six layers.
    """
    from transformers import AutoTokenizer, BertForSequenceClassification
    from transformers import pipeline as make

    model = BertForSequenceClassification.from_pretrained(package_folder(), num_labels=3)
    merged = merge(encoder.weights, load(EMBEDDED / "sentiment", encoder))
    tensors = {
        f"bert.{name}": torch.from_numpy(array.copy())
        for name, array in merged.items()
        if f"bert.{name}" in model.state_dict()
    }
    model.load_state_dict(tensors, strict=False)
    model.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(package_folder())
    ready = make("text-classification", model=str(folder), tokenizer=tokenizer, device="cpu")
    return lambda texts: ready(list(texts), batch_size=BATCH, truncation=True, max_length=256)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    from sentence_transformers import SentenceTransformer

    encoder = Encoder(threads=1)
    classifier = Classifier(load(EMBEDDED / "sentiment", encoder), encoder, threads=1)
    texts = comments(chosen.texts)
    with tempfile.TemporaryDirectory() as folder:
        theirs = pipeline(encoder, Path(folder))
    sentence = SentenceTransformer(str(package_folder()), device="cpu")
    rivals: dict[str, Callable[[], Any]] = {
        "sentiment": lambda: classifier.predict(texts),
        "pipeline": lambda: theirs(texts),
        "encoder": lambda: encoder.encode(texts),
        "sentence_transformers": lambda: sentence.encode(texts),
    }
    classifier.predict([SHORT])
    encoder.encode([SHORT])
    rounds = [{name: seconds(work) for name, work in rivals.items()} for _ in range(chosen.rounds)]
    rate = {name: len(texts) / min(one[name] for one in rounds) for name in rivals}
    figures = {
        "short_text_ms": median_ms(classifier, 200),
        "texts_per_second": rate,
        "sentiment_over_pipeline": rate["sentiment"] / rate["pipeline"],
        "encoder_over_sentence_transformers": rate["encoder"] / rate["sentence_transformers"],
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
