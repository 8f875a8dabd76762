from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.settings import PROJECT

PACKAGE = PROJECT / "assistant"
LAYERS = (  # a module imports only from its own layer or from those before
    {
        "types",
        "errors",
        "discovery",
        "abbreviations",
        "text",
        "markdown",
        "labels",
        "languages",
        "private_files",
    },
    {
        "events",
        "settings",
        "prompts",
        "serialization",
        "export",
        "owners",
        "uploads",
        "environment",
    },
    {"models"},
    {
        "retrieval",
        "generation",
        "moderation",
        "router",
        "storage",
        "summaries",
        "tables",
        "training",
    },
    {"tools"},
    {"chat", "doctor", "evaluation"},
    {"ui", "cli", "api", "server", "__main__", "__init__"},
)
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}
HEAVY = ("torch", "transformers", "gradio", "faiss", "openvino", "sklearn", "pandas", "llama_cpp")


def imports_at_the_top(file: Path) -> set[str]:
    """Return the parts of the package that a module imports when it is loaded."""
    found = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("assistant."):
            found.add((node.module or "").split(".")[1])
    return found


def test_imports_point_one_way() -> None:
    wrong = []
    for file in PACKAGE.rglob("*.py"):
        own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for other in imports_at_the_top(file):
            if LEVELS[other] > LEVELS[own]:
                wrong.append(f"{file.relative_to(PROJECT)} imports assistant.{other}")
    assert not wrong


def test_every_part_of_the_package_has_a_layer() -> None:
    parts = {path.name.removesuffix(".py") for path in PACKAGE.iterdir()} - {"__pycache__"}
    assert parts - set(LEVELS) == set()


@pytest.mark.parametrize("module", ["assistant", "assistant.cli", "assistant.doctor"])
def test_importing_the_package_loads_nothing_heavy(module: str) -> None:
    script = f"import {module}, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert run.stdout.strip() == "[]"


def test_public_names_exist() -> None:
    import assistant

    assert all(hasattr(assistant, name) for name in assistant.__all__)
