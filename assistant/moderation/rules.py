"""What the rules of a policy look at: who wrote a comment, its links, and its emoji."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assistant.moderation.comments import Comment
from assistant.types import Span

# Fields in which sources keep an author's id, which nobody else can take on as they can a name.
AUTHOR_IDS = ("author_id", "author_channel_id", "authorchannelid", "authorchannelid.value")
# Endings that make a name with a dot a link though no http:// stands before it; a country's
# ending needs a path, so that “see you.it was fun” is none.
_ENDINGS = (
    "com|net|org|info|biz|io|gg|tv|ly|xyz|app|dev|shop|site|online|club|top|vip|ru|cn|uk|de|fr"
)
_CHANNEL = re.compile(r"UC[\w-]{22}")  # the id of a YouTube channel
_LINK = re.compile(
    rf"(?:https?://|www\.)\S+|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,8}}"
    rf"(?:(?:{_ENDINGS})\b(?:/\S*)?|[a-z]{{2}}/\S+)",
    re.IGNORECASE,
)


def links(text: str) -> tuple[Span, ...]:
    """Return the links of a text, with or without ``http://``; addresses of mail are none."""
    return tuple(Span(*match.span(), "link", 1.0) for match in _LINK.finditer(text))


def is_links_alone(text: str) -> bool:
    """Say whether a text has a link, and no letter or digit besides."""
    rest, found = _LINK.subn(" ", text)
    return found > 0 and not any(character.isalnum() for character in rest)


def text_share(text: str) -> float:
    """Return text / (text + emoji), as the seed study counts it: 1 without emoji, 0.5 without else.

    Text is every character that is no blank, each emoji counted as one, and so among them.
    """
    if text.isascii():
        return 1.0
    import emoji

    found = emoji.emoji_list(text)
    characters = sum(not character.isspace() for character in text)
    characters -= sum(match["match_end"] - match["match_start"] - 1 for match in found)
    return characters / (characters + len(found)) if found else 1.0


class AuthorList:
    """Names or ids of authors; their case does not count, nor an @ before them."""

    def __init__(self, authors: Iterable[str]) -> None:
        self._authors = {_plain(author) for author in authors}

    def wrote(self, comment: Comment) -> bool:
        """Say whether one of them wrote the comment."""
        return bool(self._authors) and any(
            _plain(name) in self._authors for name in _names(comment)
        )


def _names(comment: Comment) -> Iterator[str]:
    """Yield the author's ids and name, but no name that poses as another channel's id."""
    ids = [
        value
        for field, value in comment.fields.items()
        if field.lower() in AUTHOR_IDS and value.strip()
    ]
    yield from ids
    if comment.author.strip() and not (ids and _CHANNEL.fullmatch(comment.author.strip())):
        yield comment.author


def _plain(author: str) -> str:
    return author.strip().removeprefix("@").casefold()
