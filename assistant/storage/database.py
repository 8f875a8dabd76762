"""Opens the database: SQLite in write-ahead mode, or any SQLAlchemy URL such as PostgreSQL.

A damaged SQLite file is moved aside, never deleted, and a new one takes its place.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from assistant.errors import StorageError
from assistant.private_files import make_file, make_folder
from assistant.storage.tables import Base, FormatRow

FORMAT = 1  # raise when the tables change in a way that this version cannot read
BUSY_MILLISECONDS = 15_000  # how long a writer waits for another one

logger = logging.getLogger("assistant")


def open_file(path: Path) -> tuple[Engine, str | None]:
    """Open or make the SQLite file ``path``; also return a warning when it had to be replaced.

    Raises:
        StorageError: the folder cannot be written, or a newer Switchboard wrote the file.
    """
    try:
        make_folder(path.parent)
    except OSError as error:
        raise StorageError(_unusable(path, error)) from error
    warning = _move_aside(path) if path.exists() and _damaged(path) else None
    with suppress(OSError):  # SQLite says better why it cannot be made
        make_file(path)
    return _open(f"sqlite:///{path}", str(path)), warning


def open_url(url: str) -> Engine:
    """Open the database at an SQLAlchemy URL.

    Raises:
        StorageError: the URL, its driver or the server behind it cannot be used.
    """
    try:
        name = make_url(url).render_as_string(hide_password=True)
    except ArgumentError as error:
        raise StorageError(
            "The setting ASSISTANT_DATABASE_URL is not a database URL. Give one such as "
            "postgresql+psycopg://user:password@host/database, or leave it unset to use a file."
        ) from error
    return _open(url, name)


def _open(url: str, name: str) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True, pool_size=16, max_overflow=48)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _configure_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        with engine.execution_options(write=True).begin() as connection:
            Base.metadata.create_all(connection)
            version = connection.scalar(select(FormatRow.version))
            if version is None:
                connection.execute(insert(FormatRow).values(version=FORMAT))
    except (NoSuchModuleError, ImportError) as error:
        raise StorageError(
            f"The driver for the database {name} is not installed ({error}). For PostgreSQL run "
            'pip install "psycopg[binary]" and write the URL as postgresql+psycopg://…'
        ) from error
    except SQLAlchemyError as error:
        raise StorageError(_unusable(name, error)) from error
    if version is not None and version > FORMAT:
        raise StorageError(
            f"The database {name} has format {version}, but this version of Switchboard knows "
            f"formats up to {FORMAT}. Update Switchboard, or give another --data-dir."
        )
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Do all that is done inside, or nothing; an error of the database becomes a StorageError."""
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    except SQLAlchemyError as error:
        raise StorageError(
            f"The database of past chats cannot be used just now: {_first_line(error)}. "
            "Check that its disk is not full and can be written, then send again."
        ) from error


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0]


def _unusable(place: object, error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (
        f"The database {place} cannot be used: {str(cause).strip()}. Check that it can be "
        "reached and written, or choose another one with --data-dir or --database-url."
    )


def _configure_sqlite(connection: Any, _record: object) -> None:
    # Transactions are begun by _begin_sqlite alone: the driver's own begin comes too late to
    # take the write lock first, and a reader that turns writer half-way can only fail.
    connection.isolation_level = None
    # SQLite folds the case of ASCII only; a search for "über" must find "Über".
    connection.create_function("lower", 1, _lower, deterministic=True)
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _lower(value: object) -> str | None:
    return None if value is None else str(value).lower()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _damaged(path: Path) -> bool:
    """Whether SQLite finds the file broken; a file that is merely busy is not."""
    try:
        connection = sqlite3.connect(path, timeout=BUSY_MILLISECONDS / 1000)
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        raise StorageError(_unusable(path, error)) from error
    except sqlite3.DatabaseError:
        return True


def _move_aside(path: Path) -> str:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    warning = (
        f"The database of past chats, {path}, is damaged. It was moved to {aside} and a new, "
        "empty one was begun. The command sqlite3 with .recover may save chats from the old file."
    )
    logger.warning(warning)
    return warning
