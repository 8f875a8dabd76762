"""How our scores stand to the Perspective API's, on comments that it scored.

python -m tests.benchmarks.perspective_scores FILE

FILE is a CSV with a column comment_text and one an attribute, such as
example_data/perspective_wikipedia_2k_score_sample_20180829.csv of conversationai/perspectiveapi.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from assistant.api.perspective import attribute_of
from assistant.models.catalogue import Models
from assistant.moderation.scoring import Scorer
from assistant.settings import Settings

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)  # of the Perspective API


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    table = pd.read_csv(parser.parse_args().file)
    with tempfile.TemporaryDirectory() as folder:
        scorer = Scorer(Models(Settings.read([], data_dir=Path(folder))).moderation)
        found = pd.DataFrame([item.scores for item in scorer.score(list(table["comment_text"]))])
    sys.stdout.write(f"{len(table):,} comments\n")
    for category in scorer.categories:
        columns = [name for name in table if name.partition("@")[0] == attribute_of(category)]
        if columns:
            report(columns[0], table[columns[0]], found[category])


def report(name: str, theirs: pd.Series[float], ours: pd.Series[float]) -> None:
    """Write the rank correlation, and for each threshold of theirs ours that as many reach.

    With each stands what share of the comments that reach theirs reaches ours, and what share
    would if the threshold were left as it is.
    """
    words = [f"{name}: rank correlation {theirs.corr(ours, method='spearman'):.2f}"]
    for threshold in THRESHOLDS:
        reached = theirs >= threshold
        if reached.sum() >= 20:
            same = float(np.quantile(ours, 1 - reached.mean()))
            found, left = ((ours[reached] >= limit).mean() for limit in (same, threshold))
            words.append(
                f"{threshold} ({reached.sum()} comments) is {same:.2f}, which finds {found:.0%}; "
                f"left as it is, {left:.0%}"
            )
    sys.stdout.write("; ".join(words) + "\n")


if __name__ == "__main__":
    main()
