"""Who is logged in, and how often an address may try."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assistant.storage import Login, LoginRecords

LIFETIME = 7 * 86_400.0  # seconds that a login lasts
MOST_LOGINS = 10_000
FREE_TRIES = 5  # wrong tries before the first wait
FREE_TRIES_PER_ADDRESS = 50  # of one address over all names
LONGEST_WAIT = 300.0  # seconds
FORGET_AFTER = 3600.0  # seconds without a try after which the count begins anew
MOST_COUNTS = 10_000

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


@dataclass(slots=True)
class _Count:
    tries: int
    last: float
    open_at: float


class Throttle:
    """Counts tries per address and name, and makes each one after the fifth wait longer.

    A try is counted before its password is checked, so that a hundred tries at once gain nothing.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, ...], _Count] = {}

    def admit(self, address: str, name: str) -> float:
        """Return 0 and count a try, or return the seconds to wait before the next one."""
        network = _network(address)
        limits = {(network, name): FREE_TRIES, (network,): FREE_TRIES_PER_ADDRESS}
        now = self._clock()
        with self._lock:
            counts = {key: self._count(key, now) for key in limits}
            wait = max(count.open_at - now for count in counts.values())
            if wait > 0:
                return wait
            for key, count in counts.items():
                count.tries += 1
                count.last = now
                over = count.tries - limits[key]
                if over >= 0:
                    count.open_at = now + min(2.0 ** min(over, 20), LONGEST_WAIT)
        return 0.0

    def succeeded(self, address: str, name: str) -> None:
        """Forget the wrong tries of someone who got it right in the end."""
        network = _network(address)
        with self._lock:
            self._counts.pop((network, name), None)
            whole = self._counts.get((network,))
            if whole is not None:
                whole.tries -= 1

    def _count(self, key: tuple[str, ...], now: float) -> _Count:
        if len(self._counts) >= MOST_COUNTS:
            oldest_first = sorted(self._counts.items(), key=lambda item: item[1].last)
            self._counts = dict(oldest_first[MOST_COUNTS // 2 :])
        count = self._counts.get(key)
        if count is None or count.last < now - FORGET_AFTER:
            count = self._counts[key] = _Count(0, now, now)
        return count


def _network(address: str) -> str:
    """Return the address, or its /64 for IPv6, of which anybody owns as many as they like."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _key(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
