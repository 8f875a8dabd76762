"""The comments of a YouTube video, through YouTube's own API with the user's key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from assistant.errors import InputError
from assistant.moderation.comments import Comment
from assistant.moderation.sources import Problem, Problems
from assistant.moderation.youtube_api import YouTube

ROLES = {
    "comment": "text",
    "id": "id",
    "author": "author",
    "published": "date",
    "reply to": "reply_to",
}
OWNER = "authorChannelId"  # the field in which policies find whom they trust
FIELDS = (OWNER, "likes", "replies", "updated", "video")
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_HOSTS = {"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"}
_SHORT = {"youtu.be", "www.youtu.be"}
_PATHS = {"shorts", "live", "embed", "v"}


def video_id(text: str) -> str:
    """Return the id of the video that an address, or an id, names.

    Raises:
        InputError: it names none.
    """
    text = text.strip()
    if _ID.fullmatch(text):
        return text
    found = _id_in(text if "//" in text else f"https://{text}")
    if not _ID.fullmatch(found):
        raise InputError(
            f"“{text[:100]}” is no address of a YouTube video. Give one such as "
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ, or the 11 characters of its id."
        )
    return found


def _id_in(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    first, _, rest = parts.path.strip("/").partition("/")
    if parts.scheme not in {"http", "https"}:
        return ""
    if host in _SHORT:
        return first
    if host in _HOSTS and first in _PATHS:
        return rest.partition("/")[0]
    if host in _HOSTS and first == "watch":
        return parse_qs(parts.query).get("v", [""])[0]
    return ""


def comments(video: str, key: str, page: str = "", api: YouTube | None = None) -> VideoSource:
    """Open the comments of a video.

    Args:
        video: its address or id.
        key: a key of the YouTube Data API.
        page: where to go on, as ``next_page`` of an earlier reading gave it.
        api: what asks YouTube; made with the key if None.

    Raises:
        InputError: the video or the key cannot be used, or YouTube not reached; says why.
    """
    identity = video_id(video)
    api = api or YouTube(key)
    found = api.video(identity)
    if found is None:
        raise InputError(
            f"There is no video {identity}, or it is private. Look at its address; a private "
            "video's comments can be read by its owner only."
        )
    return VideoSource(api, identity, found, page)


class VideoSource:
    """See Source. It is read once; where YouTube breaks off, what came before is kept.

    Attributes:
        owner: the id of the video's channel, for a policy's trusted authors.
        next_page: where to go on with what is not read yet; empty at the end.
    """

    columns = (*ROLES, *FIELDS)
    roles: Mapping[str, str] = ROLES
    text_column = "comment"

    def __init__(
        self, api: YouTube, video: str, described: Mapping[str, Any], page: str = ""
    ) -> None:
        snippet = described.get("snippet", {})
        self.name = str(snippet.get("title") or video)
        self.owner = str(snippet.get("channelId", ""))
        self.next_page = page
        count = str(described.get("statistics", {}).get("commentCount", ""))
        self.total = int(count) if count.isdigit() and not page else None
        self._api = api
        self._video = video
        self._found = Problems()

    @property
    def units(self) -> int:
        """The units of the key's quota that were used."""
        return self._api.units

    @property
    def problems(self) -> list[Problem]:
        """Why the reading ended before the last comment, if it did."""
        return self._found.found

    @property
    def problem_count(self) -> int:
        """See problems."""
        return self._found.count

    def comments(self) -> Iterator[Comment]:
        """Give the comments from the newest one on, each before its replies.

        A page comes whole or not at all. If YouTube breaks off between pages, ``problems`` says
        why, and ``next_page`` where to go on.

        Raises:
            InputError: there are none to be had; says why.
        """
        self._found = Problems()
        read = 0
        while True:
            try:
                page, after = self._page()
            except InputError as error:
                if not read:
                    raise
                self._found.add(
                    0,
                    f"After {read:,} comments: {error} To go on later, give the page "
                    f"{self.next_page}.",
                )
                return
            asked, self.next_page = self.next_page, after
            read += len(page)
            yield from page
            if after in {"", asked}:
                self.next_page = ""
                return

    def _page(self) -> tuple[list[Comment], str]:
        """Return the comments of the next page with all their replies, and the page after it."""
        answer = self._api.threads(self._video, self.next_page)
        try:
            threads = [self._thread(thread) for thread in answer.get("items", ())]
            page = [comment for thread in threads for comment in thread]
            return page, str(answer.get("nextPageToken", ""))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"YouTube gave an answer that I cannot read ({type(error).__name__}). "
                "Its interface may have changed."
            ) from error

    def _thread(self, thread: Mapping[str, Any]) -> Iterator[Comment]:
        top = thread["snippet"]["topLevelComment"]
        count = int(thread["snippet"].get("totalReplyCount", 0))
        yield self._comment(top, replies=count)
        included = thread.get("replies", {}).get("comments", [])
        replies = included if len(included) >= count else self._replies(str(top["id"]))
        for reply in replies:
            yield self._comment(reply, str(top["id"]))

    def _replies(self, comment: str) -> Iterator[Mapping[str, Any]]:
        page = ""
        while True:
            answer = self._api.replies(comment, page)
            yield from answer.get("items", ())
            page = str(answer.get("nextPageToken", ""))
            if not page:
                return

    def _comment(self, item: Mapping[str, Any], parent: str = "", replies: int = 0) -> Comment:
        snippet = item["snippet"]
        return Comment(
            str(snippet.get("textOriginal") or snippet.get("textDisplay", "")),
            id=str(item["id"]),
            author=str(snippet.get("authorDisplayName", "")),
            date=str(snippet.get("publishedAt", "")),
            reply_to=parent,
            fields={
                OWNER: str(snippet.get("authorChannelId", {}).get("value", "")),
                "likes": str(snippet.get("likeCount", "")),
                "replies": str(replies),
                "updated": str(snippet.get("updatedAt", "")),
                "video": self._video,
            },
        )
