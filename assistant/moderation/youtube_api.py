"""The few calls of YouTube's Data API that comments need, and what its errors mean.

Each call is paid for in units of the key's daily quota. The key goes in a header, so that it
stands in no address that anything logs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any

from assistant.errors import InputError

DAILY_UNITS = 10_000  # that a key has unless Google granted more
COST = 1  # units of each of these calls
SECONDS = 30  # that an answer may take
PAUSES = (0.5, 2.0)
PAGE = 100  # the most that a call gives
_KEY = "Make one at https://console.cloud.google.com (YouTube Data API v3)"
_MEANING = {  # reason that the API gives → what it means, and what to do
    "keyInvalid": f"The key is no key of YouTube's API. {_KEY}, and copy the whole of it.",
    "API_KEY_INVALID": f"The key is not valid, or has expired. {_KEY}, or renew it there.",
    "keyExpired": f"The key has expired. Renew it, or make a new one. {_KEY}.",
    "accessNotConfigured": "The key's project may not use YouTube's API. Enable “YouTube Data API "
    "v3” for it at https://console.cloud.google.com, and try again in some minutes.",
    "ipRefererBlocked": "The key may not be used from this computer. Change its restrictions at "
    "https://console.cloud.google.com.",
    "quotaExceeded": f"The key's quota for today is used up ({DAILY_UNITS:,} units unless Google "
    "granted more). It begins anew at midnight, Pacific time.",
    "rateLimitExceeded": "YouTube asks for fewer calls at a time. Try again in a minute.",
    "commentsDisabled": "The comments of this video are turned off.",
    "videoNotFound": "There is no such video. Look at its address.",
    "forbidden": "This video's comments are not open to this key: it is private or restricted.",
    "invalidPageToken": "YouTube knows the page no more from which this was to go on. Start from "
    "the beginning.",
}
_SAME = {
    "SERVICE_DISABLED": "accessNotConfigured",
    "API_KEY_SERVICE_BLOCKED": "accessNotConfigured",
    "API_KEY_HTTP_REFERRER_BLOCKED": "ipRefererBlocked",
    "API_KEY_IP_ADDRESS_BLOCKED": "ipRefererBlocked",
    "dailyLimitExceeded": "quotaExceeded",
    "RATE_LIMIT_EXCEEDED": "quotaExceeded",
    "userRateLimitExceeded": "rateLimitExceeded",
    "insufficientPermissions": "forbidden",
}


class YouTube:
    """YouTube's API under one key; ``units`` counts the quota that it has used.

    ``address`` is that of another server with the same interface; ``pauses`` are the seconds
    before each further attempt when a connection breaks.

    Raises:
        InputError: the key cannot be one.
    """

    def __init__(
        self, key: str, address: str | None = None, pauses: Sequence[float] = PAUSES
    ) -> None:
        import httplib2
        from googleapiclient.discovery import build

        key = key.strip()
        if not key:
            raise InputError(f"YouTube's comments need a key of its API. {_KEY}.")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise InputError(_MEANING["keyInvalid"])
        self.units = 0
        self._key = key
        self._pauses = pauses
        http = httplib2.Http(timeout=SECONDS)
        http.follow_redirects = False  # the key is for nobody else
        self._api = build(
            "youtube",
            "v3",
            http=http,
            client_options={"api_endpoint": address} if address else None,
            static_discovery=True,
            cache_discovery=False,
        )

    def video(self, video: str) -> dict[str, Any] | None:
        """Return title, channel and figures of a video, or None if there is none to be seen."""
        found = self._ask(self._api.videos().list(part="snippet,statistics", id=video))
        items: list[dict[str, Any]] = found.get("items", [])
        return items[0] if items else None

    def threads(self, video: str, page: str) -> dict[str, Any]:
        """Return a page of comments, each with some of its replies."""
        return self._ask(
            self._api.commentThreads().list(
                part="snippet,replies",
                videoId=video,
                maxResults=PAGE,
                order="time",
                textFormat="plainText",
                pageToken=page or None,
            )
        )

    def replies(self, comment: str, page: str) -> dict[str, Any]:
        """Return a page of the replies to a comment."""
        return self._ask(
            self._api.comments().list(
                part="snippet",
                parentId=comment,
                maxResults=PAGE,
                textFormat="plainText",
                pageToken=page or None,
            )
        )

    def _ask(self, request: Any) -> dict[str, Any]:
        """Return the answer to a request.

        Raises:
            InputError: says why there is none.
        """
        from googleapiclient.errors import HttpError
        from httplib2 import HttpLib2Error

        request.headers["X-Goog-Api-Key"] = self._key
        for pause in (*self._pauses, None):
            self.units += COST
            try:
                answer: dict[str, Any] = request.execute()
            except HttpError as error:
                if error.resp.status < 500 or pause is None:
                    raise InputError(_meaning(error.resp.status, error.content)) from None
            except (OSError, HTTPException, HttpLib2Error, ValueError) as error:
                if pause is None:
                    raise InputError(
                        f"YouTube cannot be reached ({type(error).__name__}). Check the network, "
                        "and try again."
                    ) from None
            else:
                return answer
            time.sleep(pause or 0.0)
        raise AssertionError("the last attempt returns or raises")


def _meaning(status: int, content: bytes) -> str:
    """Return what an error of the API means; its own words only where we know none."""
    reasons, message = _reasons(content)
    for reason in reasons:
        if meaning := _MEANING.get(_SAME.get(reason, reason)):
            return meaning
    said = f", “{message[:200]}”" if message else ""
    return f"YouTube refused the request (error {status}{said}). Try again later."


def _reasons(content: bytes) -> tuple[list[str], str]:
    """Return the reasons of an error, the most exact first, and its message."""
    try:
        error = json.loads(content)["error"]
        given = [*error.get("details", ()), *error.get("errors", ())]
        reasons = [str(item["reason"]) for item in given if isinstance(item, Mapping)]
        return reasons, " ".join(str(error.get("message", "")).split())
    except (ValueError, KeyError, TypeError, AttributeError):
        return [], ""
