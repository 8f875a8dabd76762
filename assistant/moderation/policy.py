"""From scores to a verdict: allow, review or block, and which score decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.types import VerdictName

REVIEW_FLOOR, BLOCK_FLOOR = 0.25, 0.5  # lowest scores that decide anything


@dataclass(frozen=True, slots=True)
class Policy:
    """Category → the score from which a comment is reviewed, and from which it is blocked."""

    review: Mapping[str, float]
    block: Mapping[str, float]

    @classmethod
    def from_thresholds(cls, thresholds: Mapping[str, Mapping[str, float]]) -> Policy:
        """Return the policy of category → {"review": score, "block": score}, none below the floors.

        A category that hardly occurs in the validation data gets tiny thresholds there; eight of
        them together would send every other harmless comment to review.
        """
        return cls(
            {name: max(REVIEW_FLOOR, pair["review"]) for name, pair in thresholds.items()},
            {name: max(BLOCK_FLOOR, pair["block"]) for name, pair in thresholds.items()},
        )

    def decide(self, scores: Mapping[str, float]) -> tuple[VerdictName, str]:
        """Return the verdict and a sentence that names the score behind it."""
        for verdict, thresholds in (("block", self.block), ("review", self.review)):
            over = {
                name: scores[name] - limit
                for name, limit in thresholds.items()
                if scores.get(name, 0.0) >= limit
            }
            if over:
                worst = max(over, key=lambda name: over[name])
                return verdict, (  # type: ignore[return-value]
                    f"{worst.replace('_', ' ')} is {scores[worst]:.2f}; "
                    f"from {thresholds[worst]:.2f} on the verdict is {verdict}"
                )
        return "allow", "no category reaches its threshold"
