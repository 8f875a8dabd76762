"""A user's own classifier, from a table on the Train tab to a tool in the chat."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from assistant.server.site import Site
from tests.browser.conftest import User
from tests.training.samples import moods, table

TRAINED = 300_000  # milliseconds: both cores may be busy


def test_a_table_becomes_a_tool_in_the_chat_and_is_rolled_back(
    user: User, served: tuple[str, Site], tiny_base: str, tmp_path: Path
) -> None:
    table(tmp_path / "moods.csv", moods(80))
    page = user.page
    page.get_by_role("tab", name="Train").click()
    page.locator("#train-data input[type=file]").set_input_files(tmp_path / "moods.csv")
    expect(page.locator("#train-look")).to_contain_text("56 texts to learn from")
    expect(page.locator("#train-name :is(input, textarea)")).to_have_value("moods")
    page.locator("#train-advanced button").first.click()
    page.locator("#train-base :is(input, textarea)").fill(tiny_base)
    page.get_by_label("Full: everything learns").check()
    page.locator("#train-epochs :is(input, textarea)").fill("8")
    page.locator("#train-rate :is(input, textarea)").fill("0.005")
    page.locator("#start-training").click()
    expect(page.locator(".sb-training")).to_be_visible()

    user.open()  # a reload; the training goes on and is shown again
    page.get_by_role("tab", name="Train").click()
    expect(page.locator("#training")).to_contain_text("moods-1 is trained", timeout=TRAINED)
    expect(page.locator("#training svg polyline")).to_have_count(2)
    expect(page.locator("#report")).to_contain_text("TF-IDF + linear SVM")
    expect(page.locator("#report")).to_contain_text("Confusion")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#runs")).to_contain_text("in use: moods-1")

    page.get_by_role("tab", name="Chat").click()
    answer = user.say("/moods the garden of house 7 was dreadful")
    expect(answer.locator(".sb-bars th").first).to_have_text(re.compile("^(bad|good)$"))
    page.get_by_role("tab", name="Train").click()
    page.get_by_role("button", name="Roll back").click()
    expect(page.locator("#runs")).to_contain_text("in use: nothing of your own")
    assert "moods" not in served[1].assistant.tools
