from __future__ import annotations

import time

import pytest

from assistant.summaries import choose, summarize

STORY = (
    "The town council of Marlow approved a new bridge over the river on Monday. "
    "Engineers said the old bridge could no longer carry heavy lorries. "
    "She had voted against it twice before. "
    "Local bakers handed out buns. "
    "The new bridge over the river will cost the town four million pounds. "
    "But it will not open before next spring. "
    "Traffic over the old bridge will be limited to cars until the new bridge opens. "
    "A dog slept through the whole debate."
)


def test_sentences_are_the_texts_own_and_in_its_order() -> None:
    summary = summarize(STORY, 3)
    assert len(summary.spans) == 3
    assert list(summary.spans) == sorted(summary.spans)
    assert summary.total == 8
    for start, end in summary.spans:
        assert STORY[start:end].endswith(".")
    assert summary.words == sum(len(STORY[a:b].split()) for a, b in summary.spans)


@pytest.mark.parametrize("count", range(1, 9))
def test_no_sentence_stands_without_the_one_it_leans_on(count: int) -> None:
    lines = STORY.replace(". ", ".\n").split("\n")
    chosen = choose(lines, count)
    assert len(chosen) == count
    for place, leans_on in ((2, 1), (5, 4)):
        assert place not in chosen or leans_on in chosen


def test_what_the_text_is_about_is_taken_and_what_it_mentions_is_not() -> None:
    lines = STORY.replace(". ", ".\n").split("\n")
    chosen = choose(lines, 3)
    assert 3 not in chosen
    assert 7 not in chosen


def test_a_sentence_said_twice_is_taken_once() -> None:
    line = "The harbour of Brindle was closed by the storm on Friday."
    again = "The harbour of Brindle was closed on Friday by the storm."
    other = "Two ferries to the islands had to wait outside until morning."
    chosen = choose([line, "Nobody was hurt in the storm.", again, other, line], 2)
    assert len({0, 2, 4} & set(chosen)) == 1


def test_fragments_count_only_where_there_is_nothing_else() -> None:
    assert summarize("# News\n\nThe ferry to the islands leaves at nine.", 1).spans == ((8, 48),)
    assert summarize("Yes. Fine. Maybe.", 2).spans == ((0, 4), (5, 10))


def test_an_empty_text_has_an_empty_summary() -> None:
    assert summarize("").spans == ()


@pytest.mark.parametrize("line", ["And so it went on, on and on. ", "The ferry waits. ", "好的。"])
def test_a_very_long_text_takes_seconds(line: str) -> None:
    started = time.process_time()
    assert len(summarize(line * (60_000 // len(line)), 40).spans) == 40
    assert time.process_time() - started < 10
