"""Switchboard: a private chat assistant that routes each turn to the tool that answers it."""

from assistant.chat import Assistant
from assistant.settings import Settings
from assistant.types import Attachment, Message, Options, Reply, Route, Sampling, Turn

__all__ = [
    "Assistant",
    "Attachment",
    "Message",
    "Options",
    "Reply",
    "Route",
    "Sampling",
    "Settings",
    "Turn",
]
