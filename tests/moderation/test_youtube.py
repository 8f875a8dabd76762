"""The comments of a video, asked for by YouTube's real client of a server on this computer."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.moderation import youtube
from assistant.moderation.batch import run_once
from assistant.moderation.comments import Comment
from assistant.moderation.youtube import VideoSource, video_id
from assistant.moderation.youtube_api import YouTube
from tests.benchmarks.batch_kills import LengthJudge
from tests.moderation.youtube_server import KEY, FakeVideo, serving


def opened(video: FakeVideo, key: str = KEY, page: str = "") -> VideoSource:
    api = YouTube(key, video.address, pauses=(0.0,))
    return youtube.comments(f"https://youtu.be/{video.id}?t=3", key, page, api)


@pytest.mark.parametrize(
    "text",
    [
        "abcdefghijk",
        "https://www.youtube.com/watch?v=abcdefghijk&list=x",
        "https://youtu.be/abcdefghijk?si=1",
        "youtube.com/shorts/abcdefghijk",
        "https://m.youtube.com/live/abcdefghijk/",
    ],
)
def test_a_video_is_known_by_its_address_or_id(text: str) -> None:
    assert video_id(text) == "abcdefghijk"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abcdefghij",
        "https://www.youtube.com/watch?v=abcdefghijk%00",
        "https://youtube.com.evil.test/watch?v=abcdefghijk",
        "https://www.youtube.com@evil.test/watch?v=abcdefghijk",
        "file:///watch?v=abcdefghijk",
        "https://www.youtube.com/channel/abcdefghijk",
        "https://[::1/watch?v=abcdefghijk",
    ],
)
def test_anything_else_is_no_video(text: str) -> None:
    with pytest.raises(InputError, match="no address of a YouTube video"):
        video_id(text)


def test_pages_and_replies_are_followed_to_the_end() -> None:
    with serving(FakeVideo()) as video:
        source = opened(video)
        found = list(source.comments())
    assert [comment.id for comment in found] == [
        *("T0", "T1", "T1.0", "T1.1", "T1.2", "T1.3", "T1.4", "T2", "T2.0"),
    ]
    assert found[2] == Comment(
        "reply 0",
        "T1.0",
        "@fan",
        "2024-05-06T07:08:09Z",
        "T1",
        {
            **{"authorChannelId": "UCfan", "likes": "4", "replies": "0"},
            **{"updated": "2024-05-06T07:08:09Z", "video": video.id},
        },
    )
    assert (source.name, source.owner, source.total) == ("A video", "UCowner", 9)
    assert found[0].fields["authorChannelId"] == source.owner
    assert video.seen == ["videos", "commentThreads", "comments", "comments", "commentThreads"]
    assert source.units == 5
    assert source.next_page == ""
    assert source.problems == []


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((403, "quotaExceeded"), "quota for today is used up"),
        ((403, "commentsDisabled"), "turned off"),
        ((403, "forbidden"), "private or restricted"),
        ((404, "videoNotFound"), "no such video"),
        ((403, "accessNotConfigured"), "Enable “YouTube Data API v3”"),
        ((400, "keyInvalid"), "no key of YouTube's API"),
        ((418, "teapot"), "error 418, “in its own words”"),
    ],
)
def test_each_refusal_has_its_sentence(refusal: tuple[int, str], said: str) -> None:
    with serving(FakeVideo(refusal=refusal)) as video, pytest.raises(InputError, match=said):
        next(opened(video).comments())


def test_a_wrong_key_and_a_missing_video_are_told_at_once() -> None:
    with serving(FakeVideo()) as video:
        with pytest.raises(InputError, match="not valid, or has expired") as caught:
            opened(video, key="secret-but-wrong")
        assert "secret" not in str(caught.value)
        with pytest.raises(InputError, match="need a key"):
            opened(video, key=" ")
        with pytest.raises(InputError, match="no key of YouTube"):
            opened(video, key="two\nlines")
        video.id = "another-one"
        with pytest.raises(InputError, match="no video abcdefghijk, or it is private"):
            youtube.comments("abcdefghijk", KEY, api=YouTube(KEY, video.address))


@pytest.mark.parametrize("cause", ["network", "quota"])
def test_a_reading_that_breaks_off_keeps_what_it_has_and_goes_on_later(cause: str) -> None:
    with serving(FakeVideo(replies=(0, 1, 0, 2, 1, 0))) as video:
        if cause == "network":
            video.cut_at = 2
        else:
            video.quota = 2
        source = opened(video)
        first = [comment.id for comment in source.comments()]
        assert first == ["T0", "T1", "T1.0"]
        (problem,) = source.problems
        assert "After 3 comments" in problem.sentence
        assert f"give the page {source.next_page}" in problem.sentence
        video.cut_at, video.quota = None, 100
        rest = [comment.id for comment in opened(video, page=source.next_page).comments()]
    assert [*first, *rest] == [
        *("T0", "T1", "T1.0", "T2", "T3", "T3.0", "T3.1", "T4", "T4.0", "T5"),
    ]


def test_a_server_that_is_not_there_is_said() -> None:
    api = YouTube(KEY, "http://127.0.0.1:9/", pauses=())
    with pytest.raises(InputError, match="cannot be reached"):
        youtube.comments("abcdefghijk", KEY, api=api)


def test_the_comments_of_a_video_become_a_result_in_which_its_owner_is_trusted(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out.csv"
    with serving(FakeVideo()) as video:
        source = opened(video)
        judge = LengthJudge(most=0.0)  # which blocks everybody whom it does not trust
        judge.policy = judge.policy.model_copy(update={"trusted_authors": (source.owner,)})
        counts = run_once(source, judge, out)
        with pytest.raises(InputError, match="is there already"):
            run_once(opened(video), judge, out)
    assert counts == {"allow": 1, "block": 8}
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows] == ["allow", *["block"] * 8]
    assert (rows[2]["reply to"], rows[2]["authorChannelId"]) == ("T1", "UCfan")
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]
