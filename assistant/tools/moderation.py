"""Says whether comments are fit to publish: one in full, many as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from assistant.events import Event, Progress, Resulted, TextDelta
from assistant.moderation.comments import Comment
from assistant.moderation.files import attached
from assistant.moderation.judging import Judge
from assistant.moderation.pasted import pasted
from assistant.moderation.policies import Policies
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
        self._settings = services.settings

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Judge one comment, or each comment of a list."""
        comments = _comments(route, turn)
        model = self._models.moderation
        policies = Policies.of(self._settings.data_dir, model)
        judge = Judge(model, policies.get(self._settings.policy))
        if len(comments) == 1:
            (judged,) = judge.judge(comments)
            verdict, reason = judged.decision.verdict, judged.decision.reason
            spans = (judged.decision.spans or judged.spans) if verdict != "allow" else ()
            yield TextDelta(f"Verdict: **{verdict}**. {reason[0].upper()}{reason[1:]}.")
            yield Resulted(Verdict(verdict, judged.scores, spans, reason, comments[0].text))
            return
        rows: list[tuple[str | int | float, ...]] = []
        for start in range(0, len(comments), BATCH):
            yield Progress(start, len(comments), "reading the comments")
            batch = comments[start : start + BATCH]
            for judged in judge.judge(batch):
                decision, text = judged.decision, judged.comment.text
                scores = (round(judged.scores[name], 3) for name in judge.categories)
                rows.append((len(rows) + 1, text, decision.verdict, decision.reason, *scores))
        yield Progress(len(comments), len(comments), "reading the comments")
        counts = Counter(str(row[2]) for row in rows)
        yield TextDelta(_sentence(counts, len(rows)))
        columns = ("number", "comment", "verdict", "reason", *judge.categories)
        ordered = {verdict: counts.get(verdict, 0) for verdict in VERDICTS}
        yield Resulted(Table(columns, tuple(rows), ordered))


def _comments(route: Route, turn: Turn) -> Sequence[Comment]:
    if route.source == "attachment" and turn.attachments:
        texts = [text for file in turn.attachments for text in attached(file)]
    else:
        texts = list(pasted(route.payload, route.instruction))
    return [Comment(text) for text in texts]


def _sentence(counts: Counter[str], total: int) -> str:
    parts = [f"**{counts.get(verdict, 0):,}** to {verdict}" for verdict in VERDICTS]
    return f"I read {total:,} comments: {', '.join(parts)}. Nothing was deleted; this is advice."
