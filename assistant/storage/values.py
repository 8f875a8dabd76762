"""What storage hands out: frozen values, free of the database they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from assistant.types import Message

Feedback = Literal["like", "dislike"]


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """A line in the list of past chats; both times are in UTC."""

    id: str
    title: str
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message of a conversation, ``position`` counted from 0.

    ``reply`` is the whole reply as JSON (see ``assistant.serialization``); only the assistant's
    messages have one. ``reason`` is what the user wrote beside a like or dislike.
    """

    id: str
    position: int
    message: Message
    reply: Mapping[str, Any] | None = None
    feedback: Feedback | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A user's word that a turn should have gone to another tool; the router learns from these."""

    text: str
    chosen_tool: str
    right_tool: str
    payload: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who is logged in, until ``end`` (seconds since 1970).

    ``key`` is a hash of the token that the browser holds, ``seal`` a salted hash of the account's
    password: when that changes, its logins count no longer.
    """

    key: str
    name: str
    seal: str
    end: float
