"""Who is logged in, kept for the next start of the server."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Engine, delete, select

from assistant.storage.database import transaction
from assistant.storage.tables import LoginRow
from assistant.storage.values import Login


class LoginRecords:
    """The logins in the database; ``engine`` is one that takes the write lock first.

    Every method raises StorageError when the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self) -> tuple[Login, ...]:
        """Return every login, also those that have ended; the last to end comes last."""
        with transaction(self._engine) as session:
            rows = session.scalars(select(LoginRow).order_by(LoginRow.end))
            return tuple(Login(row.key, row.name, row.seal, row.end) for row in rows)

    def add(self, login: Login) -> None:
        """Keep a login."""
        with transaction(self._engine) as session:
            session.add(LoginRow(key=login.key, name=login.name, seal=login.seal, end=login.end))

    def remove(self, keys: Collection[str]) -> None:
        """Forget logins; those that are not there are no error."""
        with transaction(self._engine) as session:
            session.execute(delete(LoginRow).where(LoginRow.key.in_(keys)))
