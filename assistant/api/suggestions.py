"""Keeps what clients of the Perspective API say of comments among the review decisions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from assistant.errors import BusyError, InputError
from assistant.moderation.comments import Comment, Judged
from assistant.moderation.reviews import ReviewFilter
from assistant.storage.reviews import Reviews

SEARCHED = 200  # characters of a comment by which it is looked up


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a client decided, in which community; ``token`` is what it calls the comment."""

    action: Literal["allow", "block"]
    community: str = ""
    token: str = ""


class Suggestions:
    """The suggestions in a review queue: each key has a job of its own, and is its moderator.

    The moderator is the key's name, not the community that a request claims: otherwise one client
    could pass for many moderators, whose agreement counts when the model learns.
    """

    def __init__(self, reviews: Reviews, labels: Callable[[], tuple[str, str]]) -> None:
        """``labels`` gives those of the policy and of the model that judge."""
        self._reviews = reviews
        self._labels = labels
        self._lock = threading.Lock()

    def keep(self, name: str, judged: Judged, suggestion: Suggestion) -> None:
        """Record a decision of the key ``name``; a comment that came before is decided anew.

        Raises:
            BusyError: a moderator is looking at that comment just now.
            StorageError: the database cannot be used.
        """
        moderator = f"api:{name}"
        comment = replace(
            judged.comment, id=suggestion.token, fields={"community": suggestion.community}
        )
        with self._lock:
            job = self._job(moderator, f"Suggested through the API by {name}")
            item = self._find(moderator, job, comment)
            if item is None:
                self._reviews.add(moderator, job, [replace(judged, comment=comment)])
                item = self._find(moderator, job, comment)
        if item is None:
            raise BusyError("The comment was removed while it was decided. Send it again.")
        try:
            self._reviews.decide(moderator, item, suggestion.action, suggestion.community)
        except InputError as error:
            raise BusyError(str(error)) from error

    def _job(self, owner: str, title: str) -> str:
        policy, model = self._labels()
        for job in self._reviews.jobs(owner):
            if (job.owner, job.title, job.policy, job.model) == (owner, title, policy, model):
                return job.id
        return self._reviews.begin(owner, title, policy, model)

    def _find(self, owner: str, job: str, comment: Comment) -> int | None:
        wanted = ReviewFilter(search=comment.text[:SEARCHED])
        for item in self._reviews.items(owner, job, wanted, descending=True):
            if (item.comment.id, item.comment.text) == (comment.id, comment.text):
                return item.id
        return None
