"""Turns messages into the parts of a prompt: the template's own text, and text from people.

A model's chat template is rendered with a placeholder for every message, so that what a person
wrote is never read as the template's control tokens (``<|im_start|>`` in a message stays text).
The template itself comes with the model and is not trusted either: it runs in a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NoReturn

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assistant.errors import GeneratorError
from assistant.types import Message

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{{ '<|im_start|>assistant\n' }}"
)
_PLACEHOLDER = re.compile("\ue000([0-9]+)\ue001")
# Llama-2 marks turns with ordinary text, which no tokenizer flag can tell from a person's.
_WRITTEN_MARKS = re.compile(r"\[/?INST\]|<</?SYS>>")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the prompt; control tokens are recognized only in ``trusted`` ones."""

    text: str
    trusted: bool


def prompt_parts(
    template: str, messages: Sequence[Message], special: Mapping[str, str]
) -> list[Part]:
    """Render the chat template and return the prompt's parts, ending where the reply begins.

    ``special`` holds the texts of the tokens a template may name: ``bos_token``, ``eos_token``.

    Raises:
        GeneratorError: the template cannot be rendered.
    """
    try:
        rendered = _render(template, messages, special)
    except TemplateError:
        # Some templates refuse a system message: give its words to the first user message.
        messages = _without_system(messages)
        try:
            rendered = _render(template, messages, special)
        except TemplateError as error:
            raise GeneratorError(
                f"The chat template of the model cannot be used: {error}. Choose another model."
            ) from error
    parts: list[Part] = []
    end = 0
    for match in _PLACEHOLDER.finditer(rendered):
        parts.append(Part(rendered[end : match.start()], trusted=True))
        text = messages[int(match.group(1))].text
        if "[INST]" in rendered:
            text = _WRITTEN_MARKS.sub(" ", text)
        parts.append(Part(text, trusted=False))
        end = match.end()
    parts.append(Part(rendered[end:], trusted=True))
    return [part for part in parts if part.text]


def _render(template: str, messages: Sequence[Message], special: Mapping[str, str]) -> str:
    listed = [
        {"role": message.role, "content": f"\ue000{index}\ue001"}
        for index, message in enumerate(messages)
    ]
    return _compile(template).render(messages=listed, add_generation_prompt=True, **special)


def _without_system(messages: Sequence[Message]) -> list[Message]:
    system = [message.text for message in messages if message.role == "system"]
    spoken = [message for message in messages if message.role != "system"]
    if system and spoken:
        spoken[0] = replace(spoken[0], text="\n\n".join([*system, spoken[0].text]))
    return spoken


@lru_cache(maxsize=8)
def _compile(template: str) -> Template:
    # The options and helpers that Hugging Face's own chat templates are written for.
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    helpers: dict[str, Any] = {"raise_exception": _refuse}
    environment.globals.update(helpers)
    return environment.from_string(template)


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)
