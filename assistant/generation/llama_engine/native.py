"""The llama.cpp library itself: imported once, quiet, with a cure when it is missing."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from assistant.errors import GeneratorError

CURE = (
    "Install a prebuilt one with: pip install llama-cpp-python --prefer-binary --extra-index-url "
    "https://abetlen.github.io/llama-cpp-python/whl/cpu (README, “Without a compiler”), or choose "
    "the generator transformers:smollm2-135m, which does not need it."
)


@cache
def library() -> Any:
    """Return the ``llama_cpp`` module, ready for use.

    Raises:
        GeneratorError: llama-cpp-python is not installed or does not work on this computer.
    """
    # Before libgomp loads: its default is to spin a core for milliseconds at every barrier. As
    # soon as another program or model wants a core, that made decoding over ten times slower.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise GeneratorError(
            f"The text generator needs llama-cpp-python, which does not load here: {error}. {CURE}"
        ) from error
    llama_cpp.llama_log_set(_quiet(llama_cpp), None)
    llama_cpp.llama_backend_init()
    return llama_cpp


@cache  # llama.cpp keeps the pointer, so the callback must never be collected
def _quiet(llama_cpp: Any) -> Any:
    return llama_cpp.llama_log_callback(lambda level, text, data: None)
