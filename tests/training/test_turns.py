from __future__ import annotations

from assistant.models.segmenter import ASKED
from assistant.training import turns
from assistant.training.turn_sources import Sources, written

SOURCES = Sources(
    remark=["The soup was cold and so was the waiter.", "Best tram driver in town!"],
    comment=["you people never listen", "first!!! great video"],
    names=["Ida Brandt flew from Oslo to Quito.", "Fernweh GmbH hired Luca Moretti."],
    passage=["The mill was built in 1851. It burned down twice. A school stands there now."],
    story=["A fox asked an owl the way. The owl did not know. They went together."],
    questions=[("When was the mill built?", "The mill was built in 1851. It burned down twice.")],
)


def test_marks_are_the_material_and_nothing_else() -> None:
    texts = {*SOURCES.remark, *SOURCES.comment, *SOURCES.names}
    found = 0
    for turn in turns.compose(400, SOURCES, seed=3):
        for start, end in turn.marks or ():
            assert 0 <= start < end <= len(turn.text)
            assert turn.text[start:end] == turn.text[start:end].strip()
            found += turn.text[start:end] in texts
    assert found > 50


def test_every_tool_is_asked_for_and_several_at_once() -> None:
    composed = turns.compose(600, SOURCES, seed=0)
    asked = [{name for name in ASKED if turn.scores[name]} for turn in composed]
    assert set().union(*asked) == set(ASKED)
    assert any(len(names) >= 2 for names in asked)
    assert any(not names for names in asked), "a text that is only pasted asks for nothing"


def test_the_same_seed_gives_the_same_turns() -> None:
    assert turns.compose(50, SOURCES, seed=1) == turns.compose(50, SOURCES, seed=1)
    assert turns.compose(50, SOURCES, seed=1) != turns.compose(50, SOURCES, seed=2)


def test_words_of_a_corpus_are_written_as_people_write() -> None:
    words = ["He", "did", "n't", "go", "(", "to", "Rome", ")", ",", "she", "said", "."]
    assert written(words) == "He didn't go (to Rome), she said."
