"""Names and passwords, or one passphrase for all; only salted argon2id hashes are kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.errors import SettingsError

_NONE: Mapping[str, str] = MappingProxyType({})
EVERYBODY = ""  # the name under which a shared passphrase is kept
SLOW = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)  # 64 MiB, 0.1 to 0.2 s a try
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # for random secrets alone


class Accounts:
    """Who may log in.

    ``seals`` are those of an earlier start: an account whose password is the same keeps its seal,
    unless it was made with another cost than that of ``hasher``.
    """

    def __init__(
        self,
        passwords: Mapping[str, str],
        seals: Mapping[str, str] = _NONE,
        hasher: PasswordHasher = SLOW,
    ) -> None:
        self._hasher = hasher
        self._seals = {
            name: self._seal(password, seals.get(name, "")) for name, password in passwords.items()
        }
        self._nobody = hasher.hash(secrets.token_urlsafe())

    @classmethod
    def read(
        cls, auth: str, seals: Mapping[str, str] = _NONE, hasher: PasswordHasher = SLOW
    ) -> Accounts:
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
        return cls(passwords, seals, hasher)

    @classmethod
    def with_passphrase(cls) -> tuple[Accounts, str]:
        """Return accounts that ask only for a passphrase, and the new random passphrase."""
        passphrase = secrets.token_urlsafe(15)  # 120 bits in 20 characters
        return cls({EVERYBODY: passphrase}, hasher=QUICK), passphrase

    @property
    def asks_name(self) -> bool:
        """Whether visitors log in by name, or by the passphrase alone."""
        return EVERYBODY not in self._seals

    @property
    def guessable(self) -> bool:
        """Whether people chose the passwords; nobody guesses the 120 random bits of ours."""
        return self.asks_name

    @property
    def seals(self) -> dict[str, str]:
        """The salted hash of each name's password: a login under another one counts no longer."""
        return dict(self._seals)

    def check(self, name: str, password: str) -> bool:
        """Whether the password is the name's; takes as long for a name that does not exist."""
        right = self._fits(self._seals.get(name, self._nobody), password)
        return right and name in self._seals

    def _seal(self, password: str, kept: str) -> str:
        """Return the kept seal if it is as strong and the password's, else a new one."""
        try:
            as_strong = bool(kept) and not self._hasher.check_needs_rehash(kept)
        except InvalidHashError:  # earlier versions hashed with scrypt
            as_strong = False
        if as_strong and self._fits(kept, password):
            return kept
        return self._hasher.hash(_bytes(password))

    def _fits(self, seal: str, password: str) -> bool:
        try:
            return self._hasher.verify(seal, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def _no_account(path: Path, number: int) -> str:
    # The line itself may hold a password, so the message names only where it stands.
    where = f"line {number} of the file {path}" if path.is_file() else "the value given"
    return (
        f"The setting ASSISTANT_AUTH (--auth) needs NAME:PASSWORD, or the path of a file with one "
        f"such line a user, but {where} has no name or no password. "
        "If it was meant as a file, check that the file is there."
    )


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "replace")
