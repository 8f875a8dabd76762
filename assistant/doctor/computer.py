"""The computer under the assistant: processor, memory and disk."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from importlib import util
from pathlib import Path

from assistant.doctor.report import Finding
from assistant.private_files import make_folder
from assistant.settings import Settings

GIGABYTE = 1e9
NEEDED_MEMORY = 1.5  # GB, with all default models loaded
NEEDED_DISK = 0.5  # GB, for the store and the models made on first use
VECTOR_UNITS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd")


def computer(settings: Settings) -> Iterator[Finding]:
    """Check processor, GPU, memory and the data folder."""
    yield from _processor_findings()
    yield from _accelerators()
    yield _memory()
    yield from _disk(settings)


def _processor_findings() -> Iterator[Finding]:
    yield Finding("Python", platform.python_version())
    yield Finding("system", platform.platform(terse=True))
    yield Finding("processor", _processor("model name") or platform.machine())
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding("cores", available)
    if hasattr(os, "getloadavg"):
        yield Finding("busy with", round(os.getloadavg()[0], 1), "processes in the last minute")
    flags = _processor("flags").split() or _processor("Features").split()
    units = ", ".join(unit for unit in VECTOR_UNITS if unit in flags)
    yield Finding("vector units", units or "unknown")


def _processor(key: str) -> str:
    information = Path("/proc/cpuinfo")
    if not information.exists():
        return ""
    for line in information.read_text(errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def _accelerators() -> Iterator[Finding]:
    graphics = _cuda()
    yield Finding("encoder runs on", "CPU")
    yield Finding("GPU for torch", graphics or "none: CPU")
    offload = False
    if util.find_spec("llama_cpp"):
        try:
            import llama_cpp

            offload = bool(llama_cpp.llama_supports_gpu_offload())
        except (ImportError, OSError, RuntimeError):  # reported among the packages
            offload = False
    yield Finding("GPU for llama.cpp", "this build can use one" if offload else "none: CPU")


def _cuda() -> str:
    if not util.find_spec("torch"):
        return ""
    import torch

    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else ""


def _memory() -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    free = memory.available / GIGABYTE
    used = psutil.Process().memory_info().rss / GIGABYTE
    enough = free + used >= NEEDED_MEMORY
    return Finding(
        "memory",
        round(free, 1),
        f"GB free of {memory.total / GIGABYTE:.1f} GB, about {NEEDED_MEMORY} GB needed",
        ok=enough,
        note="" if enough else "Close other programs, or start with --generator none.",
    )


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield Finding(
            "data folder", str(folder), ok=False, note=f"{error}. Give another one with --data-dir."
        )
        return
    yield Finding("data folder", f"{folder} can be written")
    free = shutil.disk_usage(folder).free / GIGABYTE
    yield Finding(
        "disk", round(free, 1), f"GB free, {NEEDED_DISK} GB needed", ok=free >= NEEDED_DISK
    )
