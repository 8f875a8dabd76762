"""From events and stored replies to the messages of the chat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from html.parser import HTMLParser

import pytest

from assistant.events import (
    Cited,
    Done,
    Event,
    Failed,
    Nearest,
    Progress,
    Resulted,
    Routed,
    TextDelta,
    fold,
)
from assistant.storage import ConversationInfo, StoredMessage
from assistant.types import (
    Answer,
    Attachment,
    Citation,
    Document,
    Labels,
    Message,
    Passage,
    Reply,
    Result,
    Route,
    Span,
    Spans,
    Table,
    Text,
    Verdict,
)
from assistant.ui import render
from assistant.ui.documents_view import documents_html, preview_html
from assistant.ui.history import chats_html
from assistant.ui.results import ROWS, result_html
from tests.ui.standin import PASSAGE, TABLE
from tests.ui.test_markup import ATTACKS

TITLES = {"sentiment": "Sentiment", "entities": "Entities", "help": "Help"}
ROUTE = Route("sentiment", "I love it", None, 0.97, "entities", "the words “sentiment of”")


class _Tags(HTMLParser):
    """Collects every tag and attribute name, and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs)}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(page: str) -> str:
    """Return the HTML after a look at its tags: well nested, and none that loads or runs."""
    parser = _Tags()
    parser.feed(page)
    assert parser.open == []
    assert not parser.seen & {"script", "img", "iframe", "src", "onerror", "onload", "onmouseover"}
    return page


def words(message: render.MessageDict) -> str:
    """Return everything that a message shows, as one text with tags."""
    return "".join(block.get("text") or checked(block["value"]) for block in message["content"])


def turn(*events: Event) -> Sequence[Event]:
    return (Routed(ROUTE), *events)


def reply(*events: Event) -> Reply:
    return fold((*turn(*events), Done(12.4)))


def test_the_card_says_which_tool_on_which_text_how_sure_how_long_and_why() -> None:
    card = checked(render.card(reply(), TITLES))
    for fact in ("Sentiment", "I love it", "97%", "12 ms", "The words “sentiment of”", "Entities"):
        assert fact in card


def test_two_tools_of_one_turn_stand_on_one_card() -> None:
    route = Route("sentiment", "x", also=("entities",))
    assert "Sentiment + Entities" in render.card(fold([Routed(route), Done(1)]), TITLES)


def test_an_answer_still_running_shows_dots_then_a_progress_bar_then_its_words() -> None:
    assert "sb-waiting" in words(render.live((), TITLES))
    judging = words(render.live(turn(Progress(3, 10, "judging comments")), TITLES))
    assert "3 of 10" in judging
    assert "width:30.0%" in judging
    said = words(render.live(turn(Progress(0, 0, "thinking"), TextDelta("Well")), TITLES))
    assert "Well" in said
    assert "sb-waiting" not in said


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Labels("positive", {"positive": 0.98, "negative": 0.02}), ("98%", "2%", "width:98.0%")),
        (Spans("Ann in Rome", (Span(0, 3, "PER", 0.9),)), ("<mark", "PER", "person")),
        (Spans("nobody", ()), ("Nothing was found",)),
        (Answer(True, "Rome", 0.9, 3, 7, "In Rome."), (">Rome</mark>",)),
        (Answer(False, "", 0.1, 0, 0, "In Rome."), ("In Rome.",)),
        (Text("Short.", "12% of 300 words"), ("Short.", "12% of 300 words")),
        (Verdict("block", {"insult": 0.9}, (Span(4, 8, "insult", 0.9),), "why", "You fool"),
         ("block", "90%", ">fool</mark>", "why")),
        (Table(("text", "1"), (("1. It rains.", 0.834),), heat=True), ("--heat:83%", "0.83")),
        (TABLE, ("sb-chart", "You are all fools", "0.93", "3 rows")),
    ],
)  # fmt: skip
def test_each_result_is_shown_in_its_own_form(result: Result, expected: tuple[str, ...]) -> None:
    shown = checked(result_html(result))
    assert all(piece in shown for piece in expected)


def test_an_answer_far_inside_a_long_text_is_shown_with_its_surroundings_only() -> None:
    context = "x" * 50_000 + "Rome" + "y" * 50_000
    shown = result_html(Answer(True, "Rome", 0.9, 50_000, 50_004, context))
    assert len(shown) < 2_000
    assert ">Rome</mark>" in shown


