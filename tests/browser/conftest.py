"""A real server, a real browser, and a page object with what a user does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from assistant import Assistant
from assistant.server.launch import running
from assistant.server.site import Site
from assistant.settings import Settings

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)
PATIENCE = 40_000  # milliseconds: both cores may be busy
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, which ``.ci/run`` installs."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed: apt-get install chromium runs these tests")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def served(assistant: Assistant, data_dir: Path) -> Iterator[tuple[str, Site]]:
    """The whole application with the default models, those that the other tests use."""
    settings = Settings.read([], port=0, data_dir=data_dir)
    with running(settings, assistant) as (address, site):
        site.assistant.warm()
        yield address, site


class User:
    """One person at one browser; ``foreign`` collects requests to any other host."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self.open_requests: set[Request] = set()
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self._watch)
        for ended in ("requestfinished", "requestfailed"):
            self.page.on(ended, lambda request: self.open_requests.discard(request))  # noqa: PLW0108
        self.page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        self.open()

    def open(self, path: str = "/") -> None:
        self.page.goto(self.address + path)
        self.box.wait_for()
        self.page.locator("#chats :is(nav, .sb-empty)").wait_for()

    @property
    def box(self) -> Locator:
        return self.page.locator("#message textarea")

    @property
    def answers(self) -> Locator:
        return self.page.locator("#chat .bot-row")

    @property
    def answer(self) -> Locator:
        return self.answers.last

    @property
    def chats(self) -> Locator:
        return self.page.locator("#chats .sb-open")

    def start(self, text: str) -> None:
        """Send a message and wait until an answer begins."""
        self.box.fill(text)
        self.box.press("Enter")
        self.page.locator("#message .stop-button").wait_for()

    def finish(self) -> Locator:
        """Wait until the running answer is complete and stored."""
        self.page.locator("#message .submit-button").wait_for()
        self.answer.locator(".sb-copy, .sb-notice").first.wait_for()
        return self.answer

    def say(self, text: str) -> Locator:
        """Send a message and return its finished answer."""
        before = self.answers.count()
        self.box.fill(text)
        self.box.press("Enter")
        self.answers.nth(before).locator(".sb-copy, .sb-notice").first.wait_for()
        return self.finish()

    def press(self, name: str) -> None:
        """Press the last button of this name: the one at the newest message."""
        self.page.get_by_role("button", name=name, exact=True).last.click()

    def asked(self) -> list[str]:
        """Return what the user's messages show."""
        return self.page.locator("#chat .user-row .message-content").all_inner_texts()

    def settle(self) -> None:
        """Wait until the server is done with all that the page has set going."""
        quiet = 0
        while quiet < 3:  # an answer may set something else going a moment later
            self.page.wait_for_timeout(30)
            quiet = 0 if self.open_requests else quiet + 1

    def _watch(self, request: Request) -> None:
        if re.match(r"(https?|wss?):", request.url) and not request.url.startswith(self.address):
            self.foreign.append(request.url)
        # Gradio's page keeps the stream of its queue open as long as it awaits something.
        if re.search(r"/gradio_api/(run|queue)/", request.url):
            self.open_requests.add(request)


@pytest.fixture
def user(browser: Browser, served: tuple[str, Site]) -> Iterator[User]:
    """A visitor with an empty past; afterwards nothing may have been asked of another host.

    Each has a browser of its own: a late reply to a page just closed would bring back its cookie.
    """
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        visitor = User(context, served[0])
        yield visitor
        assert visitor.foreign == []
        assert visitor.errors == []


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A small file to attach."""
    path = tmp_path / "kettle-report.txt"
    path.write_text(
        "The kettle of the third floor was repaired on Tuesday by Grace Hopper. "
        "It boils a litre in four minutes. The old heating plate was given to a museum in Lisbon. "
        "Everyone on the floor drinks more tea now than in any month before.",
        encoding="utf-8",
    )
    return path
