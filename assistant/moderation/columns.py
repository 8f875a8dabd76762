"""Which column of a table holds the comments, and which their id, author, date and parent.

Known are the names in exports of YouTube, Reddit, Twitter, forums and common data sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assistant.errors import DocumentError

TEXT = (
    "comment",
    "comments",
    "commenttext",
    "text",
    "textoriginal",
    "textdisplay",
    "content",
    "body",
    "message",
    "review",
    "post",
    "tweet",
)
OTHERS: Mapping[str, Sequence[str]] = {
    "id": ("id", "commentid", "cid", "messageid", "postid", "tweetid"),
    "author": (
        "author",
        "authordisplayname",
        "authorname",
        "username",
        "user",
        "screenname",
        "nickname",
        "commenter",
    ),
    "date": (
        "date",
        "publishedat",
        "createdat",
        "created",
        "createdutc",
        "timestamp",
        "datetime",
        "time",
        "postedat",
    ),
    "reply_to": (
        "replyto",
        "parentid",
        "parent",
        "inreplyto",
        "inreplytoid",
        "inreplytostatusid",
    ),
}


def text_column(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the column of texts: by its name, else the one with the longest in ``rows``.

    Raises:
        DocumentError: no column of the table ``name`` holds any text.
    """
    if found := _first(TEXT, columns):
        return found
    lengths = [0] * len(columns)
    for row in rows:
        for place, cell in enumerate(row):
            lengths[place] += len(cell.strip())
    if not max(lengths, default=0):
        raise DocumentError(
            f"{name} has no column of texts. Give the texts a column called “text”."
        )
    return columns[lengths.index(max(lengths))]


def roles(columns: Sequence[str], text: str) -> dict[str, str]:
    """Return column → the attribute of a comment that it gives; ``text`` is the texts' column."""
    found = {text: "text"}
    others = [column for column in columns if column != text]
    for attribute, names in OTHERS.items():
        if column := _first(names, others):
            found[column] = attribute
    return found


def is_known(column: str) -> bool:
    """Say whether a column of comments, or of what belongs to them, is usually called so."""
    return any(_plain(column) in names for names in (TEXT, *OTHERS.values()))


def _first(names: Sequence[str], columns: Sequence[str]) -> str:
    """Return the first column of the first name that one has, or nothing."""
    plain = {_plain(column): column for column in reversed(columns)}
    return next((plain[name] for name in names if name in plain), "")


def _plain(column: str) -> str:
    """Return a name as all spellings of it have it: ``Comment Text``, ``snippet.commentText``."""
    last = column.rpartition(".")[2]
    return "".join(char for char in last.lower() if char.isalnum())
