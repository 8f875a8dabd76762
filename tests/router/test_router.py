from __future__ import annotations

from collections import Counter

import pytest

from assistant import Assistant, Attachment, Message, Options, Turn
from assistant.errors import InputError
from assistant.router import evaluate, shipped, utterances
from assistant.router.intents import Intents

MATERIALS = ("sentiment", "entities", "summarization", "moderation")


def test_the_shipped_router_was_trained_on_the_present_utterances(assistant: Assistant) -> None:
    shipped_router = Intents.load(shipped.SHIPPED)
    assert shipped_router.trained_on == utterances.fingerprint(utterances.read())
    assert shipped_router.encoder == assistant.models.encoder.fingerprint


def test_there_are_several_hundred_utterances_a_tool() -> None:
    examples = utterances.read()
    counts = Counter(example.intent for example in examples)
    for intent in (*MATERIALS, "question_answering", "documents", "conversation"):
        assert counts[intent] >= 300
    for intent in ("translation", "zero_shot", "similarity", "tokens", "fill_mask", "sampling"):
        assert counts[intent] >= 100


def test_the_test_table_is_not_among_the_utterances() -> None:
    known = {example.instruction.lower() for example in utterances.read()}
    rows = [row for row in evaluate.read_table() if not row.get("history")]
    shared = [row["text"] for row in rows if row["text"].lower() in known]
    assert len(shared) <= len(rows) * 0.02  # "hi" and the like can hardly be worded anew


@pytest.mark.parametrize(
    ("text", "tool", "payload"),
    [
        (
            "What's the sentiment of: 'the plot dragged but I loved the ending'",
            "sentiment",
            "the plot dragged but I loved the ending",
        ),
        (
            "who and what is mentioned in this paragraph: Ada met Charles in London.",
            "entities",
            "Ada met Charles in London.",
        ),
        ("tl;dr\nThe cat sat. The dog ran.", "summarization", "The cat sat. The dog ran."),
        ("is this comment ok to publish? you absolute donkey", "moderation", "you absolute donkey"),
        ("/entities Ada in London", "entities", "Ada in London"),
        ("hi", "conversation", "hi"),
        (
            "How do I choose between top-k and top-p sampling?",
            "documents",
            "How do I choose between top-k and top-p sampling?",
        ),
        ("Translate into German: It is late.", "translation", "It is late."),
        (
            "How similar are “The train is late” and “The train has a delay”?",
            "similarity",
            "“The train is late” and “The train has a delay”",
        ),
        ("how many tokens is this?\nUnbelievable weather.", "tokens", "Unbelievable weather."),
        ("The capital of France is [MASK].", "fill_mask", "The capital of France is [MASK]."),
        (
            "write a haiku about tokenizers",
            "conversation",
            "write a haiku about tokenizers",
        ),
    ],
)
def test_the_example_turns_are_routed(
    assistant: Assistant, text: str, tool: str, payload: str
) -> None:
    route = assistant.route(Turn(text))
    assert (route.tool, route.payload) == (tool, payload)
    assert route.reason


def test_a_passage_and_a_question_go_to_question_answering(assistant: Assistant) -> None:
    passage = "The bridge was opened in 1932 by the mayor of the town, after six years of work."
    route = assistant.route(Turn(f"{passage}\n\nWho opened the bridge?"))
    assert (route.tool, route.payload) == ("question_answering", passage)
    assert route.question == "Who opened the bridge?"


def test_two_tools_are_both_asked(assistant: Assistant) -> None:
    route = assistant.route(Turn("sentiment and entities of: Ada loved London."))
    assert (route.tool, *route.also) == ("sentiment", "entities")
    assert route.payload == "Ada loved London."


def test_that_means_the_material_of_the_turn_before(assistant: Assistant) -> None:
    text = "The queue was endless and the staff were rude to everybody in it."
    history = (Message("user", f"sentiment: {text}"), Message("assistant", "negative"))
    route = assistant.route(Turn("now summarize that", history))
    assert (route.tool, route.payload, route.source) == ("summarization", text, "history")


def test_what_the_server_recorded_counts_more_than_a_new_guess(assistant: Assistant) -> None:
    history = (
        Message("user", "hm, Berlin", tool="entities", payload="Berlin"),
        Message("assistant", "Places: Berlin"),
    )
    route = assistant.route(Turn("same for: Ada went to Rome", history))
    assert (route.tool, route.payload) == ("entities", "Ada went to Rome")


def test_a_tool_without_its_text_gets_nothing_to_work_on(assistant: Assistant) -> None:
    assert assistant.route(Turn("can you do sentiment for me?")).payload == ""


def test_an_attachment_is_the_material(assistant: Assistant) -> None:
    file = Attachment("notes.txt", "The meeting was long. Nothing was decided.")
    route = assistant.route(Turn("tl;dr", attachments=(file,)))
    assert (route.tool, route.payload, route.source) == (
        "summarization",
        file.text,
        "attachment",
    )


def test_the_user_can_choose_the_tool(assistant: Assistant) -> None:
    route = assistant.route(Turn("What's the sentiment of: 'I met Ada in Rome'", tool="entities"))
    assert (route.tool, route.payload) == ("entities", "I met Ada in Rome")


def test_an_unknown_tool_is_named(assistant: Assistant) -> None:
    with pytest.raises(InputError, match="no tool called 'weather'"):
        assistant.route(Turn("hi", tool="weather"))


def test_only_the_chosen_collections_settle_an_unclear_turn(assistant: Assistant) -> None:
    def tool(*collections: str) -> str:
        options = Options(collections=collections)
        return assistant.route(Turn("embeddings. cosine.", options=options)).tool

    garden = assistant.library.add_text("garden", "Roses want sun.", collections=["garden"])
    try:
        assert tool() == "documents"
        assert tool("garden") == tool("gone") == "conversation"
    finally:
        assistant.library.remove(garden.id)


def test_the_same_turn_gets_the_same_route(assistant: Assistant) -> None:
    turn = Turn("is this rude: go away")
    assert assistant.route(turn) == assistant.route(turn)


@pytest.mark.parametrize(
    ("table", "tools", "payloads"),
    [
        ("router_dev", 0.97, 0.95),
        ("router_dev2", 0.87, 0.87),
        ("router_dev3", 0.94, 0.94),
        ("router_dev4", 0.92, 0.88),
        ("router_dev5", 0.88, 0.86),
    ],
)
def test_the_development_tables_stay_right(
    assistant: Assistant, table: str, tools: float, payloads: float
) -> None:
    rows = evaluate.read_table(evaluate.TABLE.with_name(f"{table}.jsonl"))
    figures = evaluate.report(evaluate.run(assistant.router, rows))
    assert figures["tools_right"] >= tools
    assert figures["payload_exact"] >= payloads
