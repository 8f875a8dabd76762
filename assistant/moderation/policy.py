"""A policy: from which score, and by which rule, a comment is reviewed or blocked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.moderation.comments import Comment, Decision

REVIEW_FLOOR, BLOCK_FLOOR = 0.25, 0.5  # lowest scores that decide anything in the standard policy
STANDARD = "standard"
Score = Annotated[float, Field(ge=0, le=1)]


class Limits(BaseModel):
    """From which scores of one category a comment is reviewed and blocked; None is never."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    review: Score | None = None
    block: Score | None = None


class Policy(BaseModel):
    """What decides on a comment. Nothing is ever hidden or deleted by it: it makes a list.

    Attributes:
        name: lower-case letters, digits and hyphens.
        version: counts from 1 as the policy is saved; 0 was never saved.
        limits: category → the scores from which it decides; others decide nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = STANDARD
    version: Annotated[int, Field(ge=0)] = 0
    limits: dict[str, Limits]

    @property
    def label(self) -> str:
        """The name and version, as decisions record them: ``forum@3``."""
        return f"{self.name}@{self.version}"

    def decide(self, comment: Comment, scores: Mapping[str, float]) -> Decision:
        """Return the verdict, and the rule or score behind it."""
        for verdict in ("block", "review"):
            over = self._over(verdict, scores)
            if over:
                worst = max(over, key=lambda name: scores[name] - over[name])
                return Decision(
                    verdict,
                    worst,
                    f"{worst.replace('_', ' ')} is {scores[worst]:.2f}; "
                    f"from {over[worst]:.2f} on the verdict is {verdict}",
                )
        return Decision("allow", "", "no category reaches its threshold")

    def _over(
        self, verdict: Literal["block", "review"], scores: Mapping[str, float]
    ) -> dict[str, float]:
        """Return category → threshold of those that the scores reach."""
        thresholds = {name: getattr(limits, verdict) for name, limits in self.limits.items()}
        return {
            name: threshold
            for name, threshold in thresholds.items()
            if threshold is not None and scores.get(name, 0.0) >= threshold
        }


def standard(thresholds: Mapping[str, Mapping[str, float]]) -> Policy:
    """Return the policy of a model's own thresholds, none below the floors.

    A category that hardly occurs in the validation data gets tiny thresholds there; eight of
    them together would send every other harmless comment to review.
    """
    return Policy(
        limits={
            name: Limits(
                review=max(REVIEW_FLOOR, pair["review"]), block=max(BLOCK_FLOOR, pair["block"])
            )
            for name, pair in thresholds.items()
        }
    )
