"""The words of HTML comments, and where they stand in the markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.api.markup import visible

PIECES = st.sampled_from(
    ["<", ">", "<p>", "</p>", "<br/>", "<script>", "</script>", "<!--", "-->", "<![", "]>", "<!x",
     "<?", "&", "&amp;", "&#105;", "&#x;", "&#99999999;", "&bne;", "'", '"', "=", "a", "é", "😀",
     "\n", "\r\n", " ", "<a href='", "<![CDATA[", "<![if IE]>", "&lt"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One<br>two</p>three &lt;3", "\nOne\ntwo\nthree <3"),
        ("<script>alert('x')</script><style>p{}</style>shown", "shown"),
        ('<img alt="not shown" src=x onerror="a>b">5 < 6 & 7', "5 < 6 & 7"),
        ("<!-- hidden -->a<!-- never closed", "a"),
        ("f<b></b>o<i>o</i>", "foo"),
    ],
)
def test_what_a_browser_shows_is_read(markup: str, text: str) -> None:
    assert visible(markup).text == text


@given(st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join))
def test_any_markup_can_be_read_and_each_character_has_a_place_in_it(markup: str) -> None:
    found = visible(markup)
    assert len(found.places) == len(found.text) + 1
    assert all(a <= b for a, b in zip(found.places, found.places[1:], strict=False))
    assert found.places[-1] == len(markup)
    plain = [
        (character, markup[place])
        for character, place in zip(found.text, found.places, strict=False)
        if character.isalpha() and character.isascii() and markup[place] != "&"
    ]
    assert all(character == written for character, written in plain)


def test_markup_without_end_is_read_in_no_time() -> None:
    for piece in ("<a'", "<!--", "<script>", "<![", "&", "<a '\"", "</"):
        assert len(visible(piece * (20_000 // len(piece))).text) <= 20_000
