"""Who may use the APIs: holders of a key, or everybody on a server that only this computer sees."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from assistant.errors import AccessError, SettingsError, TooManyTriesError, WrongKeyError
from assistant.server.throttle import Throttle

SHORTEST = 16  # characters of a key
PREFIX = 8  # characters of a key by which wrong ones are counted
ANYBODY = "local"  # the name of a caller where no key is asked for
_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")
_NO_KEYS: Mapping[str, str] = MappingProxyType({})


class Keys:
    """The keys of a server, of which only hashes are kept; guessing at them is slowed.

    Attributes:
        asked_for: whether a request needs one.
    """

    def __init__(self, keys: Mapping[str, str] = _NO_KEYS, *, shared: bool = False) -> None:
        """``keys`` are name → key; ``shared`` says that others than this computer reach us."""
        self._digests = {name: _digest(key) for name, key in keys.items()}
        self._throttle = Throttle()
        self.asked_for = shared or bool(keys)

    @classmethod
    def read(cls, value: str | None, *, shared: bool) -> Keys:
        """Read the setting: ``NAME:KEY`` separated by commas, or a file with one such line a key.

        Raises:
            SettingsError: it is neither, or a key is too short; the message shows no key.
        """
        if not value:
            return cls(shared=shared)
        path = Path(value)
        try:
            lines = path.read_text("utf-8").splitlines() if path.is_file() else value.split(",")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"The file of keys {value} (ASSISTANT_API_KEYS, --api-keys) cannot be read: "
                f"{error}. It must be UTF-8 text with one NAME:KEY a line."
            ) from error
        keys: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            name, _, key = (part.strip() for part in line.partition(":"))
            if not _NAME.fullmatch(name) or name in keys or len(key) < SHORTEST:
                raise SettingsError(_unusable(number))
            keys[name] = key
        if not keys:
            raise SettingsError(_unusable(1))
        return cls(keys, shared=shared)

    def name_of(self, key: str, address: str) -> str:
        """Return whose key this is; ``address`` is where the request comes from.

        Raises:
            AccessError: one is needed, and none was given, or this server has none.
            WrongKeyError: it is none of this server's.
            TooManyTriesError: it is a new one after too many wrong ones.
        """
        if not self.asked_for:
            return ANYBODY
        if not self._digests:
            raise AccessError(
                "This server is open to others and has no API keys, so its APIs are closed. Start "
                "it with --api-keys NAME:KEY, and send that key."
            )
        if not key:
            raise AccessError(
                "This request has no API key. Send one of those that the server was started with."
            )
        digest = _digest(key).hex()
        prefix = _digest(key[:PREFIX]).hex()
        # A key that was right before is held up by no wrong ones. Any other waits unread, since an
        # answer to the right one among many would make the waiting worth nothing.
        wait = math.ceil(self._throttle.admit(address, prefix, digest))
        if wait:
            raise TooManyTriesError(
                f"Too many wrong API keys came from your address. Try again in {wait} s.", wait
            )
        name = self._holder(key)
        if name is None:
            raise WrongKeyError(
                "API key not valid. Send one of those that the server was started with."
            )
        self._throttle.succeeded(address, prefix, digest)
        return name

    def _holder(self, key: str) -> str | None:
        """Return whose key this is, or None, in a time that tells nothing of the keys."""
        given, found = _digest(key), None
        for name, digest in self._digests.items():
            if hmac.compare_digest(digest, given):
                found = name
        return found


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def _unusable(number: int) -> str:
    # The entry itself may hold a key, so the message names only where it stands.
    return (
        f"Entry {number} of the setting ASSISTANT_API_KEYS (--api-keys) is no NAME:KEY: a name of "
        f"its own (letters, digits, dots, hyphens), and a key of {SHORTEST} characters or more. "
        "It takes several, separated by commas, or the path of a file with one a line; if it was "
        'meant as a file, check that it is there. python -c "import secrets; '
        'print(secrets.token_urlsafe(24))" makes a key.'
    )
