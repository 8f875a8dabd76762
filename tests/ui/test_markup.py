"""Text of others, made safe to show."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.types import Span
from assistant.ui.markup import escape, excerpt, markdown, marked, percent, plain

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "`${alert(1)}`",
    "' onmouseover='alert(1)",
    "<!--><script>alert(1)</script>-->",
    "</div></details><iframe srcdoc='<script>alert(1)</script>'>",
)


@given(st.text())
def test_escaped_text_shows_exactly_what_it_was(text: str) -> None:
    assert html.unescape(escape(text)) == html.unescape(html.escape(text))


@given(st.text())
def test_escaped_text_holds_no_sign_that_begins_html_or_a_template(text: str) -> None:
    assert not set(escape(text)) & set("<>\"'`${}")


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_keeps_no_tag(attack: str) -> None:
    assert not re.search(r"<[a-zA-Z/!?]", re.sub(r"`[^`]*`", "", markdown(attack)))


@pytest.mark.parametrize(
    "image", ["![a](http://evil.example/x.png)", "![a][1]\n\n[1]: http://e.example"]
)
def test_an_image_in_markdown_becomes_words_and_a_link_that_nobody_fetches(image: str) -> None:
    assert "![" not in markdown(image)


@pytest.mark.parametrize(
    "code",
    ["`if a<b: vec![1]`", "```rust\nlet v = vec![1]; // <T>\n```", "```\nunfinished <b> ![x](y)"],
)
def test_code_in_markdown_stays_as_it_is(code: str) -> None:
    assert markdown(code) == code


@given(st.text(alphabet="ab<>![]()`/ \n"))
def test_an_edited_message_gets_its_own_text_back(text: str) -> None:
    if "!\\[" not in text and "&lt;" not in text:
        assert plain(markdown(text)) == text


def test_spans_are_marked_where_they_lie_and_overlaps_are_left_out() -> None:
    spans = (Span(0, 3, "PER", 0.9), Span(2, 5, "ORG", 0.8), Span(6, 9, "LOC", 0.7))
    shown = marked("Ann & Rom", spans)
    assert shown.count("<mark") == 2
    assert re.sub(r"<[^>]*>", "", shown) == "Ann &amp; Rom"


@given(st.text(), st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=6))
def test_marking_never_changes_the_text(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span(start, end, 'x"><script>', 0.5) for start, end in places]
    assert re.sub(r"</?mark[^>]*>", "", marked(text, spans)) == escape(text)


def test_a_percentage_is_never_rounded_to_certainty() -> None:
    assert [percent(score) for score in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        "0%",
        "<1%",
        "50%",
        ">99%",
        "100%",
    ]


def test_an_excerpt_is_one_short_line_whatever_the_text() -> None:
    assert excerpt("a\n b") == "a b"
    assert len(excerpt("wort " * 100_000)) <= 120
