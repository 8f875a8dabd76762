"""From lessons to rows of training: what the network should give for which text.

Knows scores before and after calibration; the network learns those before it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.models.adapter import Adapter
from assistant.models.layout import windows
from assistant.models.moderator import OVERLAP, WINDOW, Moderation, Moderator
from assistant.models.tokens import TextTokenizer
from assistant.moderation.comments import Comment
from assistant.moderation.lessons import UNSURE, Lesson, targets
from assistant.moderation.normalization import normalize
from assistant.moderation.policy import Policy
from assistant.moderation.rehearsal import rehearsed
from assistant.training.datasets import Text
from assistant.training.fairness import teaching_sentences

SHARE = 3  # one row in so many is a lesson, the rest is rehearsal
MOST_REPEATS = 3  # of a text in a round
TAUGHT = 800  # rehearsed sentences that name groups of people
UNDECIDED = 600  # rehearsed comments of the queue


@dataclass(frozen=True, slots=True)
class Rows:
    """What to train on: lessons and rehearsal, repeated; ``rehearsed`` counts different texts."""

    all: tuple[Text, ...]
    rehearsed: int


class Teacher:
    """Makes training rows from lessons, with the model that is to learn and its adapter."""

    def __init__(
        self, model: Moderator, adapter: Adapter, tokenizer: TextTokenizer, policy: Policy
    ) -> None:
        self._model = model
        self._lines = adapter.calibration
        self._tokenizer = tokenizer
        self._policy = policy

    def rows(self, lessons: Sequence[Lesson], undecided: Sequence[str], seed: int) -> Rows:
        """Return the lessons and, as far as there are, twice as many texts to rehearse."""
        chance = random.Random(seed)
        taught = [row for lesson in lessons for row in self._taught(lesson)]
        plain = self._scored(rehearsed())
        harmless = self._harmless(chance.sample(teaching_sentences(), TAUGHT))
        comments = chance.sample(list(undecided), min(UNDECIDED, len(undecided)))
        kept = [*harmless, *self._allowed(comments)]
        repeats = _repeats(len(kept), (SHARE - 1) * len(taught))
        more = _repeats((SHARE - 1) * len(taught) * repeats, len(kept) + len(plain) * repeats)
        rows = (*taught * repeats, *plain * repeats * more, *kept * more)
        return Rows(rows, len(plain) + len(kept))

    def _taught(self, lesson: Lesson) -> list[Text]:
        """Return a lesson as written and as it is meant.

        All windows of an allowed comment are harmless; of a blocked one, the worst is harmful.
        """
        rows = []
        for text in dict.fromkeys((lesson.text, normalize(lesson.text).text)):
            pieces = self._pieces(text)
            scored = list(zip(pieces, self._model.score(pieces), strict=True))
            if lesson.action == "block":
                scored = [max(scored, key=lambda pair: max(pair[1].scores.values()))]
            for piece, moderation in scored:
                wanted = targets(lesson, moderation.scores, self._policy)
                rows.append(self._row(piece, wanted, self._marks(lesson, moderation)))
        return rows

    def _pieces(self, text: str) -> list[str]:
        tokens = self._tokenizer.read(text)
        return [
            text[tokens.starts[start] : tokens.ends[end - 1]]
            for start, end in windows(len(tokens), WINDOW, OVERLAP)
            if end > start
        ] or [text]

    def _marks(self, lesson: Lesson, moderation: Moderation) -> tuple[tuple[int, int], ...] | None:
        """Return what should be marked: nothing in an allowed comment, else what is marked now."""
        if lesson.action == "allow":
            return ()
        return tuple((span.start, span.end) for span in moderation.spans) or None

    def _scored(self, texts: Sequence[str]) -> list[Text]:
        """Return short texts with the scores and marks that they have."""
        return [
            self._row(
                text, moderation.scores, tuple((span.start, span.end) for span in moderation.spans)
            )
            for text, moderation in zip(texts, self._model.score(texts), strict=True)
        ]

    def _harmless(self, texts: Sequence[str]) -> list[Text]:
        """Return harmless sentences with the scores that they have, if these say so as well."""
        return [
            self._row(
                text, {name: min(UNSURE, score) for name, score in moderation.scores.items()}, ()
            )
            for text, moderation in zip(texts, self._model.score(texts), strict=True)
        ]

    def _allowed(self, comments: Sequence[str]) -> list[Text]:
        """Return the short comments that are allowed now, with their scores.

        On the others the decisions may be about to change the model's mind.
        """
        short = [text for text in comments if len(self._pieces(text)) == 1]
        found = self._model.score(short)
        allowed = [
            text
            for text, moderation in zip(short, found, strict=True)
            if self._policy.decide(Comment(""), moderation.scores).verdict == "allow"
        ]
        return self._scored(allowed)

    def _row(
        self, text: str, scores: Mapping[str, float], marks: tuple[tuple[int, int], ...] | None
    ) -> Text:
        return Text(
            text,
            {name: self._uncalibrated(name, score) for name, score in scores.items()},
            marks,
        )

    def _uncalibrated(self, category: str, score: float) -> float:
        """Return the network's own probability behind a calibrated score."""
        slope, shift = self._lines.get(category, [1.0, 0.0])
        bounded = min(1 - 1e-5, max(1e-5, score))
        return 1 / (1 + math.exp(-(math.log(bounded / (1 - bounded)) - shift) / slope))


def _repeats(wanted: int, there: int) -> int:
    return min(MOST_REPEATS, max(1, round(wanted / max(1, there))))
