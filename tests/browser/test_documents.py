"""The Documents page, as a user sees it in a real browser: adding, reading again, testing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from assistant.retrieval.library import Library
from assistant.server.site import Site
from tests.browser.conftest import User

HOSTILE = """# Quolls

A quoll is a small hunter of Tasmania, see [the census](javascript:window.hacked=1).

The quoll census of 2019 counted 412 animals <img src=x onerror="window.hacked=1"> in the
[Tarkine](javascript:window.hacked=1) <script>window.hacked=1</script> forest.
"""
NAME = "<b onclick=alert(1)>quolls.md"


@pytest.fixture
def library(served: tuple[str, Site]) -> Iterator[Library]:
    """The library of the page, which afterwards holds what it held before."""
    library = served[1].assistant.library
    before = {document.id for document in library.documents()}
    yield library
    for document in library.documents():
        if document.id not in before:
            library.remove(document.id)


@pytest.fixture
def user(user: User) -> User:
    """A visitor who looks at the Documents page."""
    user.page.get_by_role("tab", name="Documents").click()
    user.page.locator("#library table").wait_for()
    return user


def add(user: User, *files: Path) -> None:
    user.page.locator("#add-documents input[type=file]").set_input_files(files)


def incoming(user: User, name: str) -> Locator:
    return user.page.locator("#library-work li", has_text=name)


def row(user: User, name: str) -> Locator:
    return user.page.locator("#library tr", has_text=name)


def test_every_file_of_an_upload_tells_how_it_ended(
    user: User, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    good, same = tmp_path / "ferry.txt", tmp_path / "other/ferry.txt"
    good.write_text("The ferry to Wenlow sails at nine.", encoding="utf-8")
    same.write_text("The ferry to Brack sails at ten.", encoding="utf-8")
    empty, wrong = tmp_path / "empty.txt", tmp_path / "picture.pdf"
    empty.write_bytes(b"")
    wrong.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(400))
    add(user, good, same, empty, wrong)
    expect(user.page.locator("#library-work")).to_contain_text("2 of 4 files in the library")
    expect(incoming(user, "ferry.txt")).to_contain_text("1 passage")
    expect(incoming(user, "ferry (2).txt")).to_contain_text("in the library")
    expect(incoming(user, "empty.txt").first).to_contain_text("0 bytes")
    expect(incoming(user, "picture.pdf").first).to_contain_text("its content is a PNG picture")
    expect(row(user, "ferry (2).txt")).to_be_visible()
    user.settle()
    add(user, good)
    expect(incoming(user, "ferry.txt")).to_contain_text("as it was before")
    expect(incoming(user, "picture.pdf")).to_have_count(0)


def test_stop_keeps_the_files_that_are_done(user: User, library: Library, tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("The first of two files is short.", encoding="utf-8")
    pages = (
        f"Page {number} has {number * 7} words on {number % 97}. " * 12 for number in range(999)
    )
    second.write_text("\n\n".join(pages), encoding="utf-8")
    add(user, first, second)
    expect(incoming(user, "second.txt")).to_contain_text("passages embedded")
    user.page.get_by_role("button", name="Stop", exact=True).click()
    expect(incoming(user, "second.txt")).to_contain_text("left out: stopped")
    expect(incoming(user, "first.txt")).to_contain_text("in the library")
    expect(user.page.locator("#renew-documents")).to_be_visible()
    expect(row(user, "first.txt")).to_be_visible()
    assert "second.txt" not in {document.name for document in library.documents()}


def test_a_changed_file_is_shown_and_read_again(
    user: User, library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "tides.txt"
    path.write_text("High tide is at six.", encoding="utf-8")
    library.add(path)
    path.write_text("High tide is at seven now.", encoding="utf-8")
    os.utime(path, (1, 1))
    user.page.get_by_role("tab", name="Chat").click()
    user.page.get_by_role("tab", name="Documents").click()
    expect(row(user, "tides.txt")).to_contain_text("Changed on disk")
    row(user, "tides.txt").get_by_role("button", name="Read tides.txt again").click()
    expect(user.page.locator("#library-work")).to_contain_text("“tides.txt” was read again")
    expect(row(user, "tides.txt")).to_contain_text("Up to date")
    row(user, "tides.txt").get_by_role("button", name="tides.txt", exact=True).click()
    expect(user.page.locator(".sb-preview pre")).to_contain_text("seven")
    path.unlink()
    user.page.get_by_role("button", name="Read changed files again").click()
    expect(user.page.locator("#library-work")).to_contain_text("1 file gone")
    expect(row(user, "tides.txt")).to_contain_text("File gone")


def test_the_documents_are_tested_and_the_figures_shown(user: User) -> None:
    user.page.locator("#test-questions input").fill("8")
    user.page.get_by_role("button", name="Test my documents").click()
    report = user.page.locator("#own-test")
    expect(report).to_contain_text("Tested.")
    expect(report.locator(".sb-meters tr").first).to_contain_text(re.compile(r"recall@1\s*\d+%"))
    expect(report).to_contain_text("easier than the questions people ask")


def test_hostile_text_of_a_document_stays_text(user: User, library: Library) -> None:
    library.add_text(NAME, HOSTILE)
    user.page.get_by_role("tab", name="Chat").click()
    answer = user.say("/documents How many animals did the quoll census of 2019 count?")
    expect(answer).to_contain_text("412")
    answer.locator("a[href*='#source-']").first.click()
    expect(answer.locator(".sb-sources mark").first).to_contain_text("412")
    expect(answer.locator(".sb-sources mark").first).to_be_in_viewport()
    expect(answer.locator(".sb-sources summary").first).to_contain_text("Quolls")
    answer.locator(".message-content").get_by_text("Tarkine").first.click()
    user.page.get_by_role("tab", name="Documents").click()
    row(user, "quolls.md").locator(".sb-open").click()
    expect(user.page.locator(".sb-preview pre")).to_contain_text("javascript:window.hacked=1")
    user.page.locator("#search-documents textarea").fill("quoll census")
    user.page.locator("#search-documents textarea").press("Enter")
    expect(user.page.locator("#found .sb-text").first).to_contain_text("Tasmania")
    assert user.page.locator("a[href^='javascript']").count() == 0
    assert user.page.locator("#documents :is(script, img, b)").count() == 0
    assert user.page.evaluate("window.hacked") is None
