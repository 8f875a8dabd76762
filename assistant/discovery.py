"""Finds the members of a package, which is why a new tool or backend is one file and no wiring.

A member is the public class that a module defines with a class attribute ``name`` equal to the
module's own name: ``tools/sentiment.py`` defines ``class Sentiment: name = "sentiment"``.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any


@cache
def members(package: ModuleType) -> dict[str, type[Any]]:
    """Return name → class for every member module of ``package``, in alphabetical order."""
    found: dict[str, type[Any]] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for _, candidate in inspect.getmembers(module, inspect.isclass):
            own = candidate.__module__ == module.__name__
            if own and candidate.__dict__.get("name") == info.name:
                found[info.name] = candidate
    return found
