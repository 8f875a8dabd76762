"""Moderation as a moderator does it: comments in, decisions by keys, lists and charts out."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from assistant.server.site import Site
from tests.browser.conftest import User

HOSTILE = """What a thoughtful article, thank you.
<script>window.ran=1</script><img src=x onerror="window.ran=1"> you stupid moron
=HYPERLINK("http://example.com","click") you pathetic idiot
I will \u202efind\u202c you and kill you
${window.ran=1} {{7*7}} `window.ran=1`
I disagree, but I see your point."""


def opened(user: User) -> Page:
    user.page.get_by_role("tab", name="Moderate").click()
    expect(user.page.locator("#policy-summary")).to_contain_text("standard@")
    return user.page


def moderate(page: Page, count: int) -> None:
    page.locator("#start-moderation").click()
    expect(page.locator("#moderation")).to_contain_text(f"is done: {count}")
    expect(page.locator(".sb-comments > tbody > tr")).to_have_count(min(count, 50))


def test_hostile_comments_are_judged_shown_as_text_decided_by_keys_and_downloaded(
    user: User, served: tuple[str, Site]
) -> None:
    page = opened(user)
    page.locator("#paste-comments textarea").fill(HOSTILE + "\n" + "a" * 30_000 + " you idiot")
    moderate(page, 7)
    rows = page.locator(".sb-comments > tbody > tr")
    expect(rows.nth(1)).to_contain_text("<script>window.ran=1</script>")
    expect(rows.nth(1).locator("mark").first).to_contain_text("stupid")
    expect(rows.nth(1)).to_contain_text("Block")
    expect(rows.nth(3)).to_contain_text("U+202E")
    expect(rows.nth(6)).to_contain_text("characters before")

    page.get_by_role("tab", name="Review", exact=True).click()
    card = page.locator(".sb-queue")
    expect(card).to_contain_text("7 left to review")
    first = card.get_attribute("data-id")
    page.keyboard.press("n")
    page.keyboard.type("abb")  # is written, and decides nothing
    expect(page.locator("[data-note]")).to_have_value("abb")
    page.keyboard.press("Enter")
    page.keyboard.press("b")
    page.keyboard.press("b")  # the same comment, while the first press is under way
    expect(card).to_contain_text("6 left to review")
    page.keyboard.press("u")
    expect(card).to_have_attribute("data-id", str(first))
    page.keyboard.press("a")
    expect(card).to_contain_text("6 left to review")
    actions = [item.action for item in served[1].storage.reviews.decisions(owner(served))]
    assert actions == ["block", "undo", "allow"]

    page.get_by_role("tab", name="Comments", exact=True).click()
    page.once("dialog", lambda question: question.accept())
    page.get_by_role("button", name="Block all 7").click()
    expect(page.locator(".sb-decided")).to_have_count(7)
    page.locator("#bulk").get_by_role("button", name="Undo").click()
    expect(page.locator(".sb-decided")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert table[2]["text"].startswith("'=HYPERLINK")
    assert [row["decision"] for row in table].count("allow") == 1
    page.get_by_role("tab", name="Learn", exact=True).click()
    expect(page.locator("#live")).to_contain_text("in use: shipped")
    page.locator("#learn").click()
    expect(page.locator("#learned")).to_contain_text("40 are needed")
    assert page.evaluate("window.ran") is None


def test_a_file_is_judged_by_a_policy_of_ones_own_filtered_charted_and_shown_again(
    user: User, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    lines = [f"{n},kim,2026-11-{1 + n % 9:02d},Thanks for part {n}" for n in range(59)]
    path.write_text(
        "id,author,date,comment\n" + "\n".join([*lines, "59,bo,2026-11-09,Buy lovely pills"]),
        encoding="utf-8",
    )
    page = opened(user)
    page.locator("#policy-editor button").first.click()
    page.locator(".sb-policy [name=name]").fill("shop")
    page.locator(".sb-policy [name=blocked_words]").fill("pill*")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.locator("#policy-summary")).to_contain_text("shop@1")
    page.get_by_role("tab", name="File").click()
    page.locator("#comments-file input[type=file]").set_input_files(path)
    expect(page.locator("#comments-column input")).to_have_value("comment")
    moderate(page, 60)
    page.get_by_role("button", name="Next").click()
    rows = page.locator(".sb-comments > tbody > tr")
    expect(rows).to_have_count(10)
    expect(rows.last).to_contain_text("is one of the blocked words")
    page.locator("#search-comments :is(input, textarea)").fill("pills")
    page.locator("#search-comments :is(input, textarea)").press("Enter")
    expect(rows).to_have_count(1)
    page.locator("#search-comments :is(input, textarea)").fill("")
    page.locator("#search-comments :is(input, textarea)").press("Enter")
    expect(rows).to_have_count(50)
    page.get_by_role("tab", name="Charts", exact=True).click()
    expect(page.get_by_role("img", name="Sentiment:")).to_be_visible()
    expect(page.get_by_role("img", name="Comments over time.")).to_be_visible()

    user.open()
    page = opened(user)
    expect(rows).to_have_count(50)


def owner(served: tuple[str, Site]) -> str:
    """Return whose the newest job is."""
    from sqlalchemy import select

    from assistant.storage.review_tables import JobRow

    with served[1].storage._read() as session:
        return str(session.scalar(select(JobRow.owner).order_by(JobRow.created.desc())))
