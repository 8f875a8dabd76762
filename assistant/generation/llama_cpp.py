"""The default backend: GGUF models through llama.cpp, on CPU or GPU, shared by all readers."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import ClassVar

from assistant.generation import gguf_files
from assistant.generation.chat_template import prompt_parts
from assistant.generation.fitting import fit, reply_room
from assistant.generation.generator import GeneratorSpec, choice, number
from assistant.generation.llama_engine.engine import Engine
from assistant.generation.llama_engine.model import Model, requantized
from assistant.generation.llama_engine.native import library
from assistant.generation.llama_engine.request import Request
from assistant.settings import Settings
from assistant.types import Message, Sampling, Tokenized

SLOTS = 4  # replies written at once; more wait in order


class LlamaCpp:
    """Any GGUF model, by path; ``smollm2-135m`` is the one installed with Switchboard.

    The same seed gives the same text. Replies written at the same time share one cache and one
    batch, which changes how sums are rounded and so, rarely, a word.
    """

    name: ClassVar[str] = "llama_cpp"
    options: ClassVar[Mapping[str, str]] = {
        "context": "tokens for one conversation; the context setting unless given",
        "slots": f"replies written at once; {SLOTS} unless given",
        "gpu_layers": "layers on the GPU; all that llama.cpp can place there unless given",
        "requantize": "no keeps the packaged model in its 4 bits: smaller, and half as fast",
    }

    def __init__(self, spec: GeneratorSpec, settings: Settings) -> None:
        self._spec = spec
        self._path = gguf_files.locate(spec.model)
        self._cache = settings.data_dir / "models"
        self._threads = settings.threads or physical_cores()
        self._wanted_context = number(spec, "context", settings.context, least=512)
        self._slots = number(spec, "slots", SLOTS)
        layers = number(spec, "gpu_layers", -1, least=0)
        self._gpu_layers = layers if layers >= 0 else None
        self._requantize = choice(spec, "requantize", ("yes", "no")) == "yes"
        self._lock = Lock()
        self._loaded: tuple[Model, Engine, int] | None = None

    def stream(self, messages: Sequence[Message], sampling: Sampling) -> Iterator[str]:
        """Yield the reply's text as it is written; see ``Generator.stream``."""
        model, engine, context = self._load()
        room = reply_room(context, sampling.max_tokens)
        fitted = fit(messages, model.count, context - room)
        prompt = model.prompt(prompt_parts(model.template, fitted, model.special))
        request = Request(prompt, sampling, min(sampling.max_tokens, context - len(prompt)))
        engine.submit(request)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        try:
            for piece in request.read():
                yield decoder.decode(piece)
            if rest := decoder.decode(b"", final=True):
                yield rest
        finally:
            request.cancel()

    def tokenized(self, text: str) -> Tokenized:
        """Return how the model splits ``text``; loads it."""
        return self._load()[0].tokenized(text)

    def warm(self) -> None:
        """Load the model now."""
        self._load()

    def describe(self) -> dict[str, str | int | float]:
        """Return facts about the model; loads it."""
        model, _, context = self._load()
        return {
            "backend": self.name,
            "model": self._spec.model,
            "file": str(model.path),
            "kind": model.description,
            "parameters": model.parameters,
            "megabytes": round(model.size / 2**20),
            "device": "GPU" if library().llama_supports_gpu_offload() else "CPU",
            "threads": self._threads,
            "context": context,
            "slots": self._slots,
        }

    def close(self) -> None:
        """Break off all replies and free the model."""
        with self._lock:
            if self._loaded:
                self._loaded[1].close()
            self._loaded = None

    def _load(self) -> tuple[Model, Engine, int]:
        with self._lock:
            if self._loaded is None:
                path = self._path
                if self._spec.model == gguf_files.PACKAGED and self._requantize:
                    path = requantized(path, self._cache, self._threads)
                model = Model(path, self._gpu_layers)
                context = min(self._wanted_context, model.trained_context)
                # Two full conversations, or many short ones: most need a fraction of the context.
                cells = context * min(self._slots, 2)
                engine = Engine(model, slots=self._slots, cells=cells, threads=self._threads)
                self._loaded = (model, engine, context)
            return self._loaded


def physical_cores() -> int:
    """Return the cores this process may use, hyperthreads counted once where Linux tells."""
    allowed = os.cpu_count() or 1
    if not hasattr(os, "sched_getaffinity"):
        return allowed
    cores: set[str] = set()
    for cpu in os.sched_getaffinity(0):
        siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        cores.add(str(cpu))
        with suppress(OSError):
            cores.discard(str(cpu))
            cores.add(siblings.read_text(encoding="ascii").strip())
    return len(cores)
