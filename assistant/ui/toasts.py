"""The short messages that pop up in a corner. Gradio shows them as HTML, so all go through here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr

from assistant.errors import AssistantError
from assistant.ui.markup import escape

Outcome = TypeVar("Outcome")


def warn(error: AssistantError) -> None:
    """Show an error's sentence, which may quote text from outside."""
    gr.Warning(escape(str(error)))


def inform(sentence: str) -> None:
    """Say something that the user should know."""
    gr.Info(escape(sentence))


def confirm(sentence: str) -> None:
    """Say that something was done."""
    gr.Success(escape(sentence))


def told(action: Callable[..., Outcome], *arguments: Any) -> Outcome:
    """Run ``action``; end the handler with the sentence of its error, if there is one."""
    try:
        return action(*arguments)
    except AssistantError as error:
        raise gr.Error(escape(str(error)), print_exception=False) from None