def test_a_long_table_shows_its_first_rows_and_says_how_many_more_the_download_has() -> None:
    table = Table(("comment", "score"), tuple((f"row {n}", n) for n in range(ROWS + 25)))
    shown = result_html(table, "/conversations/c/messages/m/table.csv")
    assert shown.count("<tr>") == ROWS + 1
    assert "25 more rows" in shown
    assert 'href="/conversations/c/messages/m/table.csv"' in shown


def test_a_number_in_the_answer_leads_to_its_source_and_the_quote_is_marked() -> None:
    quote = "Top-k keeps the k most probable tokens"
    citation = Citation(1, PASSAGE, 0, len(quote), quote)
    shown = words(
        render.answer(
            reply(TextDelta("Fixed [1], not [2]."), Cited(citation)), TITLES, where=("c", "m")
        )
    )
    assert "](#source-m-1)" in shown
    assert "not [2]" in shown
    assert f'<mark class="sb-quote" title="quote 100%">{quote}</mark>' in shown
    assert "(page 3)" in shown


def test_a_refusal_shows_the_nearest_passages_without_marks() -> None:
    shown = words(render.answer(reply(TextDelta("Not found."), Nearest((PASSAGE,))), TITLES))
    assert "Nearest passages" in shown
    assert "71%" in shown
    assert "<mark" not in shown


def test_a_failure_is_a_notice_in_its_own_words() -> None:
    assert 'role="alert">The model is missing.' in words(
        render.answer(reply(Failed("The model is missing.")), TITLES)
    )


def test_the_buttons_offer_likely_tools_first_then_the_others_and_the_file() -> None:
    suggesting = fold([Routed(Route("help", "")), Done(1)])
    file = Attachment("report.txt", "words")
    offered = render.choices(suggesting, TITLES, (file,))
    assert [choice["value"] for choice in offered] == ["keep", "tool:sentiment", "tool:entities"]
    assert offered[0]["label"] == "Add report.txt to the library"


def test_a_stored_conversation_is_shown_as_it_was_said() -> None:
    answered = reply(TextDelta("**Good**"), Resulted(Labels("positive", {"positive": 1.0})))
    asked = Message("user", "How?", attachments=(Attachment("a.txt", "text"),))
    stored = (
        StoredMessage("m1", 0, asked),
        StoredMessage("m2", 1, Message("assistant", "**Good**"), answered.to_json()),
    )
    shown = render.conversation(stored, TITLES, "c")
    assert [message["role"] for message in shown] == ["user", "assistant"]
    assert "a.txt" in words(shown[0])
    assert "**Good**" in words(shown[1])


def test_a_message_of_a_million_characters_is_shown_in_part() -> None:
    assert len(words(render.question(Message("user", "a" * 1_000_000)))) < 30_000


def test_right_to_left_text_sets_its_own_direction() -> None:
    shown = result_html(Spans("שלום ירושלים", (Span(5, 12, "LOC", 0.9),)))
    assert 'dir="auto"' in shown
    assert "ירושלים" in shown


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_foreign_text_becomes_a_tag_wherever_it_stands(attack: str) -> None:
    passage = Passage("p", "d", attack, attack, None, attack, 0, len(attack), 0.5)
    hostile = fold(
        [
            Routed(Route("sentiment", attack, attack, 0.5, attack, attack)),
            TextDelta(attack),
            Resulted(Labels(attack, {attack: 0.5})),
            Resulted(Spans(attack, (Span(0, 4, attack, 0.5),))),
            Resulted(Answer(True, attack, 0.5, 0, len(attack), attack)),
            Resulted(Verdict("review", {attack: 0.5}, (Span(0, 2, attack, 0.5),), attack, attack)),
            Resulted(Text(attack, attack)),
            Resulted(Table((attack,), ((attack,),), {attack: 1})),
            Cited(Citation(1, passage, 0, 3, attack[:3])),
            Nearest((passage,)),
            Failed(attack),
            Done(1),
        ]
    )
    for block in render.answer(hostile, TITLES, where=("c", "m"))["content"]:
        if block["type"] == "component":
            checked(block["value"])
    checked(render.waiting(attack))
    now = datetime.now(timezone.utc)
    checked(chats_html([ConversationInfo(attack, attack, now, now)], attack))
    file = render.question(Message("user", "", attachments=(Attachment(attack, attack),)))
    checked(file["content"][0]["value"])
    document = Document(attack, attack, None, attack, 1, 0, 1, attack, (attack,))
    checked(documents_html([document]))
    checked(preview_html(document, attack))


def test_an_empty_library_and_an_empty_list_of_chats_say_so() -> None:
    assert "No documents yet" in documents_html(())
    assert "Your chats will be listed here" in chats_html(())
    assert re.search("No chat holds these words", chats_html((), query="boats"))
