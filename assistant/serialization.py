"""Replies as JSON and back: the one form that the API, the command line and storage share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from assistant.types import (
    Answer,
    Citation,
    Labels,
    Passage,
    Reply,
    Result,
    Route,
    Span,
    Spans,
    Table,
    Text,
    Verdict,
)

_TYPES: dict[str, type[Result]] = {
    "labels": Labels,
    "spans": Spans,
    "answer": Answer,
    "verdict": Verdict,
    "text": Text,
    "table": Table,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}


def route_to_json(route: Route) -> dict[str, Any]:
    """Return the route as plain JSON values."""
    return {**asdict(route), "also": list(route.also)}


def route_from_json(data: Mapping[str, Any]) -> Route:
    """Return the route that ``route_to_json`` wrote."""
    return Route(**{**data, "also": tuple(data.get("also", ()))})


def result_to_json(result: Result) -> dict[str, Any]:
    """Return a result with its ``type``; tuples become lists."""
    data = asdict(result)
    if isinstance(result, Table):
        data["columns"] = list(result.columns)
        data["rows"] = [list(row) for row in result.rows]
    if isinstance(result, Spans | Verdict):
        data["spans"] = [asdict(span) for span in result.spans]
    return {"type": _NAMES[type(result)], **data}


def result_from_json(data: Mapping[str, Any]) -> Result:
    """Return the result that ``result_to_json`` wrote."""
    values = {key: value for key, value in data.items() if key != "type"}
    kind = _TYPES[data["type"]]
    if kind is Table:
        values["columns"] = tuple(values["columns"])
        values["rows"] = tuple(tuple(row) for row in values["rows"])
    if kind in {Spans, Verdict}:
        values["spans"] = tuple(Span(**span) for span in values["spans"])
    return kind(**values)


def citation_to_json(citation: Citation) -> dict[str, Any]:
    """Return a citation; ``start`` and ``end`` are offsets of the quote in ``passage``."""
    passage = citation.passage
    return {
        "number": citation.number,
        "document": passage.document,
        "heading": passage.heading,
        "page": passage.page,
        "passage": passage.text,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "source": _passage_place(passage),
    }


def citation_from_json(data: Mapping[str, Any]) -> Citation:
    """Return the citation that ``citation_to_json`` wrote."""
    return Citation(
        number=data["number"],
        passage=_passage_from_json(data),
        start=data["start"],
        end=data["end"],
        quote=data["quote"],
    )


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """Return a reply as plain JSON values."""
    return {
        "tool": reply.tool,
        "payload": reply.payload,
        "text": reply.text,
        "results": [result_to_json(result) for result in reply.results],
        "citations": [citation_to_json(citation) for citation in reply.citations],
        "passages": [_passage_to_json(passage) for passage in reply.passages],
        "route": route_to_json(reply.route),
        "milliseconds": round(reply.milliseconds, 1),
        "failed": reply.failed,
        "suggestions": list(reply.suggestions),
        "stopped": reply.stopped,
    }


def reply_from_json(data: Mapping[str, Any]) -> Reply:
    """Return the reply that ``reply_to_json`` wrote."""
    return Reply(
        tool=data["tool"],
        payload=data["payload"],
        text=data["text"],
        results=tuple(result_from_json(result) for result in data["results"]),
        citations=tuple(citation_from_json(citation) for citation in data["citations"]),
        passages=tuple(_passage_from_json(passage) for passage in data["passages"]),
        route=route_from_json(data["route"]),
        milliseconds=data["milliseconds"],
        failed=data["failed"],
        suggestions=tuple(data["suggestions"]),
        stopped=data.get("stopped", False),
    )


def _passage_place(passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "document_id": passage.document_id,
        "start": passage.start,
        "end": passage.end,
        "score": passage.score,
    }


def _passage_to_json(passage: Passage) -> dict[str, Any]:
    return {
        "document": passage.document,
        "heading": passage.heading,
        "page": passage.page,
        "passage": passage.text,
        "source": _passage_place(passage),
    }


def _passage_from_json(data: Mapping[str, Any]) -> Passage:
    return Passage(
        document=data["document"],
        heading=data["heading"],
        page=data["page"],
        text=data["passage"],
        **data["source"],
    )
