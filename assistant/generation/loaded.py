"""The generators in use: each spec is loaded once and shared by every conversation."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from assistant.errors import GeneratorError
from assistant.generation.generator import Generator, load
from assistant.settings import Settings

EMBEDDED = "llama_cpp:smollm2-135m"
NONE = "none"


class Generators:
    """Gives the generator of a spec, loading it on first use.

    Only the specs in ``choices`` are served: a spec can name a file or a server, so what a visitor
    sends may pick among the operator's specs but never introduce one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: dict[str, Generator] = {}
        self._lock = threading.Lock()

    @property
    def choices(self) -> tuple[str, ...]:
        """The specs that a conversation may choose, the default first."""
        specs = (self._settings.generator, *self._settings.generators, EMBEDDED, NONE)
        return tuple(dict.fromkeys(specs))

    def get(self, spec: str | None = None) -> Generator:
        """Return the generator of ``spec``, or the default one.

        Raises:
            GeneratorError: the spec is not among ``choices``, is ``none``, or cannot be loaded.

        """
        wanted = spec or self._settings.generator
        if wanted not in self.choices:
            raise GeneratorError(
                f"The generator {wanted!r} is not one this server offers. "
                f"Choose one of: {', '.join(self.choices)}."
            )
        if wanted == NONE:
            raise GeneratorError(
                "Text generation is switched off. Choose a generator in the side panel, or start "
                "with --generator llama_cpp:smollm2-135m."
            )
        with self._lock:
            if wanted not in self._loaded:
                self._loaded[wanted] = load(wanted, self._settings)
            return self._loaded[wanted]

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
