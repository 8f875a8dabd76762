"""The laws of passages, and what they keep whole."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.chunking import LIMIT, WHOLE, chunk, pieces
from assistant.retrieval.loaders import LoadedDocument, clean

GUIDE = """# Guide

Opening words.

## Sampling

### Top-k *sampling*

Keep the k best.

## [Limits](https://x.test)

The end.
"""
BLOCKS = st.sampled_from(
    [
        "# One\n",
        "## Two\n",
        "A sentence of several words ends here. ",
        "Another follows it, rather longer than the first one was, with a comma or two. ",
        "\n\n",
        "\n",
        "- an item\n",
        "```\ncode here\n\nmore code\n```\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "word " * 300,
        "x" * 900,
        "日本語の文。" * 60,
        "~~~\n",
        "```\n",
    ]
)


def document(text: str, pages: tuple[int, ...] = ()) -> LoadedDocument:
    return LoadedDocument("test.md", clean(text), pages, "md")


@given(st.lists(BLOCKS, max_size=12).map("".join))
def test_offsets_are_exact_in_order_and_within_the_limit(text: str) -> None:
    made = document(text)
    most = WHOLE if any(sign in text for sign in ("```", "~~~", "|")) else LIMIT
    before = 0
    for piece in chunk(made):
        assert made.text[piece.start : piece.end] == piece.text
        assert piece.text == piece.text.strip() != ""
        assert pieces(piece.text) <= most
        assert piece.start >= before
        before = piece.start


@given(st.lists(BLOCKS, max_size=12).map("".join))
def test_every_word_is_in_a_passage_or_in_a_heading(text: str) -> None:
    made = document(text)
    passages = chunk(made)
    covered = bytearray(len(made.text))
    for piece in passages:
        covered[piece.start : piece.end] = b"\1" * (piece.end - piece.start)
    position = 0
    for line in made.text.splitlines(keepends=True):
        if not line.startswith("#"):
            for offset, character in enumerate(line, start=position):
                assert character.isspace() or covered[offset]
        position += len(line)


@given(
    st.lists(
        st.sampled_from(["Short one here. ", "This is a sentence of some words. "]),
        min_size=1,
        max_size=90,
    )
)
def test_sentences_stay_whole_and_neighbours_share_one_at_most(parts: list[str]) -> None:
    made = document("".join(parts))
    passages = chunk(made)
    assert all(piece.text.endswith(".") and piece.text[0] in "ST" for piece in passages)
    for left, right in pairwise(passages):
        assert made.text[right.start : left.end].count(".") <= 1


def test_headings_form_a_path_without_markup() -> None:
    found = [(piece.heading, piece.text) for piece in chunk(document(GUIDE))]
    assert found == [
        ("Guide", "Opening words."),
        ("Guide › Sampling › Top-k sampling", "Keep the k best."),
        ("Guide › Limits", "The end."),
    ]


def test_code_and_tables_stay_whole() -> None:
    code = "```python\n# not a heading\n" + "\n".join(f"call_{i}()" for i in range(20)) + "\n```"
    table = "| a | b |\n|---|---|\n" + "\n".join(f"| {i} | x |" for i in range(12))
    prose = "Several words of prose stand here. " * 12
    passages = chunk(document(f"# T\n\n{prose}\n\n{code}\n\n{prose}\n\n{table}\n"))
    assert any(code in piece.text for piece in passages)
    assert any(table in piece.text for piece in passages)
    assert {piece.heading for piece in passages} == {"T"}


def test_the_sentence_before_code_stands_with_it() -> None:
    code = "```python\n" + "\n".join(f"call_{i}(value, other)" for i in range(20)) + "\n```"
    prose = "Several words of prose stand here. " * 14
    passages = chunk(document(f"# T\n\n{prose}\nLoad the file like this:\n\n{code}\n"))
    (with_code,) = (piece.text for piece in passages if "```" in piece.text)
    assert with_code.endswith(f"Load the file like this:\n\n{code}")


def test_the_rest_of_a_long_table_names_its_columns_in_its_heading() -> None:
    rows = "\n".join(f"| model number {i} | {i} gigabytes |" for i in range(90))
    table = f"| Model | Memory |\n|---|---|\n{rows}"
    first, *rest = chunk(document(f"# Sizes\n\n{table}\n"))
    assert (first.heading, first.text[:9]) == ("Sizes", "| Model |")
    assert rest
    assert {piece.heading for piece in rest} == {"Sizes › Model, Memory"}


def test_a_passage_knows_the_page_it_begins_on() -> None:
    first, second = "Page one words. " * 40, "Page two words. " * 40
    text = f"{first.strip()}\n\n{second.strip()}"
    passages = chunk(document(text, (0, len(first.strip()) + 2)))
    assert passages[0].page == 1
    assert passages[-1].page == 2
    assert chunk(document(text))[0].page is None


def test_a_document_of_headings_alone_still_has_a_passage() -> None:
    (only,) = chunk(document("# Only\n## Headings"))
    assert only.text == "# Only\n## Headings"
    assert chunk(document("")) == ()


def test_a_row_stays_whole_and_a_long_one_is_cut_between_cells() -> None:
    rows = [f"name: Row {n} · note: It is one. It is two. It is three." for n in range(40)]
    long = "name: Long · " + " · ".join(f"column {n}: some words in a cell" for n in range(60))
    text = "\n".join([*rows, long])
    made = chunk(LoadedDocument("a.csv", text, (), "csv"))
    lines = [line for part in made for line in part.text.split("\n")]
    assert lines[:40] == rows
    assert all(pieces(part.text) <= LIMIT for part in made)
    cut = [line.strip(" ·") for line in lines[40:]]
    assert len(cut) > 1
    assert " · ".join(cut) == long


def test_a_passage_belongs_to_the_page_on_which_all_its_sentences_begin() -> None:
    pages = ["A short page.", "", "Third page. It goes on.", "Fourth."]
    starts = [sum(len(page) + 2 for page in pages[:number]) for number in range(4)]
    made = chunk(LoadedDocument("a.pdf", "\n\n".join(pages), tuple(starts), "pdf"))
    assert [(part.page, part.text) for part in made] == [
        (1, pages[0]),
        (3, pages[2]),
        (4, pages[3]),
    ]
