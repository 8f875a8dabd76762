"""Own labels, similarity, tokens and sampling with the models that ship."""

from __future__ import annotations

import re

import pytest

from assistant import Assistant, Options, Sampling, Turn
from assistant.types import Labels, Reply, Table

SHORT = Options(sampling=Sampling(max_tokens=6, seed=1))


def _reply(assistant: Assistant, text: str, tool: str) -> Reply:
    return assistant.reply(Turn(text, tool=tool, options=SHORT))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("classify as sports, politics or tech: The striker scored twice in the final.", "sports"),
        ("sports, politics, tech: The senate voted on the new budget.", "politics"),
        (
            "Is this about cooking or gardening?\n\nSimmer the onions until they are soft.",
            "cooking",
        ),
    ],
)
def test_own_labels_choose(assistant: Assistant, text: str, label: str) -> None:
    (result,) = _reply(assistant, text, "zero_shot").results
    assert isinstance(result, Labels)
    assert result.label == label
    assert sum(result.scores.values()) == pytest.approx(1)


def test_several_labels_are_scored_on_their_own(assistant: Assistant) -> None:
    text = "Tag with all that apply (food, trains, football): We ate pizza on the night train."
    (result,) = _reply(assistant, text, "zero_shot").results
    assert isinstance(result, Labels)
    assert min(result.scores["food"], result.scores["trains"]) > result.scores["football"]
    assert sum(result.scores.values()) > 1


def test_each_line_is_sorted_when_lines_are_meant(assistant: Assistant) -> None:
    text = "sort each line into cooking or football:\nBoil the rice.\nThe keeper saved a penalty."
    reply = _reply(assistant, text, "zero_shot")
    (table,) = reply.results
    assert isinstance(table, Table)
    assert [row[2] for row in table.rows] == ["cooking", "football"]
    assert table.counts == {"cooking": 1, "football": 1}


def test_without_labels_it_asks_for_them(assistant: Assistant) -> None:
    reply = _reply(assistant, "The striker scored twice in the final.", "zero_shot")
    assert reply.text.startswith("Which labels shall I choose between?")
    assert not reply.results


@pytest.mark.parametrize(
    "text",
    [
        "How similar are “the train is late” and “the train has a delay”?",
        "the train is late\nthe train has a delay",
        "the train is late vs the train has a delay",
        "compare the train is late with the train has a delay",
    ],
)
def test_two_texts_are_compared(assistant: Assistant, text: str) -> None:
    (table,) = _reply(assistant, text, "similarity").results
    assert isinstance(table, Table)
    assert table.heat
    assert [row[0] for row in table.rows] == ["1. the train is late", "2. the train has a delay"]
    assert table.rows[0][1] == pytest.approx(1, abs=0.01)
    assert table.rows[0][2] == table.rows[1][1]
    assert 0.6 < float(table.rows[0][2]) < 1


def test_the_nearest_pair_is_named_first(assistant: Assistant) -> None:
    text = "Stocks fell sharply.\nA cat sat on the mat.\nShare prices dropped.\nThe soup is hot."
    reply = _reply(assistant, text, "similarity")
    first = reply.text.splitlines()[2]
    assert "1 “Stocks fell sharply.” and 3 “Share prices dropped.”" in first


def test_ten_thousand_lines_are_too_many_and_it_says_so(assistant: Assistant) -> None:
    lines = "\n".join(f"number {n} of a long list" for n in range(10_000))
    reply = _reply(assistant, f"compare these:\n{lines}", "similarity")
    assert re.match(
        r"I compared 1,000 texts of your \d+,\d+; I compare at most 1,000\.", reply.text
    )
    (table,) = reply.results
    assert isinstance(table, Table)
    assert len(table.rows) == 100


def test_one_text_is_not_enough_to_compare(assistant: Assistant) -> None:
    reply = _reply(assistant, "hello", "similarity")
    assert reply.text.startswith("I need at least two texts")


def test_both_tokenizers_split_every_word(assistant: Assistant) -> None:
    reply = _reply(assistant, "Tokenizers aren't hard 🙂", "tokens")
    (table,) = reply.results
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["Tokenizers", "aren't", "hard", "🙂"]
    assert table.rows[0][1] == "token ##izer ##s"
    assert table.rows[3][1] == "[UNK]"
    assert "".join(str(row[3]) for row in table.rows[:1]).replace(" ", "") == "Tokenizers"
    assert "[CLS] [SEP]" in reply.text
    assert "WordPiece lower-cases" in reply.text


def test_tokens_without_a_generator_show_the_encoders(assistant: Assistant) -> None:
    none = Options(generator="none")
    reply = assistant.reply(Turn("The keeper slept.", tool="tokens", options=none))
    (table,) = reply.results
    assert isinstance(table, Table)
    assert table.columns == ("word", "encoder pieces", "encoder ids")
    assert "generator" in reply.text


def test_each_strategy_writes_twice(assistant: Assistant) -> None:
    reply = _reply(assistant, "Name a colour.", "sampling")
    (table,) = reply.results
    assert isinstance(table, Table)
    assert table.columns == ("draw", "greedy", "top-k, k 40", "top-p, p 0.9")
    assert all(cell for row in table.rows for cell in row)
    assert table.rows[0][1] == table.rows[1][1]


@pytest.mark.parametrize("tool", ["zero_shot", "tokens"])
def test_a_million_characters_are_no_trouble(assistant: Assistant, tool: str) -> None:
    text = "cats, dogs: " + "It barks at night. " * 52_000
    reply = _reply(assistant, text[: assistant.settings.max_text], tool)
    assert reply.text
    assert not reply.failed


@pytest.mark.parametrize(("tool", "role"), [("translation", "translator"), ("fill_mask",) * 2])
def test_what_does_not_ship_names_the_setting(assistant: Assistant, tool: str, role: str) -> None:
    reply = _reply(assistant, "into German: The house is ___.", tool)
    assert f"--models {role}=hub" in reply.text
    assert not reply.failed
