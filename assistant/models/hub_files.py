"""Finds a model of the Hugging Face hub on this computer, or downloads it once.

A model is named ``repository@revision``, ``repository`` or by a folder. Only weights stored as
safetensors are fetched, never pickles, and no code that comes with a model. Knows no model.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from errno import EACCES, ENOSPC, EROFS
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from assistant.errors import ModelError

WANTED = ("*.json", "*.txt", "*.model", "*.spm", "*.safetensors")
UNWANTED = ("*/*",)  # exports for other programs lie in folders
ANSWER = 10  # seconds that the hub may take to answer
PATIENCE = 0.2  # seconds between two reports
CURE = "or use --profile embedded (and no --models for this role), which needs no download"

Bytes = tuple[int, int]
"""Bytes there so far, and in all."""


def fetch(
    model: str, *, endpoint: str | None = None, cache: Path | None = None
) -> Generator[Bytes, None, Path]:
    """Yield the bytes while a model is downloaded; return its folder.

    Nothing is yielded, and no connection made, for a model that is already here. Closing the
    generator stops the download; the files that are whole by then are kept.

    Args:
        model: a folder, or a repository of the hub with or without ``@revision``.
        endpoint: the hub's address, by default that of ``HF_ENDPOINT``.
        cache: where downloads lie, by default the cache of the Hugging Face libraries.

    Raises:
        ModelError: it is not here and cannot be had, or not as safetensors.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _checked(folder, model)
    if folder.is_absolute() or model.startswith("."):
        raise ModelError(f"There is no model folder {model}. Check the path given to --models.")
    place: dict[str, Any] = {"cache_dir": cache, **_named(model)}
    here = _cached(place)
    if here is None:
        here = yield from _download(model, {**place, "endpoint": endpoint})
    return _checked(here, model)


def get(model: str) -> Path:
    """Return the folder of a model, downloaded if need be; see ``fetch``."""
    progress = fetch(model)
    while True:
        try:
            next(progress)
        except StopIteration as done:
            return Path(done.value)


def _named(model: str) -> dict[str, str | None]:
    name, _, revision = model.partition("@")
    return {"repo_id": name, "revision": revision or None}


def _cached(place: dict[str, Any]) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(
            snapshot_download(
                **place,
                allow_patterns=list(WANTED),
                ignore_patterns=list(UNWANTED),
                local_files_only=True,
            )
        )
    except LocalEntryNotFoundError:
        return None
    except (HfHubHTTPError, HFValidationError) as error:
        raise ModelError(_unknown(str(place["repo_id"]))) from error
    # A download that was stopped leaves a folder without its last file, the weights.
    return folder if _weights(folder) and (folder / "config.json").is_file() else None


def _download(model: str, place: dict[str, Any]) -> Generator[Bytes, None, Path]:
    """Download in a thread and report what it has written."""
    job = _Job()

    def work() -> None:
        try:
            job.run(place)
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits must hear of it
            job.error = error

    worker = threading.Thread(target=work, name="model-download", daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(PATIENCE)
            if job.total:
                yield min(job.done, job.total), job.total
    finally:
        job.stopped = True
    if job.error is not None:
        raise _explained(model, job.error) from job.error
    if not job.folder:
        raise ModelError(_unsafe(model))
    return Path(job.folder)


class _Job:
    """What a download's thread and its observer share."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0
        self.folder = ""
        self.error: Exception | None = None
        self.stopped = False

    def run(self, place: dict[str, Any]) -> None:
        """Ask what there is, once and without patience, and fetch it if it is safe."""
        from huggingface_hub import HfApi, snapshot_download

        about = HfApi(place["endpoint"]).model_info(
            place["repo_id"], revision=place["revision"], files_metadata=True, timeout=ANSWER
        )
        sizes = {file.rfilename: file.size or 0 for file in about.siblings or ()}
        files = [name for name in sizes if "/" not in name]
        if not any(fnmatch(name, "*.safetensors") for name in files):
            return
        wanted = [name for name in files if any(fnmatch(name, sort) for sort in WANTED)]
        self.total = sum(sizes[name] for name in wanted)
        self.folder = snapshot_download(
            **place,
            allow_patterns=list(WANTED),
            ignore_patterns=list(UNWANTED),
            tqdm_class=self.bar(),
        )

    def bar(self) -> type[Any]:
        """Return a tqdm class that draws nothing, counts here, and can be stopped.

        The library keeps several bars, of files and of bytes sent and written; bytes are most.
        """
        from tqdm import tqdm

        job = self

        class Bar(tqdm):  # type: ignore[misc]
            def __init__(self, *args: Any, **options: Any) -> None:
                options.pop("name", None)
                super().__init__(*args, **{**options, "disable": True})
                self.bytes = 0

            def update(self, n: float | None = 1) -> bool | None:
                if job.stopped:
                    raise InterruptedError("the download was stopped")
                self.bytes += int(n or 0)
                job.done = max(job.done, self.bytes)
                return None

        return Bar


def _checked(folder: Path, model: str) -> Path:
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"The folder {folder} holds no model: config.json is missing. Give a folder that "
            "save_pretrained wrote, or delete it to have the model downloaded again."
        )
    if not _weights(folder):
        raise ModelError(_unsafe(model))
    return folder


def _weights(folder: Path) -> bool:
    return any(folder.glob("*.safetensors"))


def _explained(model: str, error: BaseException) -> ModelError:
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    while isinstance(error, LocalEntryNotFoundError) and error.__cause__:
        error = error.__cause__
    if isinstance(error, GatedRepoError):
        return ModelError(
            f"The model {model} is given only to those who accepted its licence. Accept it on its "
            "page of the Hugging Face hub, then run: hf auth login"
        )
    if isinstance(error, RepositoryNotFoundError | RevisionNotFoundError | HFValidationError):
        return ModelError(_unknown(model))
    if isinstance(error, OSError) and error.errno in (ENOSPC, EACCES, EROFS):
        return ModelError(f"The model {model} cannot be kept on this computer: {error.strerror}.")
    return ModelError(
        f"The model {model} is not on this computer, and the Hugging Face hub cannot be reached. "
        f"Connect once to download it, {CURE}."
    )


def _unknown(model: str) -> str:
    return (
        f"The Hugging Face hub has no model {model}, or you may not see it. "
        "Check the name and the revision given to --models."
    )


def _unsafe(model: str) -> str:
    return (
        f"The model {model} is not stored as safetensors, the only form that Switchboard loads. "
        "Many such repositories keep a converted copy under a revision such as refs/pr/1, which "
        "you can name after an @; or choose another model with --models."
    )
