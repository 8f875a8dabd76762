from __future__ import annotations

import pytest

from assistant.models.catalogue import Models

SEED = "Hugging Face is based in New York and was founded by Clément Delangue."


def found(models: Models, text: str) -> set[tuple[str, str]]:
    return {(text[span.start : span.end], span.label) for span in models.entities.tag(text)}


def test_the_seed_sentence_gives_its_three_whole_entities(models: Models) -> None:
    assert found(models, SEED) == {
        ("Hugging Face", "ORG"),
        ("New York", "LOC"),
        ("Clément Delangue", "PER"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Angela Merkel met Barack Obama in Berlin.",
            {("Angela Merkel", "PER"), ("Berlin", "LOC")},
        ),
        ("She works for Microsoft in Seattle.", {("Microsoft", "ORG"), ("Seattle", "LOC")}),
        ("The University of Oxford is in England.", {("England", "LOC")}),
        ("i moved to london last year", {("london", "LOC")}),
    ],
)
def test_common_entities_are_found_whole(
    text: str, expected: set[tuple[str, str]], models: Models
) -> None:
    assert expected <= found(models, text)


@pytest.mark.parametrize("text", ["", "  \n", "the cat sat on the mat", "😀😀", "?!", "\ud83d"])
def test_texts_without_names_give_nothing(text: str, models: Models) -> None:
    assert models.entities.tag(text) == ()


def test_spans_are_in_order_apart_and_never_begin_or_end_with_a_blank(models: Models) -> None:
    text = (SEED + "\n  Later, Angela Merkel visited Paris, France — with Microsoft's help. ") * 30
    spans = models.entities.tag(text)
    assert len(spans) >= 90
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        assert 0 < span.score <= 1
        end = span.end


def test_a_long_text_is_tagged_like_its_sentences(models: Models) -> None:
    text = SEED + " " + "Nothing else happened there that day. " * 60 + SEED
    names = [text[span.start : span.end] for span in models.entities.tag(text)]
    assert names.count("Clément Delangue") == 2


def test_order_and_company_do_not_change_the_spans(models: Models) -> None:
    texts = [SEED, "no names here", "Angela Merkel", SEED * 3, ""]
    together = models.entities.tag_many(texts)
    assert [tuple((s.start, s.end, s.label) for s in spans) for spans in together] == [
        tuple((s.start, s.end, s.label) for s in models.entities.tag(text)) for text in texts
    ]
