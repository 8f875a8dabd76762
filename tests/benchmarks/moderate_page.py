"""How long the Moderate page takes: ``python -m tests.benchmarks.moderate_page``.

A real browser on the real server; each time is from a click to what it asked for on the screen.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from assistant.server.launch import running
from assistant.server.site import Site
from assistant.settings import Settings
from tests.benchmarks.reviews import comments

PATIENCE = 60_000  # milliseconds
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PAGER = ".sb-pager"
ROW = ".sb-comments > tbody > tr"


def main() -> None:
    """Fill a job and use its page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings.read([], port=0, data_dir=Path(folder), generator="none")
        with running(settings) as (address, site):
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(FLAGS)
            )
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(address)
            page.locator("#message textarea").wait_for()
            site.assistant.warm()
            _ = site.assistant.models.moderation
            fill(site, page, rows)
            measure(page, rows)
            browser.close()


def fill(site: Site, page: Page, rows: int) -> None:
    """Store a job of the visitor at the page, whose first comment is judged the usual way."""
    page.get_by_role("tab", name="Moderate").click()
    page.locator("#policy-summary").get_by_text("standard@").wait_for()
    page.locator("#paste-comments textarea").fill("Hello")
    page.locator("#start-moderation").click()
    page.locator("#moderation").get_by_text("is done").wait_for()
    (owner,) = (job.owner for job in site.storage.reviews.jobs("operator"))
    job = site.storage.reviews.begin(owner, "benchmark", "standard@0", "shipped")
    site.storage.reviews.add(owner, job, comments(rows))
    page.reload()
    page.locator("#message textarea").wait_for()


def measure(page: Page, rows: int) -> None:
    """Print how long each thing takes that a moderator does."""

    def button(name: str) -> Callable[[], None]:
        return page.locator(PAGER).get_by_role("button", name=name).click

    def chosen(label: str, option: str) -> Callable[[], None]:
        page.get_by_label(label).first.click()
        return page.get_by_role("option", name=option, exact=True).click

    def seen(text: str) -> Callable[[], None]:
        return lambda: page.locator(PAGER).get_by_text(text).wait_for()

    tab = page.get_by_role("tab", name="Moderate")
    timed("open the tab", tab.click, seen("1–1 of 1"))
    page.get_by_label("Comments of").click()
    job = page.get_by_role("option", name="benchmark")
    timed("choose the job", job.click, seen(f"1–50 of {rows:,}"))
    timed("next page", button("Next"), seen("51–100 of"))
    timed("last page", button("Last"), seen(f"of {rows:,}"))
    timed("first page", button("First"), seen("1–50 of"))
    before = page.locator(ROW).first.get_attribute("data-id")

    def moved() -> None:
        page.wait_for_function(
            "([row, id]) => document.querySelector(row)?.dataset.id !== id", arg=[ROW, before]
        )

    timed("sort by score", chosen("Sort", "Highest score"), moved)
    timed("only what is blocked", chosen("Verdict", "block"), gone(page, f"of {rows:,}"))
    timed("everything again", chosen("Verdict", "all"), seen(f"of {rows:,}"))
    search = page.locator("#search-comments :is(input, textarea)")
    search.fill("hate hate")
    timed("search", lambda: search.press("Enter"), gone(page, f"of {rows:,}"))
    search.fill("")
    search.press("Enter")
    seen(f"of {rows:,}")()
    timed(
        "charts",
        page.get_by_role("tab", name="Charts", exact=True).click,
        page.get_by_role("img", name="Sentiment:").wait_for,
    )
    card = page.locator(".sb-queue")
    timed("review", page.get_by_role("tab", name="Review", exact=True).click, card.wait_for)
    for _ in range(3):
        now = card.get_attribute("data-id")
        timed(
            "decide by a key",
            lambda: page.keyboard.press("b"),
            lambda now=now: page.wait_for_function(  # type: ignore[misc]
                "id => document.querySelector('.sb-queue')?.dataset.id !== id", arg=now
            ),
        )
    nodes = page.evaluate("document.querySelectorAll('*').length")
    sys.stdout.write(f"elements on the page: {nodes:,}\n")


def gone(page: Page, text: str) -> Callable[[], None]:
    """Return what waits until the pager says something else."""
    return lambda: page.wait_for_function(
        "([pager, text]) => !(document.querySelector(pager)?.innerText ?? text).includes(text)",
        arg=[PAGER, text],
    )  # type: ignore[return-value]


def timed(what: str, action: Callable[[], object], shown: Callable[[], object]) -> None:
    """Do something, wait until it shows, and print how long it took."""
    started = time.perf_counter()
    action()
    shown()
    sys.stdout.write(f"{what:<24}{time.perf_counter() - started:7.2f} s\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
