"""Conversations, feedback and route corrections, each the property of one owner."""

from assistant.storage.logins import LoginRecords
from assistant.storage.store import Storage
from assistant.storage.values import ConversationInfo, Correction, Login, StoredMessage

__all__ = [
    "ConversationInfo",
    "Correction",
    "Login",
    "LoginRecords",
    "Storage",
    "StoredMessage",
]
