"""Reviews: every decision is kept, and nobody sees or gets what is not theirs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.moderation.reviews import ReviewFilter
from assistant.storage import OPERATOR, Reviews, Storage
from assistant.storage import review_deciding as deciding
from assistant.storage.database import open_file
from assistant.types import Span, VerdictName

ALICE, BOB, GUEST, OTHER = "user:alice", "user:bob", "session:aaaa", "session:bbbb"


@pytest.fixture
def reviews(tmp_path: Path) -> Iterator[Reviews]:
    storage = Storage(*open_file(tmp_path / "test.db"))
    yield storage.reviews
    storage.close()


def judged(text: str, toxicity: float, author: str = "", date: str = "") -> Judged:
    verdict: VerdictName = "block" if toxicity > 0.8 else "review" if toxicity > 0.4 else "allow"
    rule = "" if verdict == "allow" else "toxicity"
    return Judged(
        Comment(text, id="c1", author=author, date=date, reply_to="c0", fields={"likes": "3"}),
        {"toxicity": toxicity, "spam": 0.01},
        (Span(0, 3, "toxicity", 0.9),),
        Decision(verdict, rule, f"toxicity is {toxicity:.2f}"),
    )


def filled(reviews: Reviews, owner: str = ALICE, count: int = 5) -> str:
    """Return a job of comments whose scores rise with their numbers."""
    job = reviews.begin(owner, "comments.csv", "forum@3", "shipped")
    given = [judged(f"comment {place}", place / count) for place in range(count)]
    assert reviews.add(owner, job, given) == count
    return job


def test_a_comment_comes_back_as_it_was_judged(reviews: Reviews) -> None:
    job = reviews.begin(ALICE, "a\nb.csv", "forum@3", "moderation-2")
    odd = judged("=cmd() \ud83d\0 <b>é</b>", 0.9, "Zoë", "2024-05-01T10:00:00Z")
    reviews.add(ALICE, job, [odd])
    (item,) = reviews.items(ALICE, job)
    assert item.comment == replace(odd.comment, text="=cmd() ? <b>é</b>")
    assert (item.scores, item.spans) == (odd.scores, odd.spans)
    assert (item.verdict, item.rule, item.reason) == ("block", "toxicity", "toxicity is 0.90")
    assert (item.job, item.policy, item.model) == (job, "forum@3", "moderation-2")
    assert (item.decisions, item.action, item.disputed) == ((), None, False)
    assert [(found.title, found.items, found.open) for found in reviews.jobs(ALICE)] == [
        ("a b.csv", 1, 1)
    ]


def test_what_was_judged_before_a_break_is_kept(reviews: Reviews) -> None:
    def breaking() -> Iterator[Judged]:
        yield from (judged(f"comment {place}", 0.1) for place in range(1_500))
        raise KeyboardInterrupt

    job = reviews.begin(ALICE, "long.csv", "standard@0", "shipped")
    with pytest.raises(KeyboardInterrupt):
        reviews.add(ALICE, job, breaking())
    assert reviews.count(ALICE, job) == 1_000


def test_the_worst_comes_first_and_stays_until_it_is_decided(reviews: Reviews) -> None:
    job = filled(reviews)
    first = reviews.next(ALICE, job)
    assert first is not None
    assert first.comment.text == "comment 4"
    assert reviews.next(ALICE, job) == first  # the page was loaded anew
    decided = reviews.decide(ALICE, first.id, "block", " rude ")
    assert (decided.action, decided.decisions[0].note) == ("block", "rude")
    second = reviews.next(ALICE, job)
    assert second is not None
    assert second.comment.text == "comment 3"


def test_two_moderators_at_once_never_get_the_same_comment(reviews: Reviews) -> None:
    job = filled(reviews, count=40)
    seen: list[int] = []

    def work(moderator: str) -> None:
        while (item := reviews.next(moderator, job)) is not None:
            seen.append(item.id)
            reviews.decide(moderator, item.id, "allow")

    threads = [threading.Thread(target=work, args=(f"user:{name}",)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) == 40


def test_a_held_comment_is_nobody_elses_until_its_time_is_over(
    reviews: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = filled(reviews, count=1)
    item = reviews.next(ALICE, job)
    assert item is not None
    assert reviews.next(BOB, job) is None
    with pytest.raises(InputError, match="Another moderator is looking"):
        reviews.decide(BOB, item.id, "allow")
    assert reviews.bulk(BOB, job, ReviewFilter(), "allow") == 0
    now = deciding.time.time()
    monkeypatch.setattr(deciding.time, "time", lambda: now + deciding.LEASE + 1)
    again = reviews.next(BOB, job)
    assert again is not None
    assert again.id == item.id
    with pytest.raises(InputError, match="Another moderator is looking"):
        reviews.decide(ALICE, item.id, "block")  # too late: it is Bob's by now


def test_the_same_key_pressed_twice_is_one_decision(reviews: Reviews) -> None:
    job = filled(reviews, count=1)
    (item,) = reviews.items(ALICE, job)
    for _ in range(2):
        decided = reviews.decide(ALICE, item.id, "block")
    assert len(decided.decisions) == 1


def test_an_undo_is_one_more_record_and_the_decision_before_stands_again(
    reviews: Reviews,
) -> None:
    job = filled(reviews, count=1)
    (item,) = reviews.items(ALICE, job)
    reviews.decide(ALICE, item.id, "allow")
    assert reviews.decide(ALICE, item.id, "block").action == "block"
    back = reviews.undo(ALICE, job)
    assert back.count == 1
    assert back.item is not None
    assert back.item.action == "allow"
    said = [(record.action, record.standing) for record in back.item.decisions]
    assert said == [("allow", True), ("block", False), ("undo", False)]
    open_again = reviews.undo(ALICE).item
    assert open_again is not None
    assert open_again.action is None
    assert len(open_again.decisions) == 4
    with pytest.raises(InputError, match="no decision of yours"):
        reviews.undo(ALICE)
    assert reviews.next(ALICE, job) is not None


def test_a_skipped_comment_is_left_to_the_others(reviews: Reviews) -> None:
    job = filled(reviews, count=1)
    item = reviews.next(ALICE, job)
    assert item is not None
    assert reviews.decide(ALICE, item.id, "skip").action is None
    assert reviews.next(ALICE, job) is None
    left = reviews.next(BOB, job)
    assert left is not None
    assert left.id == item.id


def test_second_opinions_show_where_moderators_disagree(reviews: Reviews) -> None:
    job = filled(reviews, count=2)
    one, two = reviews.items(ALICE, job)
    reviews.decide(ALICE, one.id, "allow")
    reviews.decide(ALICE, two.id, "block")
    assert reviews.next(ALICE, job, second_opinion=True) is None
    assert reviews.next(BOB, job) is None
    for _ in range(2):
        again = reviews.next(BOB, job, second_opinion=True)
        assert again is not None
        reviews.decide(BOB, again.id, "block")
    assert reviews.next(BOB, job, second_opinion=True) is None
    (disputed,) = reviews.disagreements(ALICE)
    assert disputed.id == one.id
    assert disputed.disputed
    counts = reviews.counts(ALICE, job)
    assert (counts.shared, counts.disputed) == (2, 1)
    assert counts.moderators == {ALICE: {"allow": 1, "block": 1}, BOB: {"block": 2}}
    assert reviews.jobs(ALICE)[0].disputed == 1


def test_filters_sorting_and_pages_agree_with_their_counts(reviews: Reviews) -> None:
    job = reviews.begin(ALICE, "mixed", "standard@0", "shipped")
    texts = ["100% Übel", "fine", "you MORON", "nice_one"]
    scores = [0.9, 0.0, 0.5, 0.2]
    authors = ["bob", "eve", "bob", "moro"]
    dates = ["2024-05-02T10:00", "2024-05-01", "2024-05-01T09:00", "yesterday"]
    rows = zip(texts, scores, authors, dates, strict=True)
    reviews.add(ALICE, job, [judged(*row) for row in rows])
    reviews.bulk(ALICE, job, ReviewFilter(verdict="block"), "block")

    def found(wanted: ReviewFilter) -> list[str]:
        items = reviews.items(ALICE, job, wanted)
        assert reviews.count(ALICE, job, wanted) == len(items)
        assert tuple(reviews.each(ALICE, job, wanted)) == items
        return [item.comment.text for item in items]

    assert found(ReviewFilter()) == texts
    assert found(ReviewFilter(verdict="review")) == ["you MORON"]
    assert found(ReviewFilter(state="open")) == texts[1:]
    assert found(ReviewFilter(state="decided")) == texts[:1]
    assert found(ReviewFilter(category="toxicity", above=0.5)) == ["100% Übel", "you MORON"]
    assert found(ReviewFilter(category="unknown", above=0.1)) == []
    assert found(ReviewFilter(author="bob", verdict="review")) == ["you MORON"]
    assert found(ReviewFilter(search="übel")) == ["100% Übel"]
    assert found(ReviewFilter(search="moro")) == ["you MORON", "nice_one"]
    assert found(ReviewFilter(search="0%")) == ["100% Übel"]
    assert found(ReviewFilter(search="_one")) == ["nice_one"]
    with pytest.raises(InputError, match="is no category"):
        found(ReviewFilter(category='"] or 1=1'))
    pages = [
        reviews.items(ALICE, job, sort="score", descending=True, offset=place, limit=1)[0]
        for place in range(4)
    ]
    assert [page.scores["toxicity"] for page in pages] == [0.9, 0.5, 0.2, 0.0]

    counts = reviews.counts(ALICE, job)
    assert counts.total == 4
    assert counts.verdicts == {
        "allow": {"open": 2}, "block": {"block": 1}, "review": {"open": 1}
    }  # fmt: skip
    assert counts.days == {
        "2024-05-01": {"allow": 1, "review": 1}, "2024-05-02": {"block": 1}
    }  # fmt: skip
    places = [place for place, count in enumerate(counts.scores["toxicity"]) if count]
    assert places[0] == 0
    assert sum(counts.scores["toxicity"]) == sum(counts.scores["spam"]) == 4


def test_a_bulk_action_is_taken_back_as_one(reviews: Reviews) -> None:
    job = filled(reviews, count=2_500)
    (first,) = reviews.items(ALICE, job, limit=1)
    reviews.decide(ALICE, first.id, "allow")
    assert reviews.bulk(ALICE, job, ReviewFilter(), "allow") == 2_499
    assert reviews.count(ALICE, job, ReviewFilter(state="open")) == 0
    assert reviews.undo(ALICE).count == 2_499
    assert reviews.count(ALICE, job, ReviewFilter(state="open")) == 2_499


def test_past_decisions_tell_text_scores_and_who_said_what(reviews: Reviews) -> None:
    job = filled(reviews, count=2)
    one, two = reviews.items(ALICE, job)
    reviews.decide(ALICE, one.id, "block", "sarcasm")
    reviews.decide(BOB, two.id, "allow")
    reviews.undo(BOB)
    records = list(reviews.decisions(ALICE))
    assert [(item.moderator, item.action, item.standing) for item in records] == [
        (ALICE, "block", True), (BOB, "allow", False), (BOB, "undo", False)
    ]  # fmt: skip
    first = records[0]
    assert (first.text, first.scores["toxicity"], first.note) == ("comment 0", 0.0, "sarcasm")
    assert (first.verdict, first.policy, first.model) == ("allow", "forum@3", "shipped")
    assert set(reviews.undecided(ALICE)) == {"comment 1"}


def test_clearing_a_job_keeps_every_decision_and_what_it_was_about(reviews: Reviews) -> None:
    job, other = filled(reviews, count=3), filled(reviews, count=2)
    reviews.decide(ALICE, reviews.items(ALICE, job)[1].id, "allow")
    assert reviews.clear(ALICE, job) == 2
    assert [item.comment.text for item in reviews.items(ALICE, job)] == ["comment 1"]
    assert reviews.clear(ALICE, other) == 2
    assert [found.id for found in reviews.jobs(ALICE)] == [job]


@pytest.mark.parametrize(("owner", "stranger"), [(GUEST, OTHER), (GUEST, ALICE), (ALICE, GUEST)])
def test_a_strangers_queue_is_as_good_as_absent(
    reviews: Reviews, owner: str, stranger: str
) -> None:
    job = filled(reviews, owner)
    (item,) = reviews.items(owner, job, limit=1)
    reviews.decide(owner, item.id, "allow", "secret")
    for attempt in (
        lambda: reviews.add(stranger, job, [judged("mine", 0.1)]),
        lambda: reviews.item(stranger, item.id),
        lambda: reviews.decide(stranger, item.id, "block"),
        lambda: reviews.bulk(stranger, job, ReviewFilter(), "block"),
        lambda: reviews.clear(stranger, job),
        lambda: reviews.undo(stranger, job),
    ):
        with pytest.raises(InputError) as stolen:
            attempt()
        assert "secret" not in str(stolen.value)
    assert reviews.jobs(stranger) == ()
    assert reviews.items(stranger, job) == ()
    assert reviews.next(stranger, job) is None
    assert reviews.count(stranger, job) == 0
    assert reviews.counts(stranger, job).total == 0
    assert list(reviews.decisions(stranger, job)) == []
    assert list(reviews.each(stranger)) == []
    assert reviews.undecided(stranger, job) == ()
    assert len(reviews.items(owner, job)) == 5


def test_those_who_log_in_share_a_queue_and_the_operator_sees_all(reviews: Reviews) -> None:
    shared, private, handed = filled(reviews), filled(reviews, GUEST), filled(reviews, OPERATOR)

    def seen(owner: str) -> set[str]:
        return {job.id for job in reviews.jobs(owner)}

    assert seen(BOB) == {shared, handed}
    assert seen(GUEST) == {private}
    assert seen(OPERATOR) == {shared, private, handed}
    assert seen("user") == seen("session:") == seen("") == set()
