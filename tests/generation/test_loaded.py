"""What visitors learn of the operator's generators: names, and that one cannot answer."""

from __future__ import annotations

import logging

import pytest

from assistant.errors import GeneratorError
from assistant.generation.loaded import Generators, readable_name
from assistant.settings import Settings
from assistant.types import Message, Sampling

SECRET = "/home/ann/secret-models/llama-2-7b-chat.Q4_K_M.gguf"
SERVER = "openai:http://ann:hunter2@10.0.0.7:8000/v1?model=acme/big&key_env=ACME_KEY"


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("none", "None: tools and quotations only"),
        ("llama_cpp:smollm2-135m", "SmolLM2 135M, built in"),
        (f"llama_cpp:{SECRET}", "llama-2-7b-chat.Q4_K_M.gguf (llama_cpp)"),
        (r"llama_cpp:C:\models\tiny.gguf", "tiny.gguf (llama_cpp)"),
        (
            "transformers:meta-llama/Llama-2-7b-chat-hf?quantize=4bit",
            "Llama-2-7b-chat-hf (transformers)",
        ),
        (SERVER, "big (openai)"),
        ("openai:http://10.0.0.7:8000/v1", "model server (openai)"),
        ("no spec at all", "a generator"),
    ],
)
def test_a_name_tells_the_model_and_not_where_it_is(spec: str, name: str) -> None:
    assert readable_name(spec) == name


def test_each_generator_has_a_name_of_its_own_and_the_default_comes_first() -> None:
    second = SECRET.replace("secret", "other")
    settings = Settings.read(
        [], generator=f"llama_cpp:{SECRET}", generators=[f"llama_cpp:{second}", SERVER]
    )
    choices = Generators(settings).choices
    assert list(choices) == [
        "llama-2-7b-chat.Q4_K_M.gguf (llama_cpp)",
        "llama-2-7b-chat.Q4_K_M.gguf (llama_cpp), no. 2",
        "big (openai)",
        "SmolLM2 135M, built in",
        "None: tools and quotations only",
    ]
    assert choices["llama-2-7b-chat.Q4_K_M.gguf (llama_cpp), no. 2"].endswith(second)


def test_a_visitor_hears_which_generator_failed_and_the_log_hears_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    generators = Generators(Settings.read([], generator=f"llama_cpp:{SECRET}"))
    with caplog.at_level(logging.WARNING, "assistant"), pytest.raises(GeneratorError) as raised:
        list(generators.stream(None, [Message("user", "hi")], Sampling()))
    told = str(raised.value)
    assert "“llama-2-7b-chat.Q4_K_M.gguf (llama_cpp)” cannot answer" in told
    assert "secret-models" not in told
    assert f"There is no model file '{SECRET}'" in caplog.text


def test_a_spec_is_no_name() -> None:
    generators = Generators(Settings.read([]))
    with pytest.raises(GeneratorError, match="not one this server offers"):
        generators.get("llama_cpp:smollm2-135m")
