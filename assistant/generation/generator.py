"""What a text generator is, how one is named, and how the named one is made.

A spec is ``backend:model?option=value&...``, for example ``llama_cpp:smollm2-135m`` or
``openai:http://host:8000/v1?model=llama``. Knows no backend: discovery finds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qsl

from assistant import generation
from assistant.discovery import members
from assistant.errors import GeneratorError
from assistant.settings import Settings
from assistant.types import Message, Sampling, Tokenized

OFF = "none"


@dataclass(frozen=True, slots=True)
class GeneratorSpec:
    """A generator by name: which backend, which model, and the backend's own options."""

    backend: str
    model: str
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        query = "&".join(f"{key}={value}" for key, value in self.options.items())
        return f"{self.backend}:{self.model}" + (f"?{query}" if query else "")


class Generator(Protocol):
    """Writes the next message of a conversation, piece by piece.

    ``name`` is the backend's module name; ``options`` maps each option of its spec to a line
    that says what it does. Making one is cheap: the weights load with the first ``stream`` or
    with ``warm``. One generator may be used from several threads.
    """

    name: ClassVar[str]
    options: ClassVar[Mapping[str, str]]

    def __init__(self, spec: GeneratorSpec, settings: Settings) -> None: ...

    def stream(self, messages: Sequence[Message], sampling: Sampling) -> Iterator[str]:
        """Yield the answer in pieces; an empty piece means "still working, nothing new".

        Closing the iterator stops the model within one token. A conversation longer than the
        context loses its oldest messages, never the system message; a last message that does not
        fit alone is cut in its middle.

        Raises:
            GeneratorError: the model cannot be loaded, or broke off.
        """
        ...

    def tokenized(self, text: str) -> Tokenized:
        """Return how the model's tokenizer splits ``text``.

        Raises:
            GeneratorError: the model cannot be loaded, or keeps its tokenizer to itself.
        """
        ...

    def warm(self) -> None:
        """Load the weights now; the second call does nothing."""
        ...

    def describe(self) -> dict[str, str | int | float]:
        """Return facts for people: model, file, device, context in tokens, quantization."""
        ...

    def close(self) -> None:
        """Stop what runs and give the memory back; a later ``stream`` loads again."""
        ...


def backends() -> dict[str, type[Any]]:
    """Return backend name → class, for every backend module of this package."""
    return members(generation)


def parse_spec(text: str) -> GeneratorSpec:
    """Read ``backend:model?option=value``.

    Raises:
        GeneratorError: generation is off, or the backend or an option is unknown or malformed.
    """
    text = text.strip()
    if text == OFF:
        raise GeneratorError(
            "Text generation is off (the generator is set to none). "
            "Choose one, such as llama_cpp:smollm2-135m, in the settings."
        )
    backend, colon, rest = text.partition(":")
    known = backends()
    if backend not in known or not colon:
        raise GeneratorError(
            f"The generator {text!r} names the backend {backend!r}; the backends are "
            f"{', '.join(known)}. Write backend:model, such as llama_cpp:smollm2-135m."
        )
    model, _, query = rest.partition("?")
    if not model:
        raise GeneratorError(
            f"The generator {text!r} names no model after {backend}:. "
            f"Write backend:model, such as {backend}:smollm2-135m."
        )
    return GeneratorSpec(backend, model, _options(text, query, known[backend].options))


def load(spec: str, settings: Settings) -> Generator:
    """Make the generator that ``spec`` names; its weights load on first use.

    Raises:
        GeneratorError: as ``parse_spec``, or the backend refuses the model or an option's value.
    """
    parsed = parse_spec(spec)
    generator: Generator = backends()[parsed.backend](parsed, settings)
    return generator


def choice(spec: GeneratorSpec, option: str, allowed: Sequence[str]) -> str:
    """Return the option's value, the first allowed one when it is not given.

    Raises:
        GeneratorError: the value is not among the allowed ones.
    """
    value = spec.options.get(option, allowed[0])
    if value not in allowed:
        raise GeneratorError(
            f"The option {option} of the generator {spec} is {value!r}; "
            f"it may be {', '.join(allowed)}."
        )
    return value


def number(spec: GeneratorSpec, option: str, default: int, least: int = 1) -> int:
    """Return the option as a whole number of at least ``least``.

    Raises:
        GeneratorError: the value is not such a number.
    """
    value = spec.options.get(option, str(default))
    try:
        result = int(value)
    except ValueError:
        result = least - 1
    if result < least and option in spec.options:
        raise GeneratorError(
            f"The option {option} of the generator {spec} is {value!r}; "
            f"it must be a whole number of at least {least}."
        )
    return result


def _options(text: str, query: str, known: Mapping[str, str]) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise GeneratorError(
            f"The options {query!r} of the generator {text!r} cannot be read. "
            "Write option=value, joined by &."
        ) from None
    for key, _ in pairs:
        if key not in known:
            raise GeneratorError(
                f"The generator {text!r} has the unknown option {key!r}; its options are "
                f"{', '.join(known) or 'none'}."
            )
    return dict(pairs)
