"""The assistant's own parts: encoder, generator and library, each run for a moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.doctor.report import Finding
from assistant.settings import Settings
from assistant.types import Message, Sampling

if TYPE_CHECKING:
    from assistant.chat import Assistant
    from assistant.generation.generator import Generator

SECONDS = 2.0  # of the generator's test run, after its first token
PATIENCE = 30.0  # seconds to wait for that
TEXTS = 30  # of the encoder's test run


def encoder(assistant: Assistant) -> Iterator[Finding]:
    """Load the encoder and time it on short texts; tell what else is loaded."""
    model = assistant.models.encoder
    started = time.perf_counter()
    model.encode(["The first text loads the model."])
    yield Finding("loaded in", round(time.perf_counter() - started, 2), "s")
    started = time.perf_counter()
    for number in range(TEXTS):
        model.encode([f"How do I choose between top-k and top-p sampling, number {number}?"])
    milliseconds = (time.perf_counter() - started) / TEXTS * 1000
    yield Finding("one short text", round(milliseconds, 1), "ms")
    yield Finding("weights", model.fingerprint[:12])
    for loaded in assistant.models.loaded():
        yield Finding(
            loaded.role,
            f"{loaded.model}, {loaded.runtime}, {loaded.megabytes:.0f} MB, {loaded.seconds:.2f} s",
        )


def generator(assistant: Assistant) -> Iterator[Finding]:
    """Load the generator and let it write for two seconds."""
    spec = assistant.settings.generator
    yield Finding("chosen", spec)
    if spec == "none":
        return
    model = assistant.generators.get()
    started = time.perf_counter()
    model.warm()
    yield Finding("loaded in", round(time.perf_counter() - started, 2), "s")
    for key, value in model.describe().items():
        yield Finding(key, value)
    yield from _speed(model)


def _speed(generator: Generator) -> Iterator[Finding]:
    question = Message("user", "Tell me a long story about a lighthouse keeper.")
    started = time.perf_counter()
    times: list[float] = []
    for piece in generator.stream((question,), Sampling(seed=1, max_tokens=2000)):
        now = time.perf_counter()
        if piece:
            times.append(now)
        if now > (times[0] + SECONDS if times else started + PATIENCE):
            break
    if len(times) < 2:
        yield Finding("speed", f"no two tokens within {PATIENCE:.0f} s", ok=False)
        return
    yield Finding("first token after", round(times[0] - started, 2), "s")
    rate = (len(times) - 1) / (times[-1] - times[0])
    yield Finding("speed", round(rate, 1), "tokens/s")


def library(assistant: Assistant) -> Iterator[Finding]:
    """Count what the library holds."""
    shelf = assistant.library
    yield Finding("documents", len(shelf.documents()))
    yield Finding("passages", shelf.passage_count)
    for warning in shelf.warnings:
        yield Finding("warning", "", ok=False, note=warning)
    starter = assistant.settings.documents_dir
    if not starter.is_dir():
        note = "There is no such folder, so no starter documents. Set --documents-dir."
        yield Finding("starter documents", str(starter), ok=False, note=note)


def network(settings: Settings) -> Finding:
    """Say whether anything here needs a network."""
    hub = settings.profile == "hub" or settings.generator.startswith(("transformers:", "openai:"))
    return Finding("network", "used" if hub or settings.share else "not needed")
