"""Passwords, and how fast they can be guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.server.accounts import Accounts
from assistant.server.logins import LIFETIME, LONGEST_WAIT, Logins, Throttle
from assistant.settings import Settings
from assistant.storage import Storage


class Clock:
    """A clock that the test sets forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_name_and_its_password_are_accepted_and_nothing_else() -> None:
    accounts = Accounts.read("alice:correct:horse")
    assert accounts.asks_name
    assert accounts.check("alice", "correct:horse")
    assert not accounts.check("alice", "correct")
    assert not accounts.check("bob", "correct:horse")
    assert not accounts.check("", "")


def test_a_file_may_name_several_users(tmp_path: Path) -> None:
    users = tmp_path / "users.txt"
    users.write_text("# team\nalice:one\n\nbob:two words\n", encoding="utf-8")
    accounts = Accounts.read(str(users))
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
    assert "hunter2" not in repr(vars(Accounts.read("alice:hunter2")))


def test_passphrases_differ() -> None:
    assert Accounts.with_passphrase()[1] != Accounts.with_passphrase()[1]


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
        accounts = Accounts.read(f"alice:{password}", known)
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


def test_after_five_tries_each_wait_is_longer_up_to_a_limit() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    waits = []
    for _ in range(20):
        wait = throttle.admit("1.2.3.4", "alice")
        waits.append(wait)
        clock.now += wait
        if wait:
            assert throttle.admit("1.2.3.4", "alice") == 0
    assert waits[:5] == [0, 0, 0, 0, 0]
    assert waits[5:9] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT


def test_one_address_does_not_lock_out_another_or_another_name() -> None:
    throttle = Throttle(Clock())
    for _ in range(6):
        throttle.admit("1.2.3.4", "alice")
    assert throttle.admit("1.2.3.4", "alice") > 0
    assert throttle.admit("1.2.3.4", "bob") == 0
    assert throttle.admit("5.6.7.8", "alice") == 0


def test_one_address_cannot_go_through_all_names() -> None:
    throttle = Throttle(Clock())
    refused = [throttle.admit("1.2.3.4", f"name{number}") > 0 for number in range(60)]
    assert refused == [False] * 50 + [True] * 10


def test_the_addresses_of_one_network_count_as_one() -> None:
    throttle = Throttle(Clock())
    waits = [throttle.admit(f"2001:db8::{number:x}", "alice") for number in range(6)]
    assert waits[-1] > 0


def test_a_right_password_clears_the_count() -> None:
    throttle = Throttle(Clock())
    for _ in range(30):
        assert throttle.admit("1.2.3.4", "alice") == 0
        throttle.succeeded("1.2.3.4", "alice")


def test_the_memory_of_tries_is_bounded() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(25_000):
        clock.now += 0.001
        throttle.admit(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "alice")
    assert len(throttle._counts) <= 10_002
