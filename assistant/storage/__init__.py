"""Conversations, feedback, route corrections and reviews, each the property of its owner."""

from assistant.storage.logins import LoginRecords
from assistant.storage.review_queries import OPERATOR
from assistant.storage.reviews import Reviews
from assistant.storage.store import Storage
from assistant.storage.values import ConversationInfo, Correction, Login, StoredMessage

__all__ = [
    "OPERATOR",
    "ConversationInfo",
    "Correction",
    "Login",
    "LoginRecords",
    "Reviews",
    "Storage",
    "StoredMessage",
]
