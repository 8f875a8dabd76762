from __future__ import annotations

import pytest

from assistant.languages import english_only, language_of, target_named


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The house at the end of the road was sold yesterday.", "en"),
        ("Das Haus am Ende der Straße wurde gestern verkauft.", "de"),
        ("Mi pedido llegó antes de lo previsto y encima con una nota.", "es"),
        ("这是一个测试，看看会发生什么。", "zh"),
        ("ok", None),
        ("🙂🙂🙂", None),
        ("https://example.org/a/very/long/address?with=parts", None),
        ("", None),
    ],
)
def test_the_language_of_a_text(text: str, code: str | None) -> None:
    assert language_of(text) == code


def test_a_text_in_another_language_gets_a_word_of_caution() -> None:
    assert "German" in english_only("Das Haus am Ende der Straße wurde gestern verkauft.")
    assert english_only("The house at the end of the road was sold yesterday.") == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("translate this German letter into French", "fr"),
        ("how do you say that in Spanish?", "es"),
        ("auf Deutsch bitte", "de"),
        ("French, please", "fr"),
        ("translate this", None),
    ],
)
def test_the_language_that_is_asked_for(words: str, code: str | None) -> None:
    assert target_named(words) == code
