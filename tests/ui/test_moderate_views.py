"""The Moderate page's HTML: what it says, and that no comment can say more than its text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from assistant.errors import InputError
from assistant.moderation.comments import Comment
from assistant.moderation.desk import Work
from assistant.moderation.policy import Limits, Policy
from assistant.moderation.reviews import ReviewFilter
from assistant.types import Span
from assistant.ui import charts_view as charts
from assistant.ui.comment_text import comment_html
from assistant.ui.comments import View
from assistant.ui.comments_view import bulk_html, table_html
from assistant.ui.moderate_view import work_html
from assistant.ui.policy_view import changed, form_html
from assistant.ui.review_view import review_html
from tests.ui.reviewed import item, said

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>",
    "${alert(1)} {{7*7}} `x`",
    "<!--",
    "\0<svg/onload=alert(1)>",
)


class Tags(HTMLParser):
    """Collects the tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("text", HOSTILE)
def test_no_comment_author_note_or_reason_becomes_markup(text: str) -> None:
    comment = Comment(text, id=text, author=text, date=text, reply_to=text)
    hostile = item(
        comment=comment,
        spans=(Span(0, 3, text, 0.9),),
        reason=text,
        rule=text,
        scores={text: 0.9},
        decisions=(said(f"user:{text}", "block", text),),
    )
    pages = (
        table_html([hostile], 1, 0, "user:me"),
        review_html(hostile, 1, "user:me", comment),
        work_html(Work("j", text, "failed", failure=text, problems=(text,), problem_count=1)),
    )
    plain = (
        table_html([item()], 1, 0, "user:me"),
        review_html(item(), 1, "user:me", Comment("x")),
        work_html(Work("j", "x", "failed", failure="x", problems=("x",), problem_count=1)),
    )
    for page, usual in zip(pages, plain, strict=True):
        found = Tags(page)
        assert set(found.tags) <= {*Tags(usual).tags, "q", "ul", "li"}
        assert not found.handlers
        assert "${" not in page


def test_signs_meant_to_be_unseen_are_shown() -> None:
    shown = comment_html("pay \u202eno\u202c\u200b now\x07", ())
    assert "right-to-left override" in shown
    assert "U+200B" in shown
    assert not set(shown) & {"\u202e", "\u202c", "\u200b", "\x07"}


def test_a_long_comment_is_cut_around_its_first_marked_word() -> None:
    text = "fine " * 50_000 + "moron" + " fine" * 50_000
    shown = comment_html(text, (Span(250_000, 250_005, "toxicity", 0.9),), 300)
    assert re.search("<mark[^>]*>moron</mark>", shown)
    assert "249,940 characters before" in shown
    assert len(shown) < 1000


def test_a_row_says_what_decided_who_wrote_it_and_what_moderators_said() -> None:
    decided = item(
        decisions=(said("user:ann", "allow", "a joke"), said("user:me", "block")), disputed=True
    )
    text = " ".join(Tags(table_html([decided], 120, 1, "user:me")).text.split())
    for part in ("Bo", "2026-11-20", "answers 3", "insult is 0.91", "allowed by ann", "a joke",
                 "blocked by you", "Moderators disagree", "51–51 of 120", "Page 2 of"):  # fmt: skip
        assert part in text


def test_all_that_match_are_counted_in_the_question_and_in_the_answer() -> None:
    page = bulk_html(1234, True, {"csv": "/moderation/j/comments.csv?verdict=block"})
    assert "Block all 1,234 comments that match?" in page
    assert 'data-value="block:1234"' in page
    assert 'href="/moderation/j/comments.csv?verdict=block"' in page


def test_a_view_tells_its_filter_as_the_query_of_a_download() -> None:
    wanted = ReviewFilter(verdict="block", category="insult", above=0.7, search="a&b=c")
    assert View("j", wanted).query == "verdict=block&category=insult&above=0.7&search=a%26b%3Dc"
    assert View("j").query == ""


def test_progress_says_how_many_how_fast_and_how_long_still() -> None:
    text = Tags(work_html(Work("j", "a.csv", done=500, total=2000, seconds=10))).text
    assert text == "a.csv 500 of 2,000 comments, 50 a second, 30 s left"


def test_charts_say_in_words_what_they_draw() -> None:
    ring = charts.sentiment_html({"positive": 3, "negative": 1}, "")
    assert 'aria-label="Sentiment: positive 75%, neutral 0%, negative 25%"' in ring
    bins = charts.scores_html({"insult": [9, 0, 0, 1]}, {"insult": charts.Marks(0.25, 0.5)})
    assert "insult: 9 comments score below 0.5, 1 from there on" in bins
    assert bins.count("<rect") == 2
    assert bins.count("<line") == 2
    days = [("2026-11-01", {"allow": 3}), ("2026-11-02", {"allow": 1, "block": 2})]
    assert "2026-11-02: 3, of them 2 block" in charts.timeline_html(days)
    assert charts.timeline_html(days[:1]) == ""


def test_a_long_time_is_drawn_by_months_and_a_longer_one_by_years() -> None:
    days = [(f"{year}-{month:02d}-{day:02d}", {"allow": 1})
            for year in range(2015, 2026) for month in (1, 2) for day in range(1, 29)]  # fmt: skip
    assert "2015-02: 28, of them 0 block" in charts.timeline_html(days[: 28 * 6])
    years = [(f"{year}-{month:02d}-01", {"block": 1})
             for year in range(1990, 2026) for month in range(1, 13)]  # fmt: skip
    assert "1990: 12, of them 12 block" in charts.timeline_html(years)


POLICY = Policy(name="mine", limits={"insult": Limits(review=0.123456, block=0.5)})


def form(policy: Policy, **values: str) -> dict[str, str]:
    """Return what a browser sends of a policy's form when nothing but ``values`` is changed."""
    page = form_html(policy, ("insult", "threat"))
    sent = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    sent |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)<', page))
    chosen = re.findall(r'<select name="([^"]+)">.*?<option selected>(\w+)', page)
    return sent | dict(chosen) | values


def test_a_form_sent_as_it_was_drawn_changes_nothing() -> None:
    assert changed(POLICY, form(POLICY)).limits["insult"] == POLICY.limits["insult"]


def test_a_form_sets_thresholds_lists_and_rules() -> None:
    sent = form(POLICY, blocked_words="spam*\n\nbuy now\nspam*", links="review")
    saved = changed(POLICY, sent | {"block:insult": "", "review:threat": "0,3"})
    assert saved.limits["insult"] == Limits(review=0.123456)
    assert saved.limits["threat"] == Limits(review=0.3)
    assert saved.blocked_words == ("spam*", "buy now")
    assert saved.links == "review"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [("block:insult", "7", "insult"), ("name", "../etc", "name"), ("links", "delete", "links")],
)
def test_a_form_with_a_wrong_value_is_refused_by_its_name(
    field: str, value: str, named: str
) -> None:
    with pytest.raises(InputError, match=named):
        changed(POLICY, form(POLICY) | {field: value})
