from __future__ import annotations

import pytest

from assistant.router import references
from assistant.types import Message

LIST = "1. Love it.\n2) Hate it.\n- Meh."


@pytest.mark.parametrize(
    ("words", "entry"),
    [
        ("the second one", "Hate it."),
        ("is the last one rude?", "Meh."),
        ("comment 1", "Love it."),
        ("number 3 please", "Meh."),
        ("would you delete number two", "Hate it."),
        ("ok thanks. second review: good or bad?", "Hate it."),
        ("the fifth one", None),
        ("all of them", None),
    ],
)
def test_an_entry_of_a_list_is_found(words: str, entry: str | None) -> None:
    assert references.listed_item(words, LIST) == entry


@pytest.mark.parametrize("words", ["same for", "and this one", "now the same", "what about this"])
def test_words_that_ask_for_the_same(words: str) -> None:
    assert references.asks_the_same(words)


@pytest.mark.parametrize("words", ["summarize this", "is it rude", ""])
def test_words_that_ask_for_something_else(words: str) -> None:
    assert not references.asks_the_same(words)


def test_the_assistants_own_answer_can_be_meant() -> None:
    history = (Message("user", "hi"), Message("assistant", "Hello there."))
    assert references.own_answer("summarize your answer", history) == "Hello there."
    assert references.own_answer("summarize that", history) is None
