"""Conversations, feedback and route corrections, each the property of one owner."""

from assistant.storage.store import Storage
from assistant.storage.values import ConversationInfo, Correction, StoredMessage

__all__ = ["ConversationInfo", "Correction", "Storage", "StoredMessage"]
