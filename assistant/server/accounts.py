"""Names and passwords, or one passphrase for all; only salted scrypt hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from assistant.errors import SettingsError

_NONE: Mapping[str, str] = MappingProxyType({})
EVERYBODY = ""  # the name under which a shared passphrase is kept
_COST = {"n": 2**13, "r": 8, "p": 1}  # 8 MB and about 25 ms a try


class Accounts:
    """Who may log in.

    ``seals`` are those of an earlier start: an account whose password is the same gets the same
    seal again.
    """

    def __init__(self, passwords: Mapping[str, str], seals: Mapping[str, str] = _NONE) -> None:
        self._hashes = {
            name: _hash(password, _salt_of(seals.get(name, "")))
            for name, password in passwords.items()
        }
        self._nobody = _hash(secrets.token_urlsafe(), b"")

    @classmethod
    def read(cls, auth: str, seals: Mapping[str, str] = _NONE) -> Accounts:
        """Read the setting ``auth``: ``NAME:PASSWORD``, or a file with one such line a user.

        Raises:
            SettingsError: it is neither, or a line has no name or no password.

        """
        path = Path(auth)
        try:
            lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else [auth]
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"The file of users {auth} (ASSISTANT_AUTH, --auth) cannot be read: {error}. "
                "It must be UTF-8 text with one NAME:PASSWORD a line."
            ) from error
        passwords: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            name, _, password = line.strip().partition(":")
            if not name.strip() or not password:
                raise SettingsError(_no_account(path, number))
            passwords[name.strip()] = password
        if not passwords:
            raise SettingsError(_no_account(path, 0))
        return cls(passwords, seals)

    @classmethod
    def with_passphrase(cls) -> tuple[Accounts, str]:
        """Return accounts that ask only for a passphrase, and the new random passphrase."""
        passphrase = secrets.token_urlsafe(15)  # 120 bits in 20 characters
        return cls({EVERYBODY: passphrase}), passphrase

    @property
    def asks_name(self) -> bool:
        """Whether visitors log in by name, or by the passphrase alone."""
        return EVERYBODY not in self._hashes

    @property
    def seals(self) -> dict[str, str]:
        """The salted hash of each name's password: a login under another one counts no longer."""
        hashes = self._hashes.items()
        return {name: f"{salt.hex()}:{digest.hex()}" for name, (salt, digest) in hashes}

    def check(self, name: str, password: str) -> bool:
        """Whether the password is the name's; takes as long for a name that does not exist."""
        salt, expected = self._hashes.get(name, self._nobody)
        given = _scrypt(password, salt)
        return hmac.compare_digest(given, expected) and name in self._hashes


def _no_account(path: Path, number: int) -> str:
    # The line itself may hold a password, so the message names only where it stands.
    where = f"line {number} of the file {path}" if path.is_file() else "the value given"
    return (
        f"The setting ASSISTANT_AUTH (--auth) needs NAME:PASSWORD, or the path of a file with one "
        f"such line a user, but {where} has no name or no password. "
        "If it was meant as a file, check that the file is there."
    )


def _salt_of(seal: str) -> bytes:
    """Return the salt of a seal; empty if it is none."""
    try:
        return bytes.fromhex(seal.partition(":")[0])
    except ValueError:
        return b""


def _hash(password: str, salt: bytes) -> tuple[bytes, bytes]:
    """Return salt and hash; an empty salt stands for a new one."""
    salt = salt or secrets.token_bytes(16)
    return salt, _scrypt(password, salt)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, **_COST)
