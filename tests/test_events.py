from __future__ import annotations

import json

from assistant.events import (
    Cited,
    Done,
    Failed,
    Nearest,
    Progress,
    Resulted,
    Routed,
    Suggested,
    TextDelta,
    ToolFinished,
    ToolStarted,
    fold,
)
from assistant.serialization import reply_from_json, reply_to_json
from assistant.types import (
    Answer,
    Citation,
    Labels,
    Passage,
    Route,
    Span,
    Spans,
    Table,
    Text,
    Verdict,
)

PASSAGE = Passage("p1", "d1", "notes.md", "Notes › Dogs", 2, "The dog sleeps.", 10, 25, 0.8)
EVENTS = (
    Routed(Route("documents", "where?", also=("sentiment",), runner_up="conversation")),
    ToolStarted("documents"),
    Progress(1, 2, "searching"),
    TextDelta("The dog "),
    TextDelta("sleeps [1]."),
    Resulted(Labels("positive", {"positive": 0.9, "negative": 0.1})),
    Resulted(Spans("Ada", (Span(0, 3, "PER", 0.99),))),
    Resulted(Answer(True, "dog", 0.7, 4, 7, "The dog sleeps.")),
    Resulted(Verdict("review", {"insult": 0.6}, (Span(0, 3, "toxicity", 0.7),), "why", "bad")),
    Resulted(Text("short", "1 of 4 sentences")),
    Resulted(Table(("number", "comment"), ((1, "=1+1"), (2, "b")), {"allow": 2})),
    Cited(Citation(1, PASSAGE, 0, 7, "The dog")),
    Nearest((PASSAGE,)),
    Suggested(("conversation",)),
    ToolFinished("documents", 3.0),
    Failed("It broke."),
    Done(12.5),
)


def test_fold_gathers_everything_a_turn_gave() -> None:
    reply = fold(EVENTS)
    assert reply.text == "The dog sleeps [1]."
    assert [type(result).__name__ for result in reply.results] == [
        "Labels",
        "Spans",
        "Answer",
        "Verdict",
        "Text",
        "Table",
    ]
    assert reply.citations[0].quote == "The dog"
    assert (reply.failed, reply.milliseconds, reply.suggestions) == (
        "It broke.",
        12.5,
        ("conversation",),
    )


def test_a_turn_that_ends_early_still_folds() -> None:
    reply = fold([Failed("no"), Done(1.0)])
    assert (reply.tool, reply.failed) == ("", "no")


def test_a_reply_survives_json() -> None:
    reply = fold(EVENTS)
    assert reply_from_json(json.loads(json.dumps(reply_to_json(reply)))) == reply


def test_a_reply_as_json_has_the_promised_shape() -> None:
    data = fold(EVENTS).to_json()
    assert {"tool", "payload", "text", "results", "citations", "route", "milliseconds"} <= set(data)
    assert [result["type"] for result in data["results"]] == [
        "labels",
        "spans",
        "answer",
        "verdict",
        "text",
        "table",
    ]
    assert data["citations"][0] == {
        "number": 1,
        "document": "notes.md",
        "heading": "Notes › Dogs",
        "page": 2,
        "passage": "The dog sleeps.",
        "start": 0,
        "end": 7,
        "quote": "The dog",
        "source": {"id": "p1", "document_id": "d1", "start": 10, "end": 25, "score": 0.8},
    }
    assert {"score", "runner_up", "reason"} <= set(data["route"])
