from __future__ import annotations

import pytest

from assistant.errors import InputError
from assistant.router.commands import command

TOOLS = ("sentiment", "question_answering", "help", "summarization")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/sentiment I love it", ("sentiment", "I love it")),
        ("  /Sentiment: I love it", ("sentiment", "I love it")),
        ("/question-answering x", ("question_answering", "x")),
        ("/tldr long", ("summarization", "long")),
        ("/help", ("help", "")),
        ("/usr/bin/python is a path", None),
        ("1/2 is a half", None),
        ("no command", None),
    ],
)
def test_commands_are_told_from_text(text: str, found: tuple[str, str] | None) -> None:
    assert command(text, TOOLS) == found


def test_an_unknown_command_names_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean /sentiment"):
        command("/sentimnt x", TOOLS)
