"""The sentence splitter: its laws, and the cases in which simple splitters fail."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Dr. Smith met Mr. Jones.", "They talked."],
        ["It costs 3.50 euros.", "That is cheap."],
        ["J. R. R. Tolkien wrote it.", "He was English."],
        ["She moved to the U.S. in 2019.", "Then she left."],
        ["He left the U.S.", "The end came soon."],
        ["See e.g. BERT or i.e. GPT.", "Both work."],
        ["We sell apples, pears, etc.", "Call us."],
        ["Apple Inc. makes phones.", "So does Samsung."],
        ["“Stop!” he said.", "Nobody did."],
        ['He said "I am done."', "Then he left."],
        ["Well... maybe not.", "Or yes!"],
        ["Really?!", "Yes."],
        ["i went home. ", "it was nice. ", "the end"],
        ["See Fig. 3 and Eq. 4.", "They differ."],
        ["The answer is no.", "The question was hard."],
        ["Use version 2.0.1 of transformers.", "It is new."],
        ["Visit example.com now.", "It is free."],
        ["(This is an aside.)", "This is not."],
        ["We open at 9 a.m. every day.", "Come in."],
        ["Vitamin C.", "It helps."],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(expected: list[str]) -> None:
    stripped = [sentence.strip() for sentence in expected]
    assert split(" ".join(stripped)) == stripped


def test_full_width_stops_need_no_space() -> None:
    assert split("今日は。元気ですか？はい！") == ["今日は。", "元気ですか？", "はい！"]


def test_wrapped_prose_runs_on_and_list_items_do_not() -> None:
    text = (
        "This sentence is wrapped at a column that is\nquite far to the right.\n\n"
        "# A heading\nText follows.\n- one\n- two\n  goes on\n1. First\n2. Second"
    )
    assert split(text) == [
        "This sentence is wrapped at a column that is\nquite far to the right.",
        "# A heading",
        "Text follows.",
        "- one",
        "- two\n  goes on",
        "1. First",
        "2. Second",
    ]


def test_short_lines_without_stops_are_sentences_of_their_own() -> None:
    assert split("Good battery\nBad screen\nNice box") == ["Good battery", "Bad screen", "Nice box"]


def test_text_without_words_has_no_sentences() -> None:
    assert sentences("") == []
    assert sentences(" \n\t ") == []


@given(st.text(alphabet=st.sampled_from(list("aB. !?\n\"'-#|1…。 \t\r\u2028é"))))
def test_every_visible_character_lies_in_exactly_one_trimmed_sentence(text: str) -> None:
    spans = sentences(text)
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize("unit", ["word ", "a.b.", "A. ", "....", "Well. ", "\n- x", "x\n", "'\"."])
def test_time_grows_linearly_with_length(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    started = time.perf_counter()
    sentences(text)
    assert time.perf_counter() - started < 3
