"""What a user does in the chat, in a real browser against the real server."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Browser, expect

from assistant.server.launch import running
from assistant.server.site import Site
from assistant.settings import Settings
from tests.browser.conftest import User
from tests.ui.standin import ScriptedAssistant

SENTIMENT = "What's the sentiment of: 'the plot dragged but I loved the ending'"
ENTITIES = (
    "Who and what is mentioned in this paragraph: Angela Merkel met Tim Cook of Apple in Berlin."
)
LONG = "/conversation Write a very long story about a lighthouse keeper, with many details."


def test_the_page_says_what_can_be_asked_and_an_example_is_sent_by_a_click(user: User) -> None:
    expect(user.page).to_have_title("Switchboard")
    example = user.page.locator("#chat .example", has_text="Sentiment").first
    example.click()
    expect(user.answer.locator(".sb-tool")).to_contain_text("Sentiment")
    user.finish()


def test_a_blank_message_sends_nothing(user: User) -> None:
    user.box.fill("   ")
    user.box.press("Enter")
    expect(user.page.get_by_text("Write a question, paste a text")).to_be_visible()
    assert user.answers.count() == 0


def test_an_answer_streams_and_stop_ends_the_generator_and_keeps_what_was_said(
    user: User, served: tuple[str, Site]
) -> None:
    user.start(LONG)
    user.page.wait_for_function(
        "document.querySelector('#chat .bot-row .message-content')?.innerText.length > 30"
    )
    user.press("Stop")
    pressed = time.monotonic()
    answer = user.finish()
    assert time.monotonic() - pressed < 4
    expect(answer.locator(".sb-stopped")).to_be_visible()
    said = answer.locator(".message-content").inner_text()
    user.page.reload()
    expect(user.answer.locator(".sb-stopped")).to_be_visible()
    assert user.answer.locator(".message-content").inner_text() == said


def test_opening_another_chat_stops_the_answer_and_keeps_it_in_its_own_chat(user: User) -> None:
    user.say("/sentiment What a lovely day")
    user.press("New chat")
    expect(user.answers).to_have_count(0)
    user.start(LONG)
    user.page.locator("#chat .bot-row .message-content").wait_for()
    expect(user.answers).to_have_count(1)
    user.page.locator("#chats .sb-open", has_text="lovely").click()
    expect(user.page.locator("#message .submit-button")).to_be_visible()
    user.settle()
    assert user.asked() == ["/sentiment What a lovely day"]
    user.open()
    user.page.locator("#chats .sb-open", has_text="lighthouse").click()
    expect(user.answer.locator(".sb-stopped")).to_be_visible()


def test_retry_answers_again_and_undo_gives_the_words_back(user: User) -> None:
    user.say("/sentiment What a lovely day")
    user.press("Retry")
    user.finish()
    assert user.answers.count() == 1
    user.press("Undo")
    expect(user.answers).to_have_count(0)
    expect(user.box).to_have_value("/sentiment What a lovely day")


def test_an_edited_message_replaces_what_came_after_it(user: User) -> None:
    user.say("/sentiment What a lovely day")
    user.say("/sentiment I am so sad")
    user.page.get_by_role("button", name="Edit", exact=True).first.click()
    user.page.locator("#chat .edit-textarea").first.fill("/sentiment What a horrible day")
    user.page.locator("#chat").get_by_role("button", name="Submit").click()
    expect(user.answers).to_have_count(1)
    user.finish()
    assert user.asked() == ["/sentiment What a horrible day"]


def test_an_edit_button_is_there_for_each_message_of_the_users_only(user: User) -> None:
    user.say("/sentiment What a lovely day")
    user.say("/sentiment I am so sad")
    assert user.page.get_by_role("button", name="Edit", exact=True).count() == 2


def test_an_answer_is_copied_with_its_results(user: User) -> None:
    user.say(SENTIMENT)
    user.press("Copy")
    expect(user.page.get_by_role("button", name="Copied")).to_be_visible()
    assert "positive" in user.page.evaluate("navigator.clipboard.readText()").lower()


def test_a_dislike_with_its_reason_is_stored_and_shown_again(
    user: User, served: tuple[str, Site]
) -> None:
    user.say(SENTIMENT)
    user.press("Dislike")
    user.page.locator("#reason textarea").fill("The ending counts for more")
    user.page.locator("#reason textarea").press("Enter")
    expect(user.page.get_by_text("that is noted")).to_be_visible()
    user.page.reload()
    expect(user.page.get_by_role("button", name="Disliked", exact=True)).to_be_visible()


def test_past_chats_survive_a_reload_and_can_be_searched_renamed_and_deleted(user: User) -> None:
    user.say("/sentiment The first chat is about boats")
    user.press("New chat")
    expect(user.answers).to_have_count(0)
    user.say("/sentiment The second chat is about trains")
    user.open()
    expect(user.chats).to_have_count(2)
    user.page.locator("#search-chats textarea").fill("boats")
    expect(user.chats).to_have_count(1)
    user.chats.first.click()
    expect(user.answers).to_have_count(1)
    user.page.once("dialog", lambda dialog: dialog.accept("My boats"))
    user.page.locator("#chats summary").first.click()
    user.press("Rename")
    expect(user.chats.first).to_have_text("My boats")
    user.page.once("dialog", lambda dialog: dialog.accept())
    user.page.locator("#chats summary").first.click()
    user.press("Delete")
    expect(user.answers).to_have_count(0)
    user.page.locator("#search-chats textarea").fill("")
    expect(user.chats).to_have_count(1)


def test_chats_survive_a_restart_of_the_server_and_belong_to_one_visitor(
    browser: Browser, tmp_path: Path, served: tuple[str, Site]
) -> None:
    settings = Settings.read([], port=0, data_dir=tmp_path)
    with browser.new_context() as mine, browser.new_context() as theirs:
        with running(settings, ScriptedAssistant(settings)) as (address, _):  # type: ignore[arg-type]
            port = int(address.rpartition(":")[2])
            first = User(mine, address)
            first.say("hello")
            link = first.page.url
        again = Settings.read([], port=port, data_dir=tmp_path)
        with running(again, ScriptedAssistant(again)) as (address, _):  # type: ignore[arg-type]
            first.page.goto(link)
            expect(first.chats).to_have_count(1)
            expect(first.answers).to_have_count(1)
            other = User(theirs, address)
            other.page.goto(link)
            other.box.wait_for()
            expect(other.page.locator("#chats")).to_contain_text("Your chats will be listed here")
            assert other.answers.count() == 0


def test_one_click_sends_the_turn_to_another_tool_and_the_correction_is_kept(
    user: User, served: tuple[str, Site]
) -> None:
    user.say(ENTITIES)
    user.page.locator("#chat .option", has_text="Sentiment").click()
    expect(user.answer.locator(".sb-tool")).to_have_text("Sentiment")
    user.finish()
    assert user.answers.count() == 1
    assert user.asked() == [ENTITIES]
    corrections = served[1].storage.corrections()
    assert any(c.text == ENTITIES and c.right_tool == "sentiment" for c in corrections)


def test_a_chat_on_a_phone_needs_no_sideways_scrolling(
    browser: Browser, served: tuple[str, Site]
) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        visitor = User(context, served[0])
        expect(visitor.page.locator("#left.open")).to_have_count(0)
        visitor.say(SENTIMENT)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert visitor.answer.locator(".sb-bars").bounding_box()["width"] <= 390
