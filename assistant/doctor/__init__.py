"""What is loaded, what it runs on, how fast it is, what is missing and how to get it.

Every check is a function that returns findings; the report is data, shown as tables or JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.doctor.computer import computer
from assistant.doctor.packages import packages
from assistant.doctor.parts import encoder, generator, library, network
from assistant.doctor.report import Finding, Report, render
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.chat import Assistant

__all__ = ["Finding", "Report", "examine", "render"]


def examine(assistant: Assistant) -> Report:
    """Check everything; loads the encoder and the generator and runs each for a moment."""
    return Report(
        {
            "Packages": tuple(packages()),
            "Encoder": tuple(_guarded("encoder", encoder(assistant))),
            "Generator": tuple(_guarded("generator", generator(assistant))),
            "Library": tuple(_guarded("library", library(assistant))),
            "Computer": tuple(computer(assistant.settings)),  # last: counts the models' memory
            "Network": (network(assistant.settings),),
        }
    )


def _guarded(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Pass findings on; an error that they meet becomes a finding with its own sentence."""
    try:
        yield from findings
    except AssistantError as error:
        yield Finding(name, "does not work", ok=False, note=str(error))
