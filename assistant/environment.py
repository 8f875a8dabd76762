"""What must be in place before Gradio and the Hugging Face libraries are imported."""

from __future__ import annotations

import inspect
import os
from typing import Any

from assistant.settings import Settings

SPACE_ID = "SPACE_ID"  # set by Hugging Face on its machines


def on_spaces() -> bool:
    """Whether this process runs as a Hugging Face Space."""
    return SPACE_ID in os.environ


def prepare(settings: Settings) -> None:
    """Turn off what would call home, and keep uploads in our own data directory."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["GRADIO_TEMP_DIR"] = str(settings.data_dir / "uploads")
    # OpenMP spins a core for milliseconds at every barrier: on a busy computer that makes small
    # models many times slower.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    from_hub = (
        settings.profile == "hub"
        or bool(settings.models)
        or settings.generator.startswith("transformers:")
    )
    if not from_hub:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def import_gradio() -> None:
    """Import Gradio for the first time, in little more than half of its time.

    While it is imported, Gradio parses the source of each of its components and compares it with a
    type stub beside it, which it would write anew. That is for its developers. A class without a
    source file is left out, so for as long as the import takes Gradio's have none.
    """
    find = inspect.getfile

    def find_others(object: Any) -> str:
        if getattr(object, "__module__", "").startswith("gradio."):
            raise OSError("not looked for")
        return find(object)

    inspect.getfile = find_others
    try:
        import gradio  # noqa: F401
    finally:
        inspect.getfile = find
