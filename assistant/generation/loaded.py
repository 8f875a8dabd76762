"""The generators in use: each spec is loaded once and shared by every conversation."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from urllib.parse import parse_qs

from assistant.errors import GeneratorError
from assistant.generation.generator import Generator, load
from assistant.settings import Settings
from assistant.types import Message, Sampling

EMBEDDED = "llama_cpp:smollm2-135m"
NONE = "none"

log = logging.getLogger("assistant")


class Generators:
    """Gives the generator of a name, loading it on first use.

    A spec can name a file, a server and where its key is, so visitors see and send names only:
    they pick among the operator's specs, never introduce one, and never read one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: dict[str, Generator] = {}
        self._lock = threading.Lock()

    @cached_property
    def choices(self) -> Mapping[str, str]:
        """Name → spec of the generators that a conversation may choose, the default first."""
        specs = dict.fromkeys(
            (self._settings.generator, *self._settings.generators, EMBEDDED, NONE)
        )
        named: dict[str, str] = {}
        for spec in specs:
            name, number = readable_name(spec), 1
            while name in named:
                number += 1
                name = f"{readable_name(spec)}, no. {number}"
            named[name] = spec
        return named

    def get(self, name: str | None = None) -> Generator:
        """Return the generator of this name, or the default one; its errors are the operator's.

        Raises:
            GeneratorError: the name is not among ``choices``, generation is off, or the generator
                cannot be loaded.

        """
        spec = self._spec(name)
        with self._lock:
            if spec not in self._loaded:
                self._loaded[spec] = load(spec, self._settings)
            return self._loaded[spec]

    def stream(
        self, name: str | None, messages: Sequence[Message], sampling: Sampling
    ) -> Iterator[str]:
        """Yield what the generator of this name writes, as ``Generator.stream`` does.

        What goes wrong may tell of paths, addresses and another server's words. It goes to the
        log; the error raised here is for visitors.

        Raises:
            GeneratorError: the generator is not offered, cannot be loaded, or broke off.

        """
        spec = self._spec(name)
        try:
            yield from self.get(name).stream(messages, sampling)
        except GeneratorError as error:
            log.warning("The generator %s failed. %s", spec, error)
            raise GeneratorError(
                f"The generator “{self._name(spec)}” cannot answer just now; the log of this "
                "server says why, and python -m assistant doctor looks into it. Try again, or "
                "choose another generator under Settings."
            ) from error

    def _spec(self, name: str | None) -> str:
        spec = self._settings.generator if name is None else self.choices.get(name)
        if spec is None:
            raise GeneratorError(
                "The generator that was chosen is not one this server offers. "
                f"Choose one under Settings: {'; '.join(self.choices)}."
            )
        if spec == NONE:
            raise GeneratorError(
                "Text generation is switched off. Choose a generator under Settings, or start "
                "with --generator llama_cpp:smollm2-135m."
            )
        return spec

    def _name(self, spec: str) -> str:
        return next(name for name, named in self.choices.items() if named == spec)

    def loaded(self) -> Mapping[str, Generator]:
        """Return spec → generator for those loaded so far."""
        with self._lock:
            return dict(self._loaded)

    def close(self) -> None:
        """Free every loaded generator."""
        with self._lock:
            for generator in self._loaded.values():
                generator.close()
            self._loaded.clear()


def readable_name(spec: str) -> str:
    """Return a name for people, with nothing of a path, an address or an option but the model's."""
    if spec == NONE:
        return "None: tools and quotations only"
    if spec == EMBEDDED:
        return "SmolLM2 135M, built in"
    backend, _, rest = spec.partition(":")
    model, _, query = rest.partition("?")
    if "://" in model:
        model = parse_qs(query).get("model", ["model server"])[0]
    last = re.split(r"[/\\]", model.rstrip("/\\"))[-1]
    return f"{last} ({backend})" if last else "a generator"
