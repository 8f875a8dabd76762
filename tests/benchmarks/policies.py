"""What each shipped policy makes of labelled comments, and whether chosen thresholds keep to it.

    python -m tests.benchmarks.policies --data FOLDER

FOLDER holds the public data sets of the moderation card; none of these comments was trained on.
The hard cases are our own (``assistant/training/hard_cases.py``), the half that nobody tunes on.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from assistant.models.catalogue import Models
from assistant.models.moderator import Moderation
from assistant.moderation.comments import Comment
from assistant.moderation.examples import ANY
from assistant.moderation.policies import Policies
from assistant.moderation.policy import Policy
from assistant.moderation.scoring import Scorer
from assistant.moderation.workbench import Target, choose
from assistant.settings import Settings
from assistant.training import datasets, hard_cases
from assistant.training.recipes.moderation import TEST, jigsaw

SPLITS = 20
TARGETS = (Target(1, 50), Target(1, 20))
CHOSEN = {
    "toxicity": ("toxicity",),
    "four categories": ("toxicity", "identity_attack", "insult", "profanity"),
}
NOTHING: frozenset[str] = frozenset()
TOXIC = frozenset((ANY,))
Row = tuple[Mapping[str, float], frozenset[str]]


def groups(data: Path) -> dict[str, list[str]]:
    """Return the comments to measure on, by what they are."""
    comments = jigsaw(data, TEST)
    tweets = datasets.rows_of(data, "cls_tweeteval_offensive/test")
    video = datasets.rows_of(data, "spam_youtube/youtube04-eminem")
    return {
        "Jigsaw, harmless": [text.text for text in comments if text.scores["toxicity"] < 0.5],
        "Jigsaw, toxic": [text.text for text in comments if text.scores["toxicity"] >= 0.5],
        "tweets, harmless": [row["text"] for row in tweets if row["label"] != "offensive"],
        "tweets, offensive": [row["text"] for row in tweets if row["label"] == "offensive"],
        "YouTube, not spam": [row["text"] for row in video if row["label"] != "spam"],
        "YouTube, spam": [row["text"] for row in video if row["label"] == "spam"],
        **{kind: hard_cases.harmless(kind, "test") for kind in hard_cases.HARMLESS},
    }


def shares(policy: Policy, texts: Sequence[str], found: Sequence[Moderation]) -> dict[str, float]:
    """Return verdict → its share of the comments."""
    verdicts = Counter(
        policy.decide(Comment(text), one.scores, one.spans).verdict
        for text, one in zip(texts, found, strict=True)
    )
    return {verdict: round(verdicts[verdict] / len(texts), 4) for verdict in ("block", "review")}


def promises(
    harmless: Sequence[Moderation], toxic: Sequence[Moderation], target: Target
) -> dict[str, dict[str, float]]:
    """Choose thresholds on one half of the comments and look at the other, in many splits.

    Returns:
        categories → share of wrong removals in the other half, the mean and the highest, in how
        many splits it was above the target, and the share of toxic comments caught.
    """
    rows = [(one.scores, NOTHING) for one in harmless] + [(one.scores, TOXIC) for one in toxic]
    return {name: _kept(rows, categories, target) for name, categories in CHOSEN.items()}


def _kept(rows: Sequence[Row], categories: Sequence[str], target: Target) -> dict[str, float]:
    wrong, caught = [], []
    for seed in range(SPLITS):
        drawn = random.Random(seed).sample(rows, len(rows))
        seen, unseen = drawn[::2], drawn[1::2]
        scores = {name: [scores[name] for scores, _ in seen] for name in categories}
        cuts = choose([harms for _, harms in seen], scores, target).thresholds
        blocked = [
            (any(scores[name] >= cut for name, cut in cuts.items()), bool(harms))
            for scores, harms in unseen
        ]
        wrong.append(mean(found for found, harmful in blocked if not harmful))
        caught.append(mean(found for found, harmful in blocked if harmful))
    return {
        "wrong, mean": round(mean(wrong), 4),
        "wrong, highest": round(max(wrong), 4),
        "splits above the target": sum(share > target.share for share in wrong),
        "caught, mean": round(mean(caught), 4),
    }


def main() -> None:
    """Print JSON: group → number of comments, and policy → shares; then how promises are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    model = Models(Settings.read([])).moderation
    scorer = Scorer(model)
    with TemporaryDirectory() as empty:
        store = Policies.of(Path(empty), model)
        policies = [store.get(name) for name in store.names()]
    result: dict[str, Any] = {}
    scored = {}
    for group, texts in groups(data).items():
        found = scored[group] = scorer.score(texts)
        result[group] = {
            "comments": len(texts),
            **{policy.name: shares(policy, texts, found) for policy in policies},
        }
    jigsaw_scores = scored["Jigsaw, harmless"], scored["Jigsaw, toxic"]
    for target in TARGETS:
        result[str(target)] = promises(*jigsaw_scores, target)
    sys.stdout.write(f"{json.dumps(result, indent=1)}\n")


if __name__ == "__main__":
    main()
