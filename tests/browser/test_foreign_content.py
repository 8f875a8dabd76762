"""Whatever a table, a label or a name holds, nothing foreign is loaded and no script runs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import User

PICTURES = (
    "![x](http://evil.example/a.png)",
    "<img src=http://evil.example/b.png onerror=window.ran=1>",
    "<style>@import url(http://evil.example/c.css)</style>",
    "![](//evil.example/d.png)",
    '<svg><image href="http://evil.example/e.png"/></svg>',
    "<video poster=http://evil.example/f.png autoplay src=http://evil.example/g.mp4></video>",
    "<script>window.ran=1</script>",
    '<iframe srcdoc="<img src=http://evil.example/h.png>"></iframe>',
    "${window.ran=1}{{window.ran=1}}`window.ran=1`",
    "$\\includegraphics{http://evil.example/i.png}$",
)


@pytest.fixture
def page(user: User) -> Iterator[Page]:
    """The page of a user; afterwards nothing may have been tried that the policy had to stop."""
    stopped: list[str] = []
    user.page.on(
        "console",
        lambda said: stopped.append(said.text) if "Security Policy" in said.text else None,
    )
    yield user.page
    assert user.foreign == []
    assert stopped == []
    assert user.page.evaluate("window.ran") is None


def table(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).first.click()


def toast(page: Page) -> str:
    """Return what the newest pop-up says, and close all of them."""
    newest = page.locator(".toast-body").last
    newest.wait_for()
    said = newest.inner_text()
    for close in reversed(page.locator(".toast-close").all()):
        close.click()
    expect(page.locator(".toast-body")).to_have_count(0)
    return said


def test_a_hostile_table_goes_through_moderate(page: Page, tmp_path: Path) -> None:
    rows = [[str(number), picture, picture] for number, picture in enumerate(PICTURES)]
    path = table(tmp_path / "export.csv", [["id", "text", "author"], *rows])
    heads = table(tmp_path / "heads.csv", [[PICTURES[0], PICTURES[1], PICTURES[4]], *rows])
    tab(page, "Moderate")
    expect(page.locator("#policy-summary")).to_contain_text("standard@")
    page.get_by_role("tab", name="File").click()
    page.locator("#comments-file input[type=file]").set_input_files(path)
    expect(page.locator("#comments-column input")).to_have_value("text")
    page.locator("#start-moderation").click()
    expect(page.locator("#moderation")).to_contain_text(f"is done: {len(PICTURES)}")
    expect(page.locator(".sb-comments > tbody > tr").nth(1)).to_contain_text("<img src=http")
    for name in ("Review", "Charts", "Learn", "Comments"):
        tab(page, name)
        page.wait_for_timeout(300)
    page.locator("#comments-file button[aria-label*=lear]").first.click()
    page.locator("#comments-file input[type=file]").set_input_files(heads)
    page.locator("#start-moderation").click()
    expect(page.locator("#moderation")).to_contain_text(f"is done: {len(PICTURES)}")


def test_hostile_names_and_refusals_pop_up_as_text(page: Page, tmp_path: Path) -> None:
    """A label that was a picture was loaded by the pop-up that refused the table."""
    one_label = table(
        tmp_path / "one.csv", [["text", "label"]] + [[f"hello {n}", PICTURES[1]] for n in range(30)]
    )
    many = table(
        tmp_path / "many.csv",
        [["text", "label"]] + [[f"{p} {n}", f"{p} {n}"] for n in range(4) for p in PICTURES],
    )
    tab(page, "Train")
    for path, said in ((one_label, "<img src=http://evil.example/b.png"), (many, "labels")):
        page.locator("#train-data input[type=file]").set_input_files(path)
        page.wait_for_timeout(500)
        page.locator("#train-name :is(input, textarea)").fill("patents")
        page.locator("#start-training").click()
        assert said in toast(page)
        page.locator("#train-data button[aria-label*=lear]").first.click()
    page.locator("#train-hub :is(input, textarea)").fill(PICTURES[1])
    page.locator("#train-hub :is(input, textarea)").press("Enter")
    expect(page.locator("#train-look")).to_contain_text("<img src=http")
    tab(page, "Moderate")
    page.get_by_role("tab", name="YouTube").click()
    page.locator("#video :is(input, textarea)").fill(PICTURES[1])
    page.locator("#start-moderation").click()
    assert "<img src=http" in toast(page)
    page.locator("#policy-editor button").first.click()
    page.locator(".sb-policy [name=name]").fill(PICTURES[1])
    page.get_by_role("button", name="Save as a new version").click()
    assert "name" in toast(page)


def test_hostile_words_go_through_the_chat_and_its_tools(user: User, page: Page) -> None:
    every = "\n".join(PICTURES)
    for text in (
        f"/summarization {every} {every}",
        f"/moderation {every}",
        f"/entities {every}",
        f"/similarity\n{every}",
        f"/zero_shot {PICTURES[0]}, {PICTURES[1]}: {PICTURES[4]}",
        f"/nothing{PICTURES[1]}",
    ):
        user.say(text)


def test_a_hostile_file_goes_through_documents(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n\n" + "\n\n".join(PICTURES), encoding="utf-8")
    empty = tmp_path / "<img src=x onerror=window.ran=1>.csv"
    empty.write_text("", encoding="utf-8")
    tab(page, "Documents")
    page.locator("#collection :is(input, textarea)").fill("<img src=x onerror=window.ran=1>")
    page.locator("#add-documents input[type=file]").set_input_files([path, empty])
    expect(page.locator("#library-work")).to_contain_text("is empty")
    row = page.locator("#library tr", has_text="notes.md")
    row.get_by_role("button", name="notes.md", exact=True).click()
    expect(page.locator(".sb-preview")).to_contain_text("<img src=http")
    page.locator("#search-documents textarea").fill("notes evil example picture")
    page.locator("#search-documents textarea").press("Enter")
    expect(page.locator("#found details").first).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


@pytest.mark.parametrize("name", ["Chat", "Documents", "Moderate", "Train"])
def test_the_policy_stops_what_would_slip_through(user: User, name: str) -> None:
    tab(user.page, name)
    tried = user.page.evaluate(
        """() => new Promise((resolve) => {
            const stopped = [];
            document.addEventListener('securitypolicyviolation', (event) =>
              stopped.push(event.effectiveDirective));
            const box = document.createElement('div');
            document.body.append(box);
            box.innerHTML = `<img src="http://127.0.0.1:9/x.png"><iframe srcdoc="x"></iframe>
              <form action="http://127.0.0.1:9/"></form><div onclick="window.ran=1"></div>`;
            const script = document.createElement('script');
            script.textContent = 'window.ran = 1';
            box.append(script);
            const other = document.createElement('script');
            other.src = 'http://127.0.0.1:9/x.js';
            box.append(other);
            const style = document.createElement('link');
            style.rel = 'stylesheet';
            style.href = 'http://127.0.0.1:9/x.css';
            box.append(style);
            fetch('http://127.0.0.1:9/').catch(() => {});
            box.querySelector('form').submit();
            box.querySelector('[onclick]').click();
            setTimeout(() => { box.remove(); resolve([...new Set(stopped)].sort()); }, 500);
        })"""
    )
    assert set(tried) >= {
        "connect-src",
        "form-action",
        "img-src",
        "script-src-attr",
        "script-src-elem",
        "style-src-elem",
    }
    assert user.page.evaluate("window.ran") is None
    user.foreign.clear()  # what this test itself tried


def test_each_answer_has_a_nonce_of_its_own_and_no_other_site_may_show_the_page(user: User) -> None:
    seen = set()
    for _ in range(3):
        answer = user.context.request.get(user.address)
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-inline'" not in policy.split("style-src")[0]
        nonce = policy.split("'nonce-")[1].split("'")[0]
        assert answer.text().count("<script") == answer.text().count(f'<script nonce="{nonce}"')
        seen.add(nonce)
    assert len(seen) == 3
