from __future__ import annotations

import pytest

from assistant.router.questions import question_in
from assistant.router.split import Split


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("Read this and answer: who opened it?",), "who opened it?"),
        (("Based on this passage", "where was it born?"), "where was it born?"),
        (("Question: who won?",), "who won?"),
        (("The story is below. What did the fox steal?",), "What did the fox steal?"),
        (("I can't make out from this when the ferry goes back:",), "when the ferry goes back"),
        (("Please read it and tell me how many jobs are going.",), "how many jobs are going"),
        (("So is my son, seven, allowed in?",), "is my son, seven, allowed in?"),
        (("and why?",), "and why?"),
    ],
)
def test_the_question_is_found_among_the_words_around(
    parts: tuple[str, ...], expected: str
) -> None:
    assert question_in(Split("\n".join(parts), "…", "lines", parts)) == expected
