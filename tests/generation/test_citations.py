"""What a generator invents must not pass for something that the documents say."""

from __future__ import annotations

import pytest

from assistant.generation.citations import Support, supporting
from assistant.models.encoder import Encoder

HARBOUR = (
    "The harbour of Varn was built in 1874 by the engineer Ida Moss. "
    "It cost 2 million crowns and was never widened."
)
FERRY = "The ferry to Ostrel leaves every 40 minutes. Dogs travel free of charge."
SOURCES = (HARBOUR, FERRY)


def quoted(claim: str, encoder: Encoder) -> str | None:
    """Return the words of the source behind the claim, or None."""
    (found,) = supporting([claim], SOURCES, encoder)
    return None if found is None else SOURCES[found.source][found.start : found.end]


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("Dogs travel free of charge.", "Dogs travel free of charge."),
        (
            "The engineer Ida Moss built the harbour of Varn in 1874.",
            HARBOUR.split(" It", maxsplit=1)[0],
        ),
        ("A ferry leaves to Ostrel every 40 minutes.", FERRY.split(" Dogs", maxsplit=1)[0]),
    ],
)
def test_a_sentence_that_a_source_bears_out_is_given_its_words(
    claim: str, words: str, encoder: Encoder
) -> None:
    assert quoted(claim, encoder) == words


@pytest.mark.parametrize(
    "claim",
    [
        "The harbour of Varn was built in 1875 by the engineer Ida Moss.",  # a number
        "The harbour of Varn was built in 1874 by the engineer Karl Brandt.",  # a name
        "The harbour of Varn was not built in 1874 by the engineer Ida Moss.",  # a denial
        "It cost 2 million crowns and was widened.",
        "The ferry to Ostrel leaves every 40 minutes and serves breakfast, lunch and hot dinners.",
        "The ferry to Varn leaves every 40 minutes.",  # a name of the other source
        "Harbours attract tourists.",
    ],
)
def test_a_sentence_that_no_source_bears_out_has_no_support(claim: str, encoder: Encoder) -> None:
    assert quoted(claim, encoder) is None


SALE = "In 1990 Zenit Foods bought Acme from the town of Varn."
SOLD = "Acme was bought by Zenit Foods."


@pytest.mark.parametrize(
    ("claim", "source", "held"),
    [
        ("Acme bought Zenit Foods in 1990.", SALE, False),
        ("Zenit Foods bought Acme in 1990.", SALE, True),
        ("In Varn, Zenit Foods bought Acme.", SALE, True),
        ("Acme was bought by Zenit Foods in 1990.", SALE, True),
        ("Zenit Foods was bought by Acme in 1990.", SALE, False),
        ("Zenit Foods bought Acme.", SOLD, True),
        ("Acme bought Zenit Foods.", SOLD, False),
    ],
)
def test_who_does_what_to_whom_stays_as_it_is(
    claim: str, source: str, held: bool, encoder: Encoder
) -> None:
    assert (supporting([claim], [source], encoder) != [None]) is held


def test_without_sources_nothing_is_supported(encoder: Encoder) -> None:
    assert supporting(["Anything."], [], encoder) == [None]
    assert supporting(["Anything."], [" \n"], encoder) == [None]
    assert supporting([], SOURCES, encoder) == []


def test_a_quotation_is_found_across_line_breaks(encoder: Encoder) -> None:
    source = "Opening hours.\nThe museum is open\nfrom nine to five."
    found = supporting(["The museum is open from nine to five."], [source], encoder)
    assert found == [Support(0, 15, len(source))]
