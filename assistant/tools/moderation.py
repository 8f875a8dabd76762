"""Says whether comments are fit to publish: one in full, many as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from assistant.events import Event, Progress, Resulted, TextDelta
from assistant.moderation import sources
from assistant.moderation.policy import Policy
from assistant.tools.tool import Services
from assistant.types import Route, Table, Turn, Verdict

BATCH = 64  # comments scored between two signs of progress
VERDICTS = ("allow", "review", "block")


class Moderation:
    """A verdict, a score per category, and the words that drove them."""

    name: ClassVar[str] = "moderation"
    title: ClassVar[str] = "Moderation"
    description: ClassVar[str] = "Are these comments fit to publish?"
    examples: ClassVar[tuple[str, ...]] = (
        "Is this comment ok to publish? “You clearly have no idea what you are talking about.”",
        "moderate these:\nGreat video!\nYou are a moron.",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ("moderation",)
    ask: ClassVar[str] = "Which comments should I check? Paste them, one a line, or attach a CSV."

    def __init__(self, services: Services) -> None:
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Judge one comment, or each comment of a list."""
        comments = _comments(route, turn)
        moderator = self._models.moderation
        policy = Policy.from_thresholds(moderator.thresholds)
        if len(comments) == 1:
            scored = moderator.score(comments)[0]
            verdict, reason = policy.decide(scored.scores)
            spans = scored.spans if verdict != "allow" else ()
            yield TextDelta(f"Verdict: **{verdict}**. {reason[0].upper()}{reason[1:]}.")
            yield Resulted(Verdict(verdict, scored.scores, spans, reason, comments[0]))
            return
        rows: list[tuple[str | int | float, ...]] = []
        for start in range(0, len(comments), BATCH):
            yield Progress(start, len(comments), "reading the comments")
            batch = comments[start : start + BATCH]
            for comment, scored in zip(batch, moderator.score(batch), strict=True):
                verdict, reason = policy.decide(scored.scores)
                scores = (round(scored.scores[name], 3) for name in moderator.categories)
                rows.append((len(rows) + 1, comment, verdict, reason, *scores))
        yield Progress(len(comments), len(comments), "reading the comments")
        counts = Counter(str(row[2]) for row in rows)
        yield TextDelta(_sentence(counts, len(rows)))
        columns = ("number", "comment", "verdict", "reason", *moderator.categories)
        ordered = {verdict: counts.get(verdict, 0) for verdict in VERDICTS}
        yield Resulted(Table(columns, tuple(rows), ordered))


def _comments(route: Route, turn: Turn) -> Sequence[str]:
    if route.source == "attachment" and turn.attachments:
        return [comment for file in turn.attachments for comment in sources.attached(file)]
    return sources.pasted(route.payload, route.instruction)


def _sentence(counts: Counter[str], total: int) -> str:
    parts = [f"**{counts.get(verdict, 0):,}** to {verdict}" for verdict in VERDICTS]
    return f"I read {total:,} comments: {', '.join(parts)}. Nothing was deleted; this is advice."
