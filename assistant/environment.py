"""What must stand in the environment before Gradio and the Hugging Face libraries are imported."""

from __future__ import annotations

import os

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
