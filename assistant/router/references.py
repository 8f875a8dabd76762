"""What a turn refers back to: "summarize that", "the second one", "same for: …"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.types import Message

_ORDINALS = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "last": -1,
}
_NUMBERS = {"one": 0, "two": 1, "three": 2, "four": 3, "five": 4, "six": 5}
_NOUNS = (
    "comment|review|text|message|post|tweet|item|paragraph|line|sentence|entry|e?mail|reply|letter|"
    "note|answer|guest|page|part"
)
_ITEM = re.compile(
    rf"\b(?:the|that|this)\s+(?:very\s+)?({'|'.join(_ORDINALS)})(?:\s+(?:{_NOUNS}))?\b"
    rf"|\b({'|'.join(_ORDINALS)})\s+(?:one|{_NOUNS})\b"
    rf"|(?:\b(?:number|no\.?|nr\.?|{_NOUNS})|#)\s*(\d{{1,2}}|{'|'.join(_NUMBERS)})\b",
    re.IGNORECASE,
)
_OWN_ANSWER = re.compile(
    r"\b(?:your|you're|ur|you)\s+(?:last\s+|previous\s+|own\s+)?"
    r"(?:answer|reply|response|message|explanation|text|poem|story|haiku)\b"
    r"|\byou (?:have )?just (?:said|wrote|told)\b"
    r"|\bwhat you (?:just )?(?:said|wrote)\b",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"(?:ok(?:ay)?|now|and|then|also|next|again|please|pls|the|do|try|run|same|ditto|likewise|"
    r"similarly|thing|here'?s|is|it|that|check|what|how|about|for|with|on|to|of|one|ones|another|"
    r"this|these|more|goes|second|here|text|too|just|only|but|both|all|comparison|analysis|check|"
    r"question|treatment|test|,|\s)+",
    re.IGNORECASE,
)
_ANAPHORA = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|him|her|his|hers|this|these|those|there|then|"
    r"one|ones|else|(?:^|about|by|do|does|did|for|from|in|is|like|of|on|to|was|with) that|"
    r"that(?=\W*$)|"
    r"the (?:text|passage|article|paragraph|document|file|story|letter|author|writer))\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"\b(?:the|that|those|these)\s+(?:\w+\s+)?(\w{4,})", re.IGNORECASE)
_OPENS_ON = re.compile(r"^(?:and|so|but|also|then|what about|how about|why|when|where)\b", re.I)
ELLIPTIC_WORDS = 5
REPEATED_WORDS = 5
_REPEATED = re.compile(
    r"(?:(?:and|now|then|ok|okay),?\s+)?(?:(?:do |the )?same|again|ditto|likewise|"
    r"what about|how about|(?<=now )with|(?<=and )with)"
    r"(?:\s+(?:again|thing|too|here))?(?:\s+(?:for|with|on|to))?(?:\s+this one)?[:\s]+(\S.*)",
    re.IGNORECASE | re.DOTALL,
)

_PLEASANTRY = re.compile(
    r"(?:(?:ok(?:ay)?|thanks?|thank you|thx|ta|cheers|great|nice|cool|lovely|perfect|good|wow|hm+|"
    r"i see|got it|so much|very much|a lot|again|that helps|hi|hello)\b[\s,.!]*)+",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:and|or|but|what about|how about)\b", re.IGNORECASE)
_BARE = re.compile(
    r"(?:(?:and|but|so|ok|then)[, ]+)?(?:who|when|where|why|how|how (?:many|much|long|often|old)|"
    r"what|which(?: one)?|since when|until when|by whom|how so|what else|who else)"
    r"(?: (?:not|exactly|then))?\s*\?*",
    re.IGNORECASE,
)
_BULLET = re.compile(
    r"^\s*(?:[-*•–‣]|\(?\d{1,3}[.):]\)?|[a-z][.)]|"
    r"(?:first|second|third|fourth|fifth|last)(?:ly)?[:.)])\s+",
    re.IGNORECASE,
)


def items(material: str) -> tuple[str, ...]:
    """Return the entries of a list, one a line, without bullets and numbers."""
    lines = [line.strip() for line in material.splitlines() if line.strip()]
    return tuple(_BULLET.sub("", line).strip() for line in lines)


def listed_item(instruction: str, material: str) -> str | None:
    """Return the entry of the listed material that the instruction points at, or None."""
    match = _ITEM.search(instruction)
    entries = items(material)
    if match is None or len(entries) < 2:
        return None
    ordinal = match.group(1) or match.group(2)
    if ordinal:
        index = _ORDINALS[ordinal.lower()]
    else:
        number = match.group(3).lower()
        index = _NUMBERS[number] if number in _NUMBERS else int(number) - 1
    return entries[index] if -len(entries) <= index < len(entries) else None


def without_item(instruction: str) -> str | None:
    """Return the instruction without the words that point at a list's entry, or None."""
    return _ITEM.sub(" ", instruction) if _ITEM.search(instruction) else None


def own_answer(instruction: str, history: Sequence[Message]) -> str | None:
    """Return the assistant's last message if the instruction is about it, or None."""
    if not _OWN_ANSWER.search(instruction):
        return None
    return next(
        (message.text for message in reversed(history) if message.role == "assistant"), None
    )


def last_request(history: Sequence[Message]) -> str:
    """Return what the user wrote last, or nothing."""
    return next((message.text for message in reversed(history) if message.role == "user"), "")


def asks_the_same(instruction: str) -> bool:
    """Say whether the words before new material only mean "the same again"."""
    return bool(_SAME.fullmatch(instruction.strip(" :-–—?!.\n")))


def is_anaphoric(question: str) -> bool:
    """Say whether a question leans on what was said before."""
    words = question.split()
    return bool(_ANAPHORA.search(question) or _OPENS_ON.match(question) or len(words) <= 2)


def names_something_in(question: str, passage: str) -> bool:
    """Say whether a question speaks of "the museum", of a name or of a number that the passage has.

    Its first word has a capital anyway and does not count.
    """
    words = set(re.findall(r"\w+", passage.lower()))
    named = [match.group(1) for match in _DEFINITE.finditer(question)]
    named += [word for word in re.findall(r"\w+", question)[1:] if not word[0].islower()]
    return any(word.lower() in words for word in named if word != "I")


def repeated(text: str) -> str:
    """Return the material of "same again for …" and "what about …", where nothing sets it off."""
    match = _REPEATED.fullmatch(text.strip())
    return match.group(1) if match and len(match.group(1).split()) >= REPEATED_WORDS else ""


def is_pleasantry(text: str) -> bool:
    """Say whether a turn is only thanks, praise or a greeting, which no later turn refers to."""
    return bool(_PLEASANTRY.fullmatch(text.strip()))


def is_bare_question(text: str) -> bool:
    """Say whether a turn is nothing but a question word or two, such as "and why?"."""
    return bool(_BARE.fullmatch(text.strip()))


def is_elliptic(text: str) -> bool:
    """Say whether a turn is a short question that only goes on with the one before."""
    few = len(text.split()) <= ELLIPTIC_WORDS
    return is_bare_question(text) or (few and bool(_GOES_ON.match(text.strip())))
