"""The places in a model's cache where replies are written; each keeps its last conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.generation.llama_engine.request import Request


@dataclass(eq=False)
class Slot:
    """A sequence of the shared cache. ``tokens`` are cached; ``pending`` come next."""

    number: int
    tokens: list[int] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    request: Request | None = None
    sampler: Any = None
    written: int = 0  # tokens of the reply
    output: int = -1  # where in the last batch its logits are, -1 for none
    used: int = 0  # when it last got a request, in requests

    @property
    def cells(self) -> int:
        """Cache cells that are taken, or reserved for the request."""
        return self.request.cells if self.request else len(self.tokens)


def best_slot(slots: Sequence[Slot], prompt: Sequence[int]) -> Slot:
    """Return the free slot that holds most of the prompt's beginning, else the longest unused."""
    free = [slot for slot in slots if slot.request is None]
    return max(free, key=lambda slot: (shared(slot.tokens, prompt), -slot.used))


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens both begin with."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
