"""A text classifier as the moderation model: each of its labels is a category, except harmless."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.errors import ModelError
from assistant.models.moderator import Moderation, Progress
from assistant.models.trained import TextClassifier

HARMLESS = frozenset(
    ("ok", "okay", "clean", "none", "neutral", "harmless", "allow", "allowed", "approve",
     "approved", "acceptable", "normal", "neither", "ham", "safe", "good", "0", "no", "false")
)  # fmt: skip
NEGATIONS = ("not_", "non_", "no_")
DEFAULT_THRESHOLD = {"review": 0.5, "block": 0.9}


def is_harmless(label: str) -> bool:
    """Say whether a label means that there is nothing against a comment."""
    plain = label.casefold().replace("-", "_").replace(" ", "_")
    return plain in HARMLESS or plain.startswith(NEGATIONS)


class LabelModerator:
    """See assistant.models.moderator.Moderator; such a model marks no words.

    Raises:
        ModelError: no label, or every label, is harmless by its name.
    """

    experimental: frozenset[str] = frozenset()

    def __init__(self, classifier: TextClassifier) -> None:
        self._classifier = classifier
        self.runtime = classifier.runtime
        self.categories = tuple(name for name in classifier.labels if not is_harmless(name))
        if len(self.categories) in {0, len(classifier.labels)}:
            raise ModelError(
                f"The labels {', '.join(classifier.labels)} do not say which comments are "
                "harmless. Call that label “ok” in the data (or not-… beside its counterpart), "
                "and train again."
            )
        self.thresholds = dict.fromkeys(self.categories, DEFAULT_THRESHOLD)

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> list[Moderation]:
        """Return the scores of each comment in order."""
        results = self._classifier.predict(texts)
        if progress:
            progress(len(texts), len(texts))
        return [
            Moderation({name: scores[name] for name in self.categories}, ()) for scores in results
        ]
