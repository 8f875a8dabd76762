"""The right side: generator, sampling, prompt and passages, with defaults that need no touching."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.chat import Assistant
from assistant.errors import InputError
from assistant.settings import Settings
from assistant.types import Options, Sampling, Strategy

STRATEGIES: dict[Strategy, str] = {
    "greedy": "Greedy: always the likeliest word, the same answer every time",
    "top_k": "Top-k: draws from the k likeliest words",
    "top_p": "Top-p: draws from the likeliest words that make up p of the probability",
}


class Panel:
    """Builds the components; ``components`` go into every turn, ``options`` reads their values.

    The choices of ``collections`` come from the library, when the panel is opened.
    """

    def __init__(self, assistant: Assistant) -> None:
        settings = assistant.settings
        gr.HTML('<h2 class="sb-heading">Settings</h2>', apply_default_css=False)
        self.components: list[gr.components.Component] = [
            _generator(list(assistant.generators.choices)),
            *_sampling(settings),
            *_grounding(settings),
        ]
        self.collections = _collections()
        self.components += [self.collections, _system_prompt(settings)]


def _generator(choices: list[str]) -> gr.Dropdown:
    return gr.Dropdown(
        choices,
        value=choices[0],
        label="Generator",
        info="Writes the free answers. The other tools do not need it.",
        elem_id="generator",
    )


def _sampling(settings: Settings) -> list[gr.components.Component]:
    """How the generator chooses its words, how many, and with which seed."""
    return [
        gr.Radio(
            [(words, name) for name, words in STRATEGIES.items()],
            value=settings.strategy,
            label="Choice of words",
            elem_id="strategy",
        ),
        gr.Slider(
            0.1,
            2,
            settings.temperature,
            step=0.1,
            label="Temperature",
            info="Higher is more varied. Greedy ignores it.",
        ),
        gr.Slider(1, 200, settings.top_k, step=1, label="Top-k", info="For top-k only."),
        gr.Slider(0.05, 1, settings.top_p, step=0.05, label="Top-p", info="For top-p only."),
        gr.Slider(
            16,
            max(2048, settings.max_tokens),
            settings.max_tokens,
            step=16,
            label="Longest answer",
            info="In tokens, about ¾ of a word each.",
            elem_id="max-tokens",
        ),
        gr.Textbox(
            "" if settings.seed is None else str(settings.seed),
            label="Seed",
            placeholder="a new one each time",
            info="The same number gives the same answer again.",
            elem_id="seed",
        ),
    ]


def _grounding(settings: Settings) -> list[gr.components.Component]:
    """What answers stand on: how many passages, and who words them."""
    return [
        gr.Slider(
            1,
            20,
            settings.passages,
            step=1,
            label="Passages",
            info="How many may ground an answer from your documents.",
        ),
        gr.Checkbox(
            False,
            label="Let the generator rephrase",
            info="Answers and summaries read smoother.",
        ),
        gr.Checkbox(
            False,
            label="Answer anyway",
            info="What your documents do not hold, the model answers from memory, and says so.",
            elem_id="anyway",
        ),
    ]


def _collections() -> gr.Dropdown:
    return gr.Dropdown(
        [],
        multiselect=True,
        label="Collections",
        info="Answers come from the documents in these; from all if none is chosen.",
        elem_id="collections",
        visible=False,
    )


def _system_prompt(settings: Settings) -> gr.Textbox:
    return gr.Textbox(
        settings.system_prompt or "",
        label="System prompt",
        placeholder="the one in prompts/system.jinja",
        lines=3,
        max_lines=10,
        elem_id="system-prompt",
    )


def options(values: tuple[Any, ...]) -> Options:
    """Return what the panel's components hold as options of a turn.

    Raises:
        InputError: the seed is not a whole number.

    """
    generator, strategy, temperature, top_k, top_p, max_tokens, seed, *rest = values
    passages, rephrase, anyway, collections, prompt = rest
    number = (seed or "").strip()
    if number and not number.removeprefix("-").isdecimal():
        raise InputError(
            f"The seed is {number[:40]!r}; it has to be a whole number, or empty for a new one "
            "each time. Change it under Settings and send again."
        )
    sampling = Sampling(
        strategy=strategy,
        temperature=float(temperature),
        top_k=int(top_k),
        top_p=float(top_p),
        max_tokens=int(max_tokens),
        seed=int(number[:18]) if number else None,
    )
    return Options(
        generator=generator,
        sampling=sampling,
        system_prompt=(prompt or "").strip() or None,
        passages=int(passages),
        rephrase=bool(rephrase),
        anyway=bool(anyway),
        collections=tuple(collections or ()),
    )
