"""How often a password or an API key may be guessed, by address and by account.

A try is counted before its password is checked, so that a hundred tries at once gain nothing. Kept
in memory, and bounded; knows nothing of passwords, keys and requests.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

FORGET_AFTER = 3600.0  # seconds without a try after which a count begins again at nothing
KNOWN_ADDRESS = 86_400.0  # seconds that an address is remembered for a right password
KNOWN_BROWSER = 30 * 86_400.0
MOST_COUNTS = 10_000
MOST_KNOWN = 100  # addresses and browsers remembered for one account
UNKNOWN = ""  # the address of those whom nothing tells apart, such as a share link's visitors

Clock = Callable[[], float]
Key = tuple[str, str, str]  # what is counted, the address or browser, the account
Source = tuple[str, str]  # "address" or "browser", and which


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` tries without a wait, then waits that double from 1 s up to ``longest`` seconds."""

    free: int
    longest: float


PAIR = Limit(5, 300.0)  # one address or known browser, one account
ADDRESS = Limit(50, 300.0)  # one address, all accounts
# All unknown addresses, one account. Short, since it holds up its owner in a new place, too.
ACCOUNT = Limit(30, 30.0)


@dataclass(slots=True)
class _Count:
    tries: int
    last: float
    open_at: float  # when the next try is admitted


class Throttle:
    """Counts tries, and makes each one after the free ones wait longer.

    Whoever has got the account right before is held up by nobody else: a browser (told by its
    session cookie) only by its own wrong tries, an address only by those from there.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[Key, _Count] = {}
        self._known: dict[str, dict[Source, float]] = {}  # account → who → until when

    def admit(self, address: str, account: str, browser: str = "") -> float:
        """Return 0 and count a try, or return the seconds to wait before the next one."""
        now = self._clock()
        with self._lock:
            limits = self._limits(network(address), account, browser, now)
            # Only tries that are admitted are counted: others could wash older counts out.
            counts = [self._counts[key] for key in limits if key in self._counts]
            wait = max((count.open_at - now for count in counts), default=0.0)
            if wait > 0:
                return wait
            for key, limit in limits.items():
                self._add(key, limit, now)
        return 0.0

    def succeeded(self, address: str, account: str, browser: str = "") -> None:
        """Take back an admitted try that was right, and remember who made it."""
        now, source = self._clock(), network(address)
        with self._lock:
            for key in self._limits(source, account, browser, now):
                count = self._counts.get(key)
                if count is None:
                    continue
                if key[0] in {"pair", "browser"}:
                    del self._counts[key]
                else:
                    count.tries = max(0, count.tries - 1)
                    count.open_at = now
            if source != UNKNOWN:
                self._remember(account, ("address", source), now + KNOWN_ADDRESS)
            if browser:
                self._remember(account, ("browser", browser), now + KNOWN_BROWSER)

    def _limits(self, source: str, account: str, browser: str, now: float) -> dict[Key, Limit]:
        known = self._known.get(account, {})
        if known.get(("browser", browser), now) > now:
            return {("browser", browser, account): PAIR}
        limits = {("pair", source, account): PAIR, ("address", source, ""): ADDRESS}
        if source == UNKNOWN:
            limits = {key: Limit(limit.free, ACCOUNT.longest) for key, limit in limits.items()}
        if known.get(("address", source), now) <= now:
            limits["account", "", account] = ACCOUNT
        return limits

    def _add(self, key: Key, limit: Limit, now: float) -> None:
        count = self._counts.get(key)
        if count is None or count.last < now - FORGET_AFTER:
            if len(self._counts) >= MOST_COUNTS:
                oldest_first = sorted(self._counts.items(), key=lambda item: item[1].last)
                self._counts = dict(oldest_first[MOST_COUNTS // 2 :])
            count = self._counts[key] = _Count(0, now, now)
        count.tries += 1
        count.last = now
        over = count.tries - limit.free
        if over >= 0:
            count.open_at = now + min(2.0 ** min(over, 20), limit.longest)

    def _remember(self, account: str, source: Source, until: float) -> None:
        known = self._known.setdefault(account, {})
        known.pop(source, None)  # so that the last to come stands last
        known[source] = until
        if len(known) > MOST_KNOWN:
            del known[next(iter(known))]


def network(address: str) -> str:
    """Return what counts as one address: an IPv6 /64, since anybody owns a whole one.

    IPv4 within IPv6 counts as IPv4; what is not an address as UNKNOWN.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{ipaddress.IPv6Address(int(parsed) >> 64 << 64)}/64"
