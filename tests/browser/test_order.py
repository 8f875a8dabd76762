"""What the page shows when a user is quicker than the answers, with a scripted assistant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from assistant.server.launch import running
from assistant.server.site import Site
from assistant.settings import Settings
from tests.browser.conftest import User
from tests.ui.standin import ScriptedAssistant

LONG = "Tell an endless story"
MOOD = "sentiment of: I love it"  # answered at once


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    settings = Settings.read([], port=0, data_dir=tmp_path_factory.mktemp("data"))
    with running(settings, ScriptedAssistant(settings)) as served:  # type: ignore[arg-type]
        yield served


def stream(user: User, text: str = LONG) -> None:
    """Send a message and wait for the first words of its answer."""
    user.start(text)
    expect(user.answer).to_contain_text("word3")


def click_at_once(user: User, *names: str) -> None:
    """Click buttons of the chat in one go; Gradio greys them out once an answer is under way."""
    user.page.evaluate(
        "names => names.map(name => document.querySelector(`#chat button[aria-label=${name}]`))"
        ".forEach(button => setTimeout(() => button.click()))",
        list(names),
    )


def idle(user: User) -> None:
    """Wait until the page shows what is stored, and until nothing more arrives."""
    user.settle()
    expect(user.page.locator("#message .submit-button")).to_be_visible()


def test_chats_opened_in_quick_succession_end_at_the_last_one(user: User) -> None:
    for text in (f"{MOOD} (one)", f"{MOOD} (two)"):
        user.say(text)
        user.press("New chat")
        expect(user.answers).to_have_count(0)
    stream(user)
    one, two = (user.chats.filter(has_text=f"({number})") for number in ("one", "two"))
    for chat in (one, two, one, two, one):
        chat.click()
    expect(user.page.locator("#chats [aria-current] .sb-open")).to_have_text(f"{MOOD} (one)")
    idle(user)
    assert user.asked() == [f"{MOOD} (one)"]
    user.chats.filter(has_text="story").click()
    expect(user.answer.locator(".sb-stopped")).to_be_visible()


def test_undo_right_after_retry_takes_the_turn_back(user: User) -> None:
    user.say(MOOD)
    click_at_once(user, "Retry", "Undo")
    expect(user.answers).to_have_count(0)
    expect(user.box).to_have_value(MOOD)
    idle(user)
    assert user.answers.count() == 0
    user.page.reload()
    expect(user.chats).to_have_count(1)
    expect(user.answers).to_have_count(0)


def test_a_message_sent_during_an_answer_is_shown_and_answered_after_it(user: User) -> None:
    user.start("Tell a story")
    for text in (f"{MOOD} (two)", f"{MOOD} (three)"):
        user.box.fill(text)
        user.box.press("Enter")
        expect(user.box).to_have_value("")
    expect(user.page.locator("#chat .user-row")).to_have_count(3)
    expect(user.answers).to_have_count(3)
    idle(user)
    assert user.asked() == ["Tell a story", f"{MOOD} (two)", f"{MOOD} (three)"]
    user.page.reload()
    expect(user.answers).to_have_count(3)
    assert user.chats.count() == 1


def test_enter_pressed_twice_sends_one_message_and_leaves_what_is_typed_next(user: User) -> None:
    user.box.fill(MOOD)
    user.box.press("Enter")
    user.box.press("Enter")
    user.page.wait_for_timeout(100)  # nobody types quicker; the key press is handled by then
    user.box.press_sequentially("and more", delay=20)
    user.answer.locator(".sb-copy").wait_for()
    idle(user)
    assert user.asked() == [MOOD]
    assert user.box.input_value() == "and more"


def test_a_message_sent_right_after_stop_is_answered(user: User, served: tuple[str, Site]) -> None:
    stream(user)
    user.press("Stop")
    user.box.fill(MOOD)
    user.box.press("Enter")
    expect(user.answers).to_have_count(2)
    expect(user.answers.last.locator(".sb-tool")).to_have_text("Sentiment")
    idle(user)
    expect(user.answers.first.locator(".sb-stopped")).to_be_visible()
    assert user.asked() == [LONG, MOOD]


def test_an_edit_right_after_retry_replaces_the_turn(user: User) -> None:
    stream(user)
    user.press("Stop")
    user.finish()
    user.page.get_by_role("button", name="Edit", exact=True).first.click()
    user.page.locator("#chat .edit-textarea").first.fill(MOOD)
    click_at_once(user, "Retry", "Submit")
    expect(user.answer.locator(".sb-tool")).to_have_text("Sentiment")
    idle(user)
    assert user.asked() == [MOOD]
    assert user.answers.count() == 1


def test_an_earlier_answer_can_be_sent_to_another_tool_from_its_card(
    user: User, served: tuple[str, Site]
) -> None:
    user.say("Who is mentioned here?")
    user.say("hello")
    first = user.answers.first
    first.locator(".sb-facts").click()
    first.locator("[data-tool=sentiment]").click()
    expect(first.locator(".sb-tool")).to_have_text("Sentiment")
    idle(user)
    assert user.asked() == ["Who is mentioned here?", "hello"]
    assert user.answers.count() == 2
    correction = served[1].storage.corrections()[-1]
    assert (correction.text, correction.chosen_tool, correction.right_tool) == (
        "Who is mentioned here?",
        "entities",
        "sentiment",
    )


def test_two_tabs_on_one_chat_lose_nothing_of_each_other(user: User) -> None:
    user.say(f"{MOOD} (one)")
    other = User(user.context, user.address)
    other.open(user.page.url.removeprefix(user.address))
    expect(other.answers).to_have_count(1)
    user.start("Tell a story")
    other.say(f"{MOOD} (two)")
    idle(user)
    assert other.asked() == [f"{MOOD} (one)", "Tell a story", f"{MOOD} (two)"]
    user.press("Undo")  # this tab does not show the newest turn, which stays
    expect(user.page.get_by_text("changed in another tab")).to_be_visible()
    expect(user.page.locator("#chat .user-row")).to_have_count(3)
    user.press("Undo")
    expect(user.box).to_have_value(f"{MOOD} (two)")
