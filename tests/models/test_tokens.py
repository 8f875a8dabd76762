from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.models.encoder import package_folder
from assistant.models.layout import join_pair
from assistant.models.tokens import CASES, TextTokenizer, case_of, spell_emoji

TOKENIZER = TextTokenizer(package_folder())


@pytest.mark.parametrize(
    ("word", "case"),
    [
        ("york", "lower"),
        ("York", "title"),
        ("NASA", "upper"),
        ("A", "letter"),
        ("iPhone", "mixed"),
        ("1999", "number"),
        ("B2B", "coded"),
        ("!", "sign"),
        ("北京", "lower"),
    ],
)
def test_letter_case_of_a_word(word: str, case: str) -> None:
    assert CASES[case_of(word)] == case


def test_offsets_lead_back_to_the_words_of_the_text() -> None:
    text = "Café Délicieux in 北京, no?"
    tokens = TOKENIZER.read(text)
    pieces = [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]
    assert pieces[0] == "Café"
    assert "北" in pieces
    assert pieces[-1] == "?"


def test_emoji_are_read_by_name_and_their_tokens_point_at_them() -> None:
    text = "I would 🔪 it"
    tokens = TOKENIZER.read(text)
    knife = [place for place, start in enumerate(tokens.starts) if text[start] == "🔪"]
    assert len(knife) >= 2  # "kitchen knife"
    assert all(tokens.ends[place] <= len("I would 🔪") for place in knife)
    assert text[tokens.starts[-1] : tokens.ends[-1]] == "it"


@given(st.text(alphabet=st.characters(codec=None), max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_offsets_inside_it_in_order(text: str) -> None:
    tokens = TOKENIZER.read(text)
    assert all(
        0 <= start < end <= len(text) for start, end in zip(tokens.starts, tokens.ends, strict=True)
    )
    assert tokens.starts == sorted(tokens.starts)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_every_character_of_a_spelled_text_has_a_place(text: str) -> None:
    spelled, places = spell_emoji(text)
    assert len(places) >= len(spelled)
    assert all(0 <= places[i] < max(1, len(text)) for i in range(len(spelled)))


def test_words_of_the_question_are_marked_in_the_context() -> None:
    question, context = TOKENIZER.read("Where is Paris?"), TOKENIZER.read("Paris is in France.")
    _, segments, features = join_pair(question, context)
    marked = [
        feature >= len(CASES) for feature, part in zip(features, segments, strict=True) if part
    ]
    assert marked == [True, False, False, False, False, False]  # "is" says nothing
