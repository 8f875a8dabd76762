"""What learning from decisions came to: the values of its report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.moderation.comparison import Comparison

FILE = "learning.json"


@dataclass(frozen=True, slots=True)
class Contrary:
    """A decision against a score of which the model was sure; ``score`` is its highest."""

    text: str
    action: str
    score: float
    moderators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What was learned and what it changed.

    Attributes:
        run: the new version, empty if it is worse and was thrown away.
        base: the model that learned, as ``Models.label`` calls it.
        policy: whose limits the verdicts were measured with.
        learned, held_out: different comments, by what was decided on them.
        left_out: reason → comments with decisions that teach nothing.
        distrusted: moderators whose decisions were left out.
        contrary: decisions that somebody should look at, for mistakes and for mischief.
        rehearsed: texts whose scores were learned again.
        stopped: the user ended it before its time.
    """

    run: str
    base: str
    policy: str
    learned: Mapping[str, int]
    held_out: Mapping[str, int]
    left_out: Mapping[str, int]
    distrusted: tuple[str, ...]
    contrary: tuple[Contrary, ...]
    rehearsed: int
    comparison: Comparison
    seconds: float
    stopped: bool

    @property
    def passed(self) -> bool:
        """Whether it may go live: not worse by any gate."""
        return all(gate.passed for gate in self.comparison.gates)

    def to_json(self) -> dict[str, Any]:
        """Return it for JSON, with ``passed``."""
        return {**asdict(self), "passed": self.passed}

    def write(self, folder: Path) -> None:
        """Write it into the folder of its run."""
        (folder / FILE).write_text(json.dumps(self.to_json(), indent=2) + "\n", "utf-8")
