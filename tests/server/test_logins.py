"""Passwords, and who is logged in."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import pytest
from argon2 import PasswordHasher

from assistant.errors import SettingsError
from assistant.server.accounts import QUICK, Accounts
from assistant.server.logins import LIFETIME, Logins
from assistant.settings import Settings
from assistant.storage import Storage

OLD_SEAL = f"{'ab' * 16}:{'cd' * 64}"  # salt and hash of scrypt, as earlier versions kept them


class Clock:
    """A clock that the test sets forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_name_and_its_password_are_accepted_and_nothing_else() -> None:
    accounts = Accounts.read("alice:correct:horse", hasher=QUICK)
    assert accounts.asks_name
    assert accounts.check("alice", "correct:horse")
    assert not accounts.check("alice", "correct")
    assert not accounts.check("bob", "correct:horse")
    assert not accounts.check("", "")


def test_a_file_may_name_several_users(tmp_path: Path) -> None:
    users = tmp_path / "users.txt"
    users.write_text("# team\nalice:one\n\nbob:two words\n", encoding="utf-8")
    accounts = Accounts.read(str(users), hasher=QUICK)
    assert accounts.check("bob", "two words")
    assert not accounts.check("bob", "one")


@pytest.mark.parametrize("auth", ["no-such-file.txt", "alice:", ":secret", ":"])
def test_a_bad_login_setting_is_explained_without_showing_it(auth: str) -> None:
    with pytest.raises(SettingsError, match="NAME:PASSWORD") as error:
        Accounts.read(auth)
    assert "secret" not in str(error.value)


def test_a_bad_line_of_the_file_is_named_by_its_number(tmp_path: Path) -> None:
    users = tmp_path / "users.txt"
    users.write_text("alice:one\nhunter2\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 2") as error:
        Accounts.read(str(users))
    assert "hunter2" not in str(error.value)


def test_no_password_stays_in_memory() -> None:
    assert "hunter2" not in repr(vars(Accounts.read("alice:hunter2", hasher=QUICK)))


def test_passphrases_differ() -> None:
    assert Accounts.with_passphrase()[1] != Accounts.with_passphrase()[1]


def test_passwords_are_hashed_with_argon2id_at_the_cost_of_rfc_9106() -> None:
    seal = Accounts.read("alice:hunter2").seals["alice"]
    assert seal.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_hash_of_the_passphrase_is_quick_but_not_short() -> None:
    """It is checked without a limit, so that a hash of four bytes would be hit by chance."""
    accounts, _ = Accounts.with_passphrase()
    (seal,) = accounts.seals.values()
    assert len(seal.rsplit("$", 1)[1]) == 43  # 32 bytes in base 64
    assert not accounts.guessable
    assert Accounts.read("alice:hunter2", hasher=QUICK).guessable


def test_an_unknown_name_takes_as_long_as_a_known_one() -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1)
    accounts = Accounts.read("alice:hunter2", hasher=hasher)

    def seconds(name: str) -> float:
        start = time.process_time()  # other programs do not count
        assert not accounts.check(name, "a guess")
        return time.process_time() - start

    tries = [(seconds("alice"), seconds("bob")) for _ in range(9)]
    known, unknown = (median(times) for times in zip(*tries, strict=True))
    assert known / 2 < unknown < known * 2


@pytest.mark.parametrize("seal", [OLD_SEAL, "", "$argon2id$damaged", "x"])
def test_a_seal_that_is_none_of_ours_is_replaced(seal: str) -> None:
    accounts = Accounts.read("alice:hunter2", {"alice": seal}, QUICK)
    assert accounts.seals["alice"] != seal
    assert accounts.check("alice", "hunter2")


def test_a_seal_of_a_weaker_hash_is_replaced() -> None:
    weak = Accounts.read("alice:hunter2", hasher=QUICK).seals
    accounts = Accounts.read("alice:hunter2", weak)
    assert accounts.seals != weak
    assert Accounts.read("alice:hunter2", accounts.seals).seals == accounts.seals


def test_a_password_may_hold_any_characters() -> None:
    accounts = Accounts({"alice": "pässwörd \ud83d"}, hasher=QUICK)
    assert accounts.check("alice", "pässwörd \ud83d")
    assert not accounts.check("alice", "passwort")


def test_a_login_ends_after_its_lifetime() -> None:
    clock = Clock()
    logins = Logins(clock=clock)
    token = logins.begin("alice")
    clock.now += LIFETIME - 1
    assert logins.name_of(token) == "alice"
    clock.now += 2
    assert logins.name_of(token) is None


def test_logins_survive_a_restart_until_they_end_are_left_or_the_password_changes(
    tmp_path: Path,
) -> None:
    clock, file = Clock(), Settings.read([], data_dir=tmp_path)

    def start(password: str = "one") -> tuple[Logins, Storage]:
        storage = Storage.from_settings(file)
        known = {login.name: login.seal for login in storage.logins.read()}
        accounts = Accounts.read(f"alice:{password}", known, QUICK)
        return Logins(storage.logins, accounts.seals, clock), storage

    logins, storage = start()
    token, left = logins.begin("alice"), logins.begin("alice")
    logins.end(left)
    storage.close()
    logins, storage = start()
    assert (logins.name_of(token), logins.name_of(left)) == ("alice", None)
    assert token not in str(storage.logins.read())
    storage.close()
    logins, storage = start("another")
    assert logins.name_of(token) is None
    assert storage.logins.read() == ()
    token = logins.begin("alice")
    storage.close()
    clock.now += LIFETIME
    logins, storage = start("another")
    assert logins.name_of(token) is None
    storage.close()
