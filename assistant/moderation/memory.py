"""Remembers the scores of short texts, so that what comes again and again is scored once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Protocol

from assistant.models.moderator import Moderation, Progress

KEPT = 20_000  # texts; about 20 MB with their scores
LONGEST = 1_000  # characters of a text that is kept; longer ones hardly ever come again


class Scores(Protocol):
    """What scores texts, in order."""

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        """See Scorer."""


class Remembering:
    """A scorer that scores nothing twice of the texts used last. Safe to use from many threads."""

    def __init__(self, scorer: Scores, kept: int = KEPT) -> None:
        self._scorer = scorer
        self._kept = kept
        self._known: OrderedDict[str, Moderation] = OrderedDict()
        self._lock = Lock()

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        """Return the scores of each text in order; ``progress`` counts all of them."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        done = len(texts) - len(new)

        def counted(count: int, total: int) -> None:
            if progress:
                progress(done + count, len(texts))

        if new:
            found.update(zip(new, self._scorer.score(new, counted), strict=True))
        self._remember(found)
        return [found[text] for text in texts]

    def _remember(self, found: dict[str, Moderation]) -> None:
        with self._lock:
            for text, moderation in found.items():
                if len(text) <= LONGEST:
                    self._known[text] = moderation
                    self._known.move_to_end(text)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
