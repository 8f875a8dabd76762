"""Shows how greedy, top-k and top-p sampling continue the same request, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Literal

from assistant.errors import GeneratorError
from assistant.events import Event, Progress, Resulted, TextDelta
from assistant.tools.tool import Services
from assistant.types import Message, Route, Sampling, Table, Turn

DRAWS = 2  # texts of each strategy: greedy repeats itself, the others do not
LONGEST = 40  # tokens of each text


class SamplingComparison:
    """Two texts of each strategy, on the same request."""

    name: ClassVar[str] = "sampling"
    title: ClassVar[str] = "Sampling compared"
    description: ClassVar[str] = "How do greedy, top-k and top-p write on the same request?"
    examples: ClassVar[tuple[str, ...]] = (
        "Compare greedy, top-k and top-p for: Write the first line of a story about a lighthouse.",
        "/sampling Name a colour and say why.",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ()
    ask: ClassVar[str] = "What shall greedy, top-k and top-p write about? Give me a request."

    def __init__(self, services: Services) -> None:
        self._generators = services.generators

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Write with every strategy, one text after the other.

        Written at once they would share a batch, whose rounding may change even a greedy text.
        """
        chosen = turn.options.sampling
        chosen = replace(chosen, max_tokens=min(chosen.max_tokens, LONGEST))
        ways = [
            ("greedy", replace(chosen, strategy="greedy")),
            (f"top-k, k {chosen.top_k}", replace(chosen, strategy="top_k")),
            (f"top-p, p {chosen.top_p:g}", replace(chosen, strategy="top_p")),
        ]
        rows: list[tuple[str | int | float, ...]] = []
        try:
            generator = self._generators.get(turn.options.generator)
            for draw in range(DRAWS):
                texts: list[str] = []
                for _, way in ways:
                    written = ""
                    for piece in generator.stream(
                        [Message("user", route.payload)], _seeded(way, draw)
                    ):
                        written += piece
                        done = draw * len(ways) + len(texts)
                        yield Progress(done, DRAWS * len(ways), "texts are written:")
                    texts.append(written.strip())
                rows.append((draw + 1, *texts))
        except GeneratorError as error:
            yield TextDelta(str(error))
            return
        yield TextDelta(_explained(chosen))
        yield Resulted(Table(("draw", *(name for name, _ in ways)), tuple(rows)))


def _seeded(way: Sampling, draw: int) -> Sampling:
    """Return the sampling of one draw: with a seed, every draw has another one."""
    return way if way.seed is None else replace(way, seed=way.seed + draw)


def _explained(sampling: Sampling) -> str:
    return (
        "**Greedy** takes the most probable token each time, so it repeats itself. "
        f"**Top-k** draws from the {sampling.top_k} most probable tokens, however unlikely; "
        f"**top-p** from the fewest that hold {sampling.top_p:.0%} of the probability, which are "
        f"few where the model is sure. Both divide by the temperature, {sampling.temperature:g}."
    )
