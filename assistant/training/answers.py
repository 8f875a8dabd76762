"""How much two answers to a question say the same, as SQuAD's script counts."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence


def overlap(answer: str, golds: Sequence[str]) -> tuple[float, bool]:
    """Return word F1 and exactness against the best of ``golds``, as SQuAD's script counts."""
    ours = _plain(answer)
    best, exact = 0.0, False
    for gold in golds:
        theirs = _plain(gold)
        shared = sum((Counter(ours) & Counter(theirs)).values())
        best = max(best, 2 * shared / max(1, len(ours) + len(theirs)))
        exact = exact or ours == theirs
    return best, exact


def _plain(answer: str) -> list[str]:
    bare = "".join(character for character in answer.lower() if character not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()
