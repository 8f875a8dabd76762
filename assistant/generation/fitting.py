"""Makes a conversation fit a model's context: oldest messages go first, the system message stays.

Knows no tokenizer; it is handed one that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.errors import InputError
from assistant.types import Message

MARK = " […] "  # stands where the middle of a message was cut out
PER_MESSAGE = 16  # tokens that a chat template may put around one message
TEMPLATE = 48  # tokens for a template's own opening, such as a default system message
LONGEST_TOKEN = 24  # characters; bounds how much of a huge text is worth counting


def reply_room(context: int, max_tokens: int) -> int:
    """Return how many tokens of the context to keep free for the reply, at most half of it."""
    return min(max_tokens, context // 2)


def readable(text: str) -> str:
    """Return the text with halves of broken emoji, which have no UTF-8 form, as question marks."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def fit(messages: Sequence[Message], count: Callable[[str], int], budget: int) -> list[Message]:
    """Return the messages that fit into ``budget`` tokens, in order.

    Neighbours of one role become one message, and the first after the system message is the
    user's, as most chat templates demand. Whole messages are dropped from the oldest; when the
    last one is too long alone, its middle is cut out.

    Raises:
        InputError: there is no message, or the system message takes over half of the budget.
    """
    messages = [replace(message, text=readable(message.text)) for message in messages]
    system = [message for message in messages if message.role == "system"]
    spoken = _alternate([message for message in messages if message.role != "system"])
    if not spoken:
        raise InputError("There is no message to answer. Write one and send it again.")
    if system:
        system = [Message("system", "\n\n".join(message.text for message in system))]
    left = budget - TEMPLATE - sum(_size(message, count, budget) for message in system)
    if left < budget // 2:
        raise InputError(
            f"The system prompt leaves {max(left, 0)} of the model's {budget} tokens for the "
            "conversation; at least half are needed. Shorten it, or raise the context setting."
        )
    kept: list[Message] = []
    for message in reversed(spoken):
        size = _size(message, count, left)
        if size > left:
            break
        kept.insert(0, message)
        left -= size
    if not kept:
        kept = [_cut(spoken[-1], count, left)]
    while len(kept) > 1 and kept[0].role != "user":
        kept.pop(0)
    return system + kept


def _alternate(messages: Sequence[Message]) -> list[Message]:
    joined: list[Message] = []
    for message in messages:
        if joined and joined[-1].role == message.role:
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}\n\n{message.text}")
        else:
            joined.append(message)
    while len(joined) > 1 and joined[0].role != "user":
        joined.pop(0)
    return joined


def _size(message: Message, count: Callable[[str], int], limit: int) -> int:
    # A text of that many characters is over the limit whatever it says: do not tokenize 1 MB.
    longest = limit * LONGEST_TOKEN
    return count(message.text[: longest + 1]) + PER_MESSAGE


def _cut(message: Message, count: Callable[[str], int], limit: int) -> Message:
    keep = min(len(message.text), limit * LONGEST_TOKEN)
    while True:
        half = keep // 2
        text = message.text[:half] + MARK + message.text[len(message.text) - half :]
        size = count(text) + PER_MESSAGE
        if size <= limit or keep < 2:
            return replace(message, text=text)
        keep = int(keep * min(0.95, limit / size))
