"""Who is logged in."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from assistant.storage import Login, LoginRecords

LIFETIME = 7 * 86_400.0  # seconds that a login lasts
MOST_LOGINS = 10_000

Clock = Callable[[], float]


class Logins:
    """The tokens of those who are logged in.

    They are asked for with every request, so they stand in memory; ``records`` keeps them for the
    next start. Of those only the logins under a seal of ``seals`` count (name → seal), which
    changes with the password.
    """

    def __init__(
        self,
        records: LoginRecords | None = None,
        seals: Mapping[str, str] = MappingProxyType({}),
        clock: Clock = time.time,
    ) -> None:
        self._records = records
        self._seals = seals
        self._clock = clock
        self._lock = threading.Lock()
        kept = records.read() if records else ()
        self._logins = {login.key: login for login in kept}
        self._forget(login.key for login in kept if not self._counts(login))

    def begin(self, name: str) -> str:
        """Log ``name`` in and return the token that its browser is to send.

        Raises:
            StorageError: the login cannot be kept.
        """
        token = secrets.token_urlsafe(32)
        login = Login(_key(token), name, self._seals.get(name, ""), self._clock() + LIFETIME)
        with self._lock:
            over = list(self._logins)[: max(0, len(self._logins) + 1 - MOST_LOGINS)]
            ended = [key for key, kept in self._logins.items() if not self._counts(kept)]
            self._forget({*over, *ended})
            if self._records:
                self._records.add(login)
            self._logins[login.key] = login
        return token

    def name_of(self, token: str) -> str | None:
        """Return whose token this is, or None when it is unknown or has ended."""
        login = self._logins.get(_key(token))
        return login.name if login and self._counts(login) else None

    def end(self, token: str) -> None:
        """Log out."""
        with self._lock:
            self._forget({_key(token)} & self._logins.keys())

    def _counts(self, login: Login) -> bool:
        return login.end > self._clock() and login.seal == self._seals.get(login.name, "")

    def _forget(self, keys: Iterable[str]) -> None:
        gone = list(keys)
        for key in gone:
            del self._logins[key]
        if gone and self._records:
            self._records.remove(gone)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
