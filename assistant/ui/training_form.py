"""The settings of a training, with defaults that need no touching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from assistant.errors import InputError
from assistant.training.bases import EMBEDDED
from assistant.training.options import Options

METHODS = {"lora": "LoRA: small added matrices learn", "full": "Full: everything learns"}


class Advanced:
    """Builds the components; ``options`` reads their values."""

    def __init__(self) -> None:
        default = Options()
        with gr.Accordion("Advanced", open=False, elem_id="train-advanced"):
            base = gr.Textbox(
                EMBEDDED,
                label="Base",
                info="embedded, which ships with Switchboard; OWNER/NAME on the hub; or a folder.",
                elem_id="train-base",
                max_length=500,
            )
            method = gr.Radio(
                [(words, name) for name, words in METHODS.items()],
                value=default.method,
                label="Method",
            )
            with gr.Row():
                epochs = gr.Textbox(
                    label="Epochs", placeholder="by the data", elem_id="train-epochs"
                )
                rate = gr.Textbox(
                    label="Learning rate", placeholder="by base and method", elem_id="train-rate"
                )
                batch = gr.Number(default.batch_size, label="Batch size", precision=0)
                seed = gr.Number(default.seed, label="Seed", precision=0)
        self.components: list[gr.components.Component] = [base, method, epochs, rate, batch, seed]

    def options(self, values: Sequence[Any]) -> Options:
        """Return what the components hold.

        Raises:
            InputError: a value is no number, or out of range.
        """
        base, method, epochs, rate, batch, seed = values
        options = Options(
            base=(base or "").strip() or EMBEDDED,
            method="full" if method == "full" else "lora",
            epochs=_number("Epochs", epochs),
            learning_rate=_number("Learning rate", rate),
            batch_size=Options().batch_size if batch is None else int(batch),
            seed=0 if seed is None else abs(int(seed)) % 2**31,
        )
        options.check()
        return options


def _number(label: str, text: str | None) -> float | None:
    """Return the number, or None for the default."""
    if not (text or "").strip():
        return None
    try:
        return float(text or "")
    except ValueError as error:
        raise InputError(
            f"{label} is {text!r}; it must be a number, or empty for the default."
        ) from error
