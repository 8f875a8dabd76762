"""Scores comments as they are meant: disguises undone, each text once, words marked in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.models.hub import HubModerator
from assistant.models.label_moderator import LabelModerator
from assistant.models.moderator import Moderation, Moderator, Progress
from assistant.moderation.normalization import Normalized, normalize

ModerationModel = Moderator | HubModerator | LabelModerator


class Scorer:
    """A moderation model and the normalisation before it. Safe to use from many threads.

    Attributes:
        categories: the names that every result scores.
        experimental: those whose measured figures carry no verdict; they are shown, but decide
            nothing unless a policy names them.
    """

    def __init__(self, model: ModerationModel) -> None:
        self.categories = model.categories
        self.experimental = model.experimental
        self._model = model

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        """Return the scores and harmful words of each comment in order.

        A disguised comment is scored as it stands and as it is meant; the worse score of each
        category counts.
        """
        meant = {text: normalize(text) for text in dict.fromkeys(texts)}
        disguised = {known.text for text, known in meant.items() if known.text != text}
        needed = list(dict.fromkeys([*meant, *disguised]))

        def scaled(done: int, total: int) -> None:
            if progress:
                progress(len(texts) * done // total, len(texts))

        scored = dict(zip(needed, self._model.score(needed, scaled), strict=True))
        worst = {
            text: _worse(scored[text], scored[meant[text].text], meant[text]) for text in meant
        }
        return [worst[text] for text in texts]


def _worse(plain: Moderation, meant: Moderation, known: Normalized) -> Moderation:
    """Return the higher score of each category, and the marks of the reading with more of them."""
    if plain is meant:
        return plain
    scores = {name: max(score, meant.scores[name]) for name, score in plain.scores.items()}
    spans = plain.spans
    if sum(meant.scores.values()) > sum(plain.scores.values()):
        spans = tuple(
            replace(span, start=start, end=end)
            for span in meant.spans
            for start, end in [known.back(span.start, span.end)]
        )
    return Moderation(scores, spans)
