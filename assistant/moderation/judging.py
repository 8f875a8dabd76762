"""Judges comments: the model's scores, then the policy's decision."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models.moderator import Progress
from assistant.moderation.comments import Comment, Judged
from assistant.moderation.memory import Remembering, Scores
from assistant.moderation.policy import Policy
from assistant.moderation.scoring import ModerationModel, Scorer


class Judge:
    """A model and a policy. Safe to use from many threads.

    ``scorer`` scores with that model elsewhere, such as on a cluster.
    """

    def __init__(
        self, model: ModerationModel, policy: Policy, scorer: Scores | None = None
    ) -> None:
        self.policy = policy
        self.categories = model.categories
        self._scorer = Remembering(scorer or Scorer(model))

    def judge(
        self, comments: Sequence[Comment], progress: Progress | None = None
    ) -> tuple[Judged, ...]:
        """Return the judgement of each comment in order."""
        found = self._scorer.score([comment.text for comment in comments], progress)
        return tuple(
            Judged(
                comment,
                scored.scores,
                scored.spans,
                self.policy.decide(comment, scored.scores, scored.spans),
            )
            for comment, scored in zip(comments, found, strict=True)
        )
