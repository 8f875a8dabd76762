"""The story of one turn: route it, run its tools, and turn every failure into plain words."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, InputError
from assistant.events import (
    Done,
    Event,
    Failed,
    Progress,
    Routed,
    Suggested,
    TextDelta,
    ToolFinished,
    ToolStarted,
    fold,
)
from assistant.generation.loaded import Generators
from assistant.models.catalogue import Models
from assistant.retrieval.library import Library
from assistant.retrieval.limits import Limits
from assistant.retrieval.watching import Watcher
from assistant.router import commands
from assistant.settings import Settings
from assistant.text import tidy
from assistant.tools.tool import Services
from assistant.tools.toolbox import Toolbox
from assistant.types import Attachment, Reply, Route, Turn

if TYPE_CHECKING:
    from assistant.router.router import Router

log = logging.getLogger("assistant")


class Assistant:
    """Routes turns and runs tools. One instance serves every conversation, from any thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.models = Models(settings)
        self.library = Library(
            settings.data_dir / "library",
            lambda: self.models.encoder,
            Limits(file_bytes=settings.max_upload_mb * 1_000_000),
        )
        self._watcher: Watcher | None = None
        self.generators = Generators(settings)
        services = Services(settings, self.models, self.library, self.generators)
        self.tools = Toolbox(services)

    @classmethod
    def from_settings(cls, settings: Settings | None = None) -> Assistant:
        """Return an assistant on ``settings``, by default those of the environment."""
        return cls(settings or Settings.read())

    @cached_property
    def router(self) -> Router:
        """The router, loaded on first use."""
        from assistant.router.router import Router
        from assistant.router.shipped import load

        encoder = self.models.encoder
        intents = load(self.settings.data_dir, encoder)
        return Router(intents, encoder, self.models.segmenter, self._library_match)

    def route(self, turn: Turn) -> Route:
        """Return which tool answers ``turn``, on which text.

        Raises:
            InputError: the turn is blank, too long, or names an unknown tool.

        """
        turn = _tidy(turn)
        self._check(turn)
        asked = commands.own(turn.text, self.tools.trained())
        if asked is not None:
            turn = replace(turn, tool=asked[0], text=asked[1])
        else:
            commands.command(turn.text, self.tools)  # refuses an unknown one
        return self.router.route(turn)

    def reply(self, turn: Turn) -> Reply:
        """Answer ``turn`` and return the whole reply."""
        return fold(self.stream(turn))

    def stream(self, turn: Turn, stop: threading.Event | None = None) -> Generator[Event]:
        """Answer ``turn`` event by event; ends with ``Done``, whatever happens.

        Setting ``stop`` or closing the iterator ends the work at the next event, which for the
        generator is the next token.
        """
        started = time.perf_counter()
        try:
            with closing(self._run(turn)) as events:
                for event in events:
                    yield event
                    if stop is not None and stop.is_set():
                        break
        except AssistantError as error:
            yield Failed(str(error))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("turn failed, reference %s", reference)
            yield Failed(
                f"Something went wrong on my side; the log holds it under {reference}. "
                "Your conversation is safe: try again, or ask in other words."
            )
        milliseconds = (time.perf_counter() - started) * 1000
        yield Done(milliseconds)

    def attach(self, path: Path, name: str | None = None) -> Attachment:
        """Read a file that came with a turn.

        Raises:
            DocumentError: the file is empty, too large, broken or of an unknown kind.

        """
        from assistant.retrieval.loaders import load

        document = load(path, name, Limits(file_bytes=self.settings.max_upload_mb * 1_000_000))
        return Attachment(document.name, document.text, path)

    def warm(self, progress: Callable[[str], None] = lambda note: None) -> None:
        """Load what the first turn would otherwise wait for, then begin to watch folders."""
        progress("loading the encoder")
        self.models.encoder.encode(["warm"])
        progress("loading the router")
        _ = self.router
        progress("reading the starter documents")
        self.library.sync(self.settings.documents_dir)
        progress(f"the library holds {self.library.passage_count} passages")
        if self._watcher is None and self.settings.watch:
            self._watcher = Watcher(self.library, self.settings.watch)
            self._watcher.start()

    def close(self) -> None:
        """Free the models and close the library."""
        if self._watcher is not None:
            self._watcher.stop()
        self.generators.close()
        self.library.close()

    def _run(self, turn: Turn) -> Generator[Event]:
        turn = _tidy(turn)
        self.models.refresh()
        route = self.route(turn)
        log.info("turn tool=%s score=%.2f characters=%d", route.tool, route.score, len(turn.text))
        yield Routed(route)
        for name in (route.tool, *route.also):
            tool = self.tools[name]
            started = time.perf_counter()
            yield ToolStarted(name)
            if tool.needs == "text" and not route.payload.strip():
                yield TextDelta(tool.ask)
            else:
                for role in tool.roles:
                    yield from self._fetch(role)
                yield from tool.run(route, turn)
            if route.also:
                yield TextDelta("\n\n")
            yield ToolFinished(name, (time.perf_counter() - started) * 1000)
        if route.abstained and route.runner_up:
            yield Suggested((route.runner_up,))

    def _library_match(self, text: str, collections: Collection[str]) -> float:
        try:
            found = self.library.search(text, 1, collections=collections)
        except InputError:  # a collection that is gone; the tool on documents says so
            return 0.0
        return max((passage.score for passage in found), default=0.0)

    def _fetch(self, role: str) -> Iterator[Event]:
        for done, total in self.models.fetch(role):
            yield Progress(done >> 20, total >> 20, "downloading the model, MB")

    def _check(self, turn: Turn) -> None:
        if not turn.text.strip() and not turn.attachments:
            raise InputError("Your message is empty. Type a question, or paste a text to work on.")
        if len(turn.text) > self.settings.max_text:
            raise InputError(
                f"Your message has {len(turn.text):,} characters; the most I can take is "
                f"{self.settings.max_text:,}. Attach it as a file or send a part of it."
            )
        if turn.tool is not None and turn.tool not in self.tools:
            raise InputError(
                f"There is no tool called {turn.tool!r}. The tools are: {', '.join(self.tools)}."
            )


def _tidy(turn: Turn) -> Turn:
    """Return the turn without characters that no text should hold; most turns are tidy already."""
    text = tidy(turn.text)
    return turn if text == turn.text else replace(turn, text=text)
