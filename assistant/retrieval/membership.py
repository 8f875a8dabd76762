"""Which documents belong to which collections; a collection is there while a document is in it."""

from __future__ import annotations

import json
import sqlite3

SCHEMA = """
CREATE TABLE collections (
    name TEXT NOT NULL COLLATE NOCASE,
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    PRIMARY KEY (name, document_id));
CREATE INDEX collections_by_document ON collections(document_id);
"""


def collect(connection: sqlite3.Connection, document_id: str, name: str) -> None:
    """Put a document into a collection, which keeps the spelling it has."""
    connection.execute(
        "INSERT OR IGNORE INTO collections VALUES "
        "(COALESCE((SELECT name FROM collections WHERE name = ?1), ?1), ?2)",
        (name, document_id),
    )


def release(connection: sqlite3.Connection, document_id: str, name: str) -> None:
    """Take a document out of a collection."""
    connection.execute(
        "DELETE FROM collections WHERE name = ? AND document_id = ?", (name, document_id)
    )


def collections(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """Return each collection's name and the ids of its documents, by name."""
    rows = connection.execute(
        "SELECT MIN(name), json_group_array(document_id) FROM collections "
        "GROUP BY name ORDER BY name"
    )
    return {row[0]: tuple(json.loads(row[1])) for row in rows}
