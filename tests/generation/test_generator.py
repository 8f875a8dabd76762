from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import GeneratorError
from assistant.generation.generator import GeneratorSpec, backends, load, parse_spec
from assistant.settings import Settings
from assistant.types import Message, Sampling


def test_a_url_with_options_is_read_whole() -> None:
    spec = parse_spec("openai:http://host:8000/v1?model=my/llama&key_env=KEY")
    assert spec == GeneratorSpec(
        "openai", "http://host:8000/v1", {"model": "my/llama", "key_env": "KEY"}
    )


@pytest.mark.parametrize(
    "text",
    [
        "llama_cpp:smollm2-135m",
        "llama_cpp:C:\\models\\llama.gguf",
        "transformers:meta-llama/Llama-2-7b-chat-hf?quantize=4bit",
    ],
)
def test_a_spec_reads_back_as_it_was_written(text: str) -> None:
    assert str(parse_spec(text)) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("none", "generation is off"),
        ("lama:x", "'lama'"),
        ("llama_cpp", "backend:model"),
        ("", "backends are"),
        ("llama_cpp:", "names no model"),
        ("llama_cpp:smollm2-135m?contxt=5", "'contxt'"),
        ("llama_cpp:smollm2-135m?context", "cannot be read"),
    ],
)
def test_a_wrong_spec_is_refused_by_what_is_wrong(text: str, named: str) -> None:
    with pytest.raises(GeneratorError, match=named):
        parse_spec(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("llama_cpp:smollm2-135m?context=many", "whole number of at least 512"),
        ("llama_cpp:/no/such/model.gguf", "no model file"),
        ("transformers:x?quantize=3bit", "none, 4bit, 8bit"),
        ("openai:host:8000", "http://"),
        ("openai:http://h/v1?key_env=SURELY_NOT_SET", "SURELY_NOT_SET"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_at_once(
    text: str, named: str, settings: Settings
) -> None:
    with pytest.raises(GeneratorError, match=named):
        load(text, settings)


def test_a_renamed_file_is_not_taken_for_a_model(settings: Settings, not_a_model: Path) -> None:
    with pytest.raises(GeneratorError, match="not a GGUF model"):
        load(f"llama_cpp:{not_a_model}", settings)


def test_a_damaged_model_is_an_error_and_not_a_crash(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    path.write_bytes(b"GGUF\x03\x00\x00\x00" + b"\xff" * 100)
    with pytest.raises(GeneratorError, match="cannot be loaded"):
        load(f"llama_cpp:{path}", settings).warm()


def test_a_folder_without_a_model_is_named_by_transformers(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(GeneratorError, match="cannot be loaded through transformers"):
        load(f"transformers:{tmp_path}", settings).warm()


def test_a_server_that_is_down_is_named_with_its_address(settings: Settings) -> None:
    generator = load("openai:http://127.0.0.1:9/v1?model=m", settings)
    with pytest.raises(GeneratorError, match=r"127\.0\.0\.1:9/v1 does not answer"):
        list(generator.stream([Message("user", "hi")], Sampling()))


def test_a_model_that_the_server_does_not_have_is_named(
    settings: Settings, chat_server: str
) -> None:
    generator = load(f"openai:{chat_server}?model=other", settings)
    with pytest.raises(GeneratorError, match=r"'other' with status 404: .*no model other"):
        list(generator.stream([Message("user", "hi")], Sampling()))


def test_without_a_name_the_servers_first_model_is_taken(
    settings: Settings, chat_server: str
) -> None:
    generator = load(f"openai:{chat_server}", settings)
    assert "".join(generator.stream([Message("user", "hi")], Sampling("greedy", max_tokens=2)))
    assert generator.describe()["model"] == "served-smollm2"


def test_finding_the_backends_loads_no_model_library() -> None:
    code = (
        "import sys; from assistant.generation.generator import backends; backends();"
        "sys.exit(bool({'torch', 'transformers', 'llama_cpp', 'httpx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert set(backends()) >= {"llama_cpp", "transformers", "openai"}
