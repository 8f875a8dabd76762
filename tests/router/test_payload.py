from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.router.payload import splits
from assistant.router.split import Split, clean

REVIEW = "I love it, and I don't say that often"


@pytest.mark.parametrize(
    "turn",
    [
        f"What's the sentiment of: '{REVIEW}'?",
        f'What\'s the sentiment of "{REVIEW}"?',
        f"sentiment of “{REVIEW}” please",
        f"sentiment of ‘{REVIEW}’",
        f"sentiment of «{REVIEW}»",
        f"sentiment:\n```\n{REVIEW}\n```",
        f"sentiment:\n```text\n{REVIEW}\n```\nthanks",
        f'sentiment?\n"""\n{REVIEW}\n"""',
        f"sentiment: {REVIEW}",
        f"sentiment of this:\n\n{REVIEW}",
        f"{REVIEW}\n\nIs that positive?",
        f"{REVIEW}. Is that positive?",
        f"is that positive? {REVIEW}",
        f"is that positive - {REVIEW}",
        f"is that positive ({REVIEW})",
        f'is "{REVIEW}" positive or negative?',
        f"How is this?\nReview: {REVIEW}",
    ],
)
def test_the_material_is_among_the_readings(turn: str) -> None:
    assert REVIEW in {split.payload.rstrip(".") for split in splits(turn)}


def test_the_last_reading_is_the_whole_turn() -> None:
    assert splits("tl;dr")[-1] == Split("tl;dr", "", "")


def test_material_in_the_middle_leaves_a_this_behind() -> None:
    reading = splits('is "get lost" a nice thing to say?')[0]
    assert reading.instruction == "is this a nice thing to say?"


@pytest.mark.parametrize(
    ("material", "expected"),
    [
        ('"quoted"', "quoted"),
        ("“curly”", "curly"),
        ("```\ncode\n```", "code"),
        ("Text: the dog", "the dog"),
        ('he said "no" and left', 'he said "no" and left'),
        ("'Best dentist I've ever had'", "Best dentist I've ever had"),
    ],
)
def test_material_loses_only_what_wraps_it(material: str, expected: str) -> None:
    assert clean(material) == expected


@pytest.mark.parametrize(
    ("turn", "payload"),
    [
        ('how close are "one thing" and "another thing"?', '"one thing" and "another thing"'),
        ("compare 'it's cold', 'I'm freezing' and 'hot'", "'it's cold', 'I'm freezing' and 'hot'"),
        ("“A b” vs. “C d”: the same?", "“A b” vs. “C d”"),
    ],
)
def test_quotations_in_a_row_are_one_material_with_their_marks(turn: str, payload: str) -> None:
    quoted = [split.payload for split in splits(turn) if split.form == "quotes"]
    assert quoted[0] == payload


def test_quotations_with_words_between_them_are_not_joined() -> None:
    turn = 'He said "no" loudly and then "yes" softly. Who is named?'
    assert '"no" loudly and then "yes"' not in {split.payload for split in splits(turn)}


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    for split in splits(text):
        assert split.payload in text or clean(split.payload) == split.payload
