"""Measures the router on a labelled table of turns.

A row is JSON: ``text``, ``tools`` (in the order asked), ``payload``, and where they apply
``question``, ``history`` (role and text), ``attachments`` (name and text), ``kind``.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from assistant.router.router import Router
from assistant.settings import PROJECT
from assistant.types import Attachment, Message, Route, Turn

TABLE = PROJECT / "tests" / "data" / "router_test.jsonl"
THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the table with the route that it got."""

    row: Mapping[str, Any]
    route: Route
    milliseconds: float

    @property
    def tools_right(self) -> bool:
        """Every tool asked for, in order, and no other."""
        return bool([self.route.tool, *self.route.also] == self.row["tools"])

    @property
    def payload_right(self) -> bool:
        """The payload, and the question if there is one, to the character."""
        question = self.row.get("question")
        same = self.route.payload == self.row["payload"]
        return bool(same and (not question or self.route.question == question))


def turn_of(row: Mapping[str, Any]) -> Turn:
    """Return the turn of a table row."""
    return Turn(
        row["text"],
        tuple(Message(item["role"], item["text"]) for item in row.get("history", ())),
        tuple(Attachment(item["name"], item["text"]) for item in row.get("attachments", ())),
    )


def read_table(path: Path = TABLE) -> list[dict[str, Any]]:
    """Return the rows of a table.

    Raises:
        InputError: the file is missing or a line is no such row; names the line.

    """
    rows = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise InputError(f"The table {path} cannot be read: {error.strerror}.") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            turn_of(row)
            _ = (row["tools"], row["payload"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"Line {number} of {path} is no row of a router table ({error!r}); expected JSON "
                "with text, tools and payload."
            ) from None
        rows.append(row)
    return rows


def run(router: Router, rows: Iterable[Mapping[str, Any]]) -> list[Outcome]:
    """Route every row and time it."""
    outcomes = []
    for row in rows:
        turn = turn_of(row)
        started = time.perf_counter()
        route = router.route(turn)
        outcomes.append(Outcome(row, route, (time.perf_counter() - started) * 1000))
    return outcomes


def report(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the figures: shares between 0 and 1, times in milliseconds, and every miss."""
    times = sorted(outcome.milliseconds for outcome in outcomes)
    followups = [outcome for outcome in outcomes if outcome.row.get("kind") == "followup"]
    return {
        "rows": len(outcomes),
        "tools_right": _share(outcome.tools_right for outcome in outcomes),
        "payload_exact": _share(outcome.payload_right for outcome in outcomes),
        "followups_right": _share(o.tools_right and o.payload_right for o in followups),
        "by_tool": _by(outcomes, lambda outcome: "+".join(outcome.row["tools"])),
        "by_kind": _by(outcomes, lambda outcome: str(outcome.row.get("kind"))),
        "confusion": [
            {"asked": asked, "got": got, "rows": count}
            for (asked, got), count in Counter(
                ("+".join(o.row["tools"]), "+".join((o.route.tool, *o.route.also)))
                for o in outcomes
                if not o.tools_right
            ).most_common()
        ],
        "abstention": [_abstention(outcomes, threshold) for threshold in THRESHOLDS],
        "milliseconds": {
            "p50": times[len(times) // 2],
            "p99": times[min(len(times) - 1, int(len(times) * 0.99))],
        },
        "misses": [_miss(o) for o in outcomes if not (o.tools_right and o.payload_right)],
    }


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _by(outcomes: list[Outcome], key: Any) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return {
        name: {
            "rows": len(group),
            "tools_right": _share(outcome.tools_right for outcome in group),
            "payload_exact": _share(outcome.payload_right for outcome in group),
        }
        for name, group in sorted(groups.items())
    }


def _abstention(outcomes: list[Outcome], threshold: float) -> dict[str, float]:
    kept = [outcome for outcome in outcomes if outcome.route.score >= threshold]
    return {
        "threshold": threshold,
        "answered": len(kept) / len(outcomes) if outcomes else 0.0,
        "tools_right": _share(outcome.tools_right for outcome in kept),
    }


def _miss(outcome: Outcome) -> dict[str, Any]:
    route = asdict(outcome.route)
    return {
        "id": outcome.row.get("id"),
        "text": outcome.row["text"][:300],
        "asked": list(outcome.row["tools"]),
        "expected": outcome.row["payload"][:200],
        **{key: route[key] for key in ("tool", "also", "payload", "question", "score", "reason")},
    }
