"""One reply being written: what the engine's thread fills and a reader empties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Event

from assistant.errors import GeneratorError
from assistant.types import Sampling

HEARTBEAT = 0.1  # seconds between two empty pieces while nothing new comes


class Request:
    """A prompt in tokens, how to sample, and the most tokens to write."""

    def __init__(self, prompt: Sequence[int], sampling: Sampling, limit: int) -> None:
        self.prompt = list(prompt)
        self.sampling = sampling
        self.limit = limit
        self._cancelled = Event()
        self._pieces: SimpleQueue[bytes | GeneratorError | None] = SimpleQueue()

    @property
    def cells(self) -> int:
        """Cache cells that the whole request may take."""
        return len(self.prompt) + self.limit

    @property
    def cancelled(self) -> bool:
        """Whether the reader has gone."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the engine to stop; it does so before the next token."""
        self._cancelled.set()

    def give(self, piece: bytes) -> None:
        """Hand the next piece to the reader."""
        self._pieces.put(piece)

    def finish(self, error: GeneratorError | None = None) -> None:
        """Tell the reader that the reply is whole, or why it broke off."""
        self._pieces.put(error)

    def read(self) -> Iterator[bytes]:
        """Yield the pieces as they come, and empty ones while waiting.

        Raises:
            GeneratorError: the engine broke off.
        """
        while True:
            try:
                piece = self._pieces.get(timeout=HEARTBEAT)
            except Empty:
                yield b""
                continue
            if piece is None:
                return
            if isinstance(piece, GeneratorError):
                raise piece
            yield piece
