from __future__ import annotations

import pytest

from assistant.retrieval import quoting
from assistant.retrieval.evidence import Evidence, define
from assistant.retrieval.question_kinds import fits, understand
from assistant.types import Passage


@pytest.mark.parametrize(
    ("text", "kind", "subjects"),
    [
        ("Who built the lighthouse?", "fact", ()),
        ("In which year was it built?", "fact", ()),
        ("What is the capital of Mongolia?", "fact", ()),
        ("What is beam search?", "definition", ("beam search",)),
        ("hi, what's a tokenizer", "definition", ("tokenizer",)),
        ("tell me about agents", "definition", ("agents",)),
        ("model parallelism vs data parallelism", "comparison", None),
        ("What is the difference between a cat and a dog?", "comparison", ("cat", "dog")),
        ("How do I load a file?", "open", ()),
        ("why is the loss nan", "open", ()),
        ("the lamp of the lighthouse", "open", ()),
    ],
)
def test_a_question_says_what_answer_it_wants(
    text: str, kind: str, subjects: tuple[str, ...] | None
) -> None:
    found = understand(text)
    assert found.kind == kind
    assert found.subjects == (
        ("model parallelism", "data parallelism") if subjects is None else subjects
    )


def test_only_how_to_questions_ask_for_steps() -> None:
    assert understand("How do I load a file?").how_to
    assert not understand("How does it load a file?").how_to


@pytest.mark.parametrize(
    ("question", "answer", "fitting"),
    [
        ("How many lamps are there?", "twelve", True),
        ("How many lamps are there?", "the keeper", False),
        ("When was it built?", "after the war", True),
        ("When was it built?", "a keeper", False),
        ("Who built it?", "Anna Berg", True),
        ("Who built it?", "opinionated library", False),
        ("What does it do?", "anything", True),
    ],
)
def test_an_answer_is_of_the_sort_that_is_asked_for(
    question: str, answer: str, fitting: bool
) -> None:
    assert fits(question, answer) is fitting


MARKDOWN = """Load it with [`load_file`](https://host.example/x), then **read** it.

```python
answer = load_file("a.txt")
```

| Model | Memory |
|---|---|
| small | 60 MB |
| large | 2 GB |
"""


def test_only_sentences_are_prose() -> None:
    (sentence,) = (MARKDOWN[start:end] for start, end in quoting.prose(MARKDOWN))
    assert sentence.startswith("Load it with")
    assert sentence.endswith("read** it.")


def test_code_after_a_sentence_belongs_to_it() -> None:
    ((_, end),) = quoting.prose(MARKDOWN)
    assert MARKDOWN[end : quoting.follows(MARKDOWN, end)].strip().startswith("```python")
    assert quoting.follows(MARKDOWN, 0) == 0


def test_code_that_began_in_the_passage_before_is_code() -> None:
    text = "value = other(1)\n```\n\nThen a sentence follows here."
    (found,) = quoting.prose(text)
    assert text[slice(*found)] == "Then a sentence follows here."


def test_a_row_is_quoted_with_the_names_of_its_columns() -> None:
    place = MARKDOWN.index("2 GB")
    assert quoting.is_row(MARKDOWN, place)
    assert not quoting.is_row(MARKDOWN, MARKDOWN.index("Memory"))
    start = MARKDOWN.index("| large")
    assert quoting.row(MARKDOWN, start, MARKDOWN.index("\n", start)) == (
        "Model: large · Memory: 2 GB"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("See [the guide](a.md) or ![a map](http://x.example/y.png).", "See the guide or a map."),
        ("> [!TIP]\n> Use **bold** words", "Use bold words"),
        ("The [`~a.B`] class <b>loads</b>\nfiles", "The `a.B` class loads files"),
        ("First:\n\n```py\n[x](y)\n```", "First:\n\n```py\n[x](y)\n```"),
    ],
)  # fmt: skip
def test_markup_is_taken_off_a_quotation_but_not_off_its_code(text: str, words: str) -> None:
    assert quoting.quoted(text) == words


def passage(text: str, heading: str = "", number: int = 0) -> Passage:
    return Passage(f"p{number}", "d", "guide.md", heading, None, text, 0, len(text), 0.5)


def test_the_sentence_that_defines_is_found() -> None:
    found = define(
        "beam search",
        [
            passage("With beam search the answer is longer. It takes more memory, too.", number=1),
            passage(
                "Some words before it. Beam search is a strategy that keeps several.", number=2
            ),
        ],
    )
    assert found is not None
    assert found.text == "Beam search is a strategy that keeps several."


def test_a_short_name_in_brackets_is_defined_too() -> None:
    found = define("LoRA", [passage("Low-Rank Adaptation (LoRA) is a method for large models.")])
    assert found is not None
    assert define("LoRA", [passage("We used LoRA in all of the runs that are shown here.")]) is None


def test_the_short_answer_is_bold_in_words_without_markup() -> None:
    text = "The lamp of [Karsholm](x.md) turns once in twelve seconds."
    start = text.index("twelve seconds")
    evidence = Evidence(passage(text), 0, len(text), (start, start + len("twelve seconds")))
    assert evidence.text == "The lamp of Karsholm turns once in twelve seconds."
    assert evidence.marked == "The lamp of Karsholm turns once in **twelve seconds**."
