"""Keyword search: BM25 by SQLite's full-text index FTS5, over the passages of the store.

What a user types becomes quoted words, never query syntax.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterator

# The index reads the text out of the table ``passages``; the triggers keep the two in step.
SCHEMA = """
CREATE VIRTUAL TABLE keywords USING fts5(
    heading, text, content='passages', content_rowid='id',
    tokenize="porter unicode61 remove_diacritics 2");
CREATE TRIGGER keywords_insert AFTER INSERT ON passages BEGIN
    INSERT INTO keywords(rowid, heading, text) VALUES (new.id, new.heading, new.text); END;
CREATE TRIGGER keywords_delete AFTER DELETE ON passages BEGIN
    INSERT INTO keywords(keywords, rowid, heading, text)
    VALUES ('delete', old.id, old.heading, old.text); END;
"""
_HEADING_WEIGHT = 2.0
_MOST_WORDS = 48
_PAGES = 64  # of 4 kB, that a part of a purge rewrites
_WORD = re.compile(r"\w+(?:[-'’.]\w+)*")
_STOP_WORDS = frozenset(
    word
    for line in (
        "a about above after again all also am an and any are as at be because been before being",
        "below between both but by can cannot could did do does doing down during each few for",
        "from further get had has have having he her here hers him his how i if in into is it its",
        "it's i'm just let's me more most my no nor not of off on once only or other our out over",
        "own please same shall she should so some such tell than that that's the their them then",
        "there these they this those through to too under until up us very was we were what what's",
        "when where which while who whom whose why will with would you your explain mean means",
        "show give want know don't doesn't isn't won't can't one's",
    )
    for word in line.split()
)


def expression(text: str) -> str:
    """Return the FTS5 query for the content words of ``text``; empty if it has none."""
    words = (match[0].lower().replace("’", "'") for match in _WORD.finditer(text))
    wanted = dict.fromkeys(word for word in words if word not in _STOP_WORDS)
    return " OR ".join(f'"{word}"' for word in list(wanted)[:_MOST_WORDS])


def search(
    connection: sqlite3.Connection, text: str, k: int, documents: Collection[str] | None = None
) -> list[tuple[int, float]]:
    """Return the ids and BM25 scores (> 0, higher is better) of the ``k`` best passages.

    ``documents`` limits the search to passages of those document ids.
    """
    query = expression(text)
    if not query:
        return []
    rows = connection.execute(
        "SELECT passages.id, -bm25(keywords, ?, 1.0) AS score FROM keywords "
        "JOIN passages ON passages.id = keywords.rowid WHERE keywords MATCH ? "
        "AND (? IS NULL OR document_id IN (SELECT value FROM json_each(?))) "
        "ORDER BY score DESC LIMIT ?",
        (
            _HEADING_WEIGHT,
            query,
            *[None if documents is None else json.dumps(list(documents))] * 2,
            k,
        ),
    )
    return [(int(number), float(score)) for number, score in rows]


def purging(connection: sqlite3.Connection) -> Iterator[None]:
    """Rewrite the index without what was deleted, of which it otherwise keeps the words.

    Does a small part of it, a few milliseconds, each time the next value is asked for. What is
    deleted after the first part may stay.
    """
    pages = -_PAGES  # less than 0: begin to merge everything; then go on with it
    while True:
        before = connection.total_changes
        connection.execute("INSERT INTO keywords(keywords, rank) VALUES ('merge', ?)", (pages,))
        if connection.total_changes - before < 2:  # nothing but the command itself
            return
        pages = _PAGES
        yield


def is_sound(connection: sqlite3.Connection) -> bool:
    """Say whether the index holds exactly the words of the passages."""
    try:
        connection.execute("INSERT INTO keywords(keywords, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        return False
    return True


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index anew from the passages."""
    connection.execute("INSERT INTO keywords(keywords) VALUES ('rebuild')")
