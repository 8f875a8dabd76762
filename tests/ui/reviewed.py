"""Comments as the review queue gives them, for the tests of the page."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from assistant.moderation.comments import Comment
from assistant.moderation.reviews import Action, ReviewDecision, ReviewItem
from assistant.types import Span

MOMENT = datetime(2026, 11, 21, 15, 0, tzinfo=timezone.utc)


def said(moderator: str, action: Action, note: str = "", standing: bool = True) -> ReviewDecision:
    return ReviewDecision(moderator, action, note, MOMENT, standing)


def item(text: str = "You fool", **changes: Any) -> ReviewItem:
    """Return a comment blocked for an insult, unless ``changes`` say otherwise."""
    comment = Comment(text, id="7", author="Bo", date="2026-11-20", reply_to="3")
    values: dict[str, Any] = {
        "id": 1,
        "job": "j",
        "comment": comment,
        "scores": {"insult": 0.91, "toxicity": 0.97, "threat": 0.01},
        "spans": (Span(4, 8, "toxicity", 0.9),),
        "verdict": "block",
        "rule": "insult",
        "reason": "insult is 0.91; from 0.50 on the verdict is block",
        "policy": "standard@0",
        "model": "shipped",
    }
    return ReviewItem(**{**values, **changes})
