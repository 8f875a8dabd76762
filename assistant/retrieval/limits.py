"""How much a document may take; stated in the README and in every refusal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one file may cost."""

    file_bytes: int = 50_000_000
    characters: int = 50_000_000  # of its text
    seconds: float = 120  # to read it in a foreign format
    memory_bytes: int = 2_000_000_000  # address space of the process that does so


LIMITS = Limits()
