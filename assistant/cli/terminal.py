"""Shows a turn's events in a terminal: text as it comes, results as Markdown, notes on stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import Progress

from assistant.events import Cited, Event, Failed, Nearest, Resulted, Routed, Suggested, TextDelta
from assistant.export import citation_to_markdown, result_to_markdown
from assistant.types import Citation, Route

# Escape sequences in a model's or a document's text could rewrite the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """Return the text without control characters, but with its tabs and line breaks."""
    return _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


@contextmanager
def counting(title: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows, on standard error, how many of how many are done."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show(events: Iterable[Event]) -> Iterator[Event]:
    """Pass the events on, showing each one meanwhile."""
    notes = Console(stderr=True, style="dim", highlight=False)
    citations: list[Citation] = []
    writing = False  # whether the cursor stands inside a line of the answer
    for event in events:
        if writing and not isinstance(event, TextDelta):
            _write("\n")
            writing = False
        match event:
            case Routed():
                notes.print(plain(explain(event.route)), markup=False)
            case TextDelta():
                _write(plain(event.text))
                writing = not event.text.endswith("\n")
            case Resulted():
                _show_markdown(result_to_markdown(event.result))
            case Cited():
                citations.append(event.citation)
            case Nearest():
                places = "".join(
                    f"\n- {place.document} › {place.heading}" for place in event.passages
                )
                _show_markdown(f"Nearest passages:\n{places}")
            case Suggested():
                notes.print(f"Or did you mean --tool {' or --tool '.join(event.tools)}?")
            case Failed():
                notes.print(plain(event.message), style="red", markup=False)
            case _:
                pass
        yield event
    if citations:
        _show_markdown("\n".join(citation_to_markdown(citation) for citation in citations))


def explain(route: Route) -> str:
    """Return the route in one line: tool, certainty, and why."""
    tools = " + ".join((route.tool, *route.also))
    return f"{tools} · {route.score:.0%} · {route.reason}".removesuffix(" · ")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _show_markdown(text: str) -> None:
    console = Console()
    if console.is_terminal:
        console.print(Markdown(plain(text)))
    else:  # a file or another program gets the Markdown itself
        _write(f"{plain(text)}\n")
