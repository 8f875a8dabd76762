"""What a turn emits while it runs, and ``fold``, which makes the finished Reply of it.

The UI, the command line, the API, storage and the tests are readers of this one stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.types import Citation, Passage, Reply, Result, Route


@dataclass(frozen=True, slots=True)
class Routed:
    """The router chose; always the first event of a turn that gets that far."""

    route: Route


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool began to work."""

    tool: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Work done so far; ``total`` is 0 while it is not known."""

    done: int
    total: int
    note: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text (Markdown from the tools, plain from a model)."""

    text: str


@dataclass(frozen=True, slots=True)
class Resulted:
    """A result, in the form that suits it."""

    result: Result


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage supports the answer."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Nearest:
    """Nothing supports an answer; these passages come closest."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A tool is done."""

    tool: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """Tools the user may have meant instead, best first."""

    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The turn ended with an error; ``message`` is fit for the user."""

    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """The last event of every turn."""

    milliseconds: float


Event = (
    Routed
    | ToolStarted
    | Progress
    | TextDelta
    | Resulted
    | Cited
    | Nearest
    | ToolFinished
    | Suggested
    | Failed
    | Done
)

_UNROUTED = Route(tool="", payload="", score=0.0, reason="the turn ended before it was routed")


def fold(events: Iterable[Event]) -> Reply:
    """Read a turn's events to the end and return the finished reply."""
    route = _UNROUTED
    text: list[str] = []
    results: list[Result] = []
    citations: list[Citation] = []
    passages: tuple[Passage, ...] = ()
    suggestions: tuple[str, ...] = ()
    failed: str | None = None
    milliseconds = 0.0
    for event in events:
        match event:
            case Routed():
                route = event.route
            case TextDelta():
                text.append(event.text)
            case Cited():
                citations.append(event.citation)
            case Nearest():
                passages = event.passages
            case Resulted():
                results.append(event.result)
            case Suggested():
                suggestions = event.tools
            case Failed():
                failed = event.message
            case Done():
                milliseconds = event.milliseconds
            case ToolStarted() | Progress() | ToolFinished():
                pass
    return Reply(
        tool=route.tool,
        payload=route.payload,
        text="".join(text),
        results=tuple(results),
        citations=tuple(citations),
        passages=passages,
        route=route,
        milliseconds=milliseconds,
        failed=failed,
        suggestions=suggestions,
    )
