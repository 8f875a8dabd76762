from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.generation.fitting import MARK, PER_MESSAGE, TEMPLATE, fit
from assistant.types import Message

ROLES = st.sampled_from(["user", "assistant", "system"])


def words(text: str) -> int:
    return len(text.split())


def test_the_oldest_messages_go_first_and_the_system_message_stays() -> None:
    talk = [Message("system", "be brief")] + [
        Message("user" if turn % 2 == 0 else "assistant", f"turn{turn} " * 50) for turn in range(9)
    ]
    fitted = fit(talk, words, 300)
    assert [message.text.split()[0] for message in fitted] == ["be", "turn6", "turn7", "turn8"]


def test_a_message_too_long_alone_keeps_its_beginning_and_its_end() -> None:
    (only,) = fit([Message("user", "first " + "x " * 5000 + "last")], words, 200)
    assert only.text.startswith("first ")
    assert only.text.endswith(" last")
    assert MARK in only.text
    assert words(only.text) <= 200


def test_a_system_prompt_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(InputError, match="Shorten it"):
        fit([Message("system", "x " * 500), Message("user", "hi")], words, 600)


def test_without_a_message_there_is_nothing_to_answer() -> None:
    with pytest.raises(InputError, match="no message"):
        fit([Message("system", "hi")], words, 600)


@given(st.lists(st.tuples(ROLES, st.text(max_size=300)), max_size=12))
def test_what_fits_alternates_ends_with_the_last_and_is_within_the_budget(
    talk: list[tuple[str, str]],
) -> None:
    messages = [Message(role, text) for role, text in talk]  # type: ignore[arg-type]
    budget = 400
    try:
        fitted = fit(messages, len, budget)
    except InputError:
        return
    size = sum(len(message.text) + PER_MESSAGE for message in fitted)
    assert size + TEMPLATE <= budget
    roles = [message.role for message in fitted]
    assert all(one != other for one, other in pairwise(roles))
    assert "system" not in roles[1:]
