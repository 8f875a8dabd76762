"""Each form of result, files, documents and settings, as a user sees them in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from assistant.server.site import Site
from tests.browser.conftest import User
from tests.browser.test_chat import ENTITIES, SENTIMENT

COMMENTS = """Moderate these:
What a thoughtful article, thank you.
You are a pathetic idiot and everybody hates you.
=HYPERLINK("http://example.com", "click me")
I disagree, but I see your point."""


def test_sentiment_is_a_label_with_a_bar_for_every_class_below_a_card(user: User) -> None:
    answer = user.say(SENTIMENT)
    card = answer.locator(".sb-card")
    expect(card).to_contain_text("the plot dragged but I loved the ending")
    expect(card).to_contain_text("%")
    # A busy computer takes seconds.
    expect(card.locator(".sb-time")).to_have_text(re.compile(r"[\d.]+ m?s"))
    card.locator("summary").click()
    expect(card.locator(".sb-why")).to_be_visible()
    assert answer.locator(".sb-bars tr").count() >= 2


def test_entities_are_highlighted_in_the_text(user: User) -> None:
    answer = user.say(ENTITIES)
    expect(answer.locator("mark.sb-PER").first).to_contain_text("Angela Merkel")
    expect(answer.locator("mark.sb-LOC", has_text="Berlin")).to_be_visible()
    expect(answer.locator(".sb-legend")).to_contain_text("person")


def test_an_answer_is_marked_inside_its_passage(user: User) -> None:
    answer = user.say(
        "/question_answering Who repaired the kettle?\n\n"
        "The kettle of the third floor was repaired on Tuesday by Grace Hopper."
    )
    expect(answer.locator(".sb-text mark").first).to_contain_text("Hopper")


def test_a_question_about_the_documents_opens_the_very_passage(user: User) -> None:
    answer = user.say("How do I choose between top-k and top-p sampling?")
    source = answer.locator(".sb-sources details").first
    expect(source).not_to_have_attribute("open", "")
    source.locator("summary").click()
    expect(source.locator("mark").first).to_be_visible()


def test_what_no_document_says_is_refused_with_the_nearest_passages(user: User) -> None:
    answer = user.say("/documents Who won the chess tournament of Reykjavik in 1997?")
    expect(answer).to_contain_text("can't find that in your documents")
    expect(answer).to_contain_text("Nearest passages")


def test_moderation_shows_a_verdict_and_a_bar_for_every_category(user: User) -> None:
    answer = user.say("Is this comment ok to publish? You are a pathetic idiot.")
    expect(answer.locator(".sb-verdict strong")).to_be_visible()
    assert answer.locator(".sb-bars tr").count() >= 2


def test_comments_become_a_table_to_download_in_which_no_cell_is_a_formula(user: User) -> None:
    answer = user.say(COMMENTS)
    expect(answer.locator(".sb-table tbody tr")).to_have_count(4)
    expect(answer.locator(".sb-chart")).to_be_visible()
    with user.page.expect_download() as download:
        answer.locator(".sb-download").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in text


def test_an_attached_file_is_summarized_and_added_to_the_library(
    user: User, report: Path, served: tuple[str, Site]
) -> None:
    user.page.locator("#message input[type=file]").set_input_files(report)
    user.page.locator("#message .thumbnail-item, #message [class*=thumbnail]").first.wait_for()
    answer = user.say("tl;dr")
    expect(answer.locator(".sb-tool")).to_have_text("Summary")
    expect(user.page.locator(".sb-file")).to_contain_text("kettle-report.txt")
    user.page.locator("#chat .option", has_text="to the library").click()
    expect(user.page.get_by_text("In the library now")).to_be_visible()
    user.page.get_by_role("tab", name="Documents").click()
    row = user.page.locator("#library tr", has_text="kettle-report.txt")
    expect(row).to_be_visible()
    user.page.locator("#search-documents textarea").fill("boiling water for tea")
    user.page.locator("#search-documents textarea").press("Enter")
    expect(user.page.locator("#found details").first).to_contain_text("kettle-report.txt")
    row.get_by_role("button", name="kettle-report.txt", exact=True).click()
    expect(user.page.locator(".sb-preview pre")).to_contain_text("kettle")
    user.page.once("dialog", lambda dialog: dialog.accept("Kitchen"))
    row.get_by_role("button", name="Add to a collection").click()
    expect(row.locator(".sb-chip")).to_contain_text("Kitchen")
    user.page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    user.page.get_by_role("button", name="Bring back").click()
    expect(row.locator(".sb-chip")).to_contain_text("Kitchen")


def test_a_broken_file_is_told_in_words_and_the_message_is_kept(user: User, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"MZ\x90\x00 this is no PDF")
    user.page.locator("#message input[type=file]").set_input_files(broken)
    user.page.locator("#message .thumbnail-item, #message [class*=thumbnail]").first.wait_for()
    user.box.fill("tl;dr")
    user.box.press("Enter")
    expect(user.page.locator(".sb-notice")).to_contain_text("broken.pdf")
    expect(user.box).to_have_value("tl;dr")


def test_greedy_sampling_from_the_side_panel_answers_the_same_twice(user: User) -> None:
    user.page.get_by_role("button", name="Settings").click()
    user.page.locator("#strategy label", has_text="Greedy").click()
    user.page.locator("#max-tokens input[type=number]").fill("16")
    user.page.locator("#max-tokens input[type=number]").press("Tab")
    first = user.say("/conversation Name a colour.").locator(".message-content").inner_text()
    user.press("Retry")
    user.settle()
    assert user.finish().locator(".message-content").inner_text() == first


def test_foreign_text_runs_no_script_and_loads_nothing(user: User) -> None:
    attack = (
        "/sentiment <img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
        '![](http://evil.example/a.png) ${window.hacked=1} {{window.hacked=1}} "><svg onload='
        "window.hacked=1> [x](javascript:window.hacked=1)"
    )
    user.say(attack)
    user.page.locator(".sb-card summary").first.click()
    user.page.reload()
    expect(user.answers).to_have_count(1)
    assert user.page.evaluate("window.hacked") is None
    assert "${window.hacked=1}" in user.page.locator(".sb-card q").first.inner_text()
    assert "<script>" in user.asked()[0]
