"""How fast passwords can be guessed, and who is not held up while somebody guesses."""

from __future__ import annotations

import pytest

from assistant.server.throttle import (
    ACCOUNT,
    FORGET_AFTER,
    KNOWN_ADDRESS,
    MOST_COUNTS,
    PAIR,
    Throttle,
)

BROWSER = "b" * 43


class Clock:
    """A clock that the test sets forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def addresses(count: int) -> list[str]:
    return [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(count)]


def attack(throttle: Throttle, account: str = "alice", count: int = 200) -> int:
    """Guess once from each of many addresses; return how many guesses were admitted."""
    return sum(throttle.admit(address, account) == 0 for address in addresses(count))


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
    assert waits[-1] == PAIR.longest


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


def test_many_addresses_cannot_guess_at_one_account() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert attack(throttle) == ACCOUNT.free
    admitted = 0
    for _ in range(60):
        clock.now += 60
        admitted += attack(throttle)
    assert admitted == 60
    assert throttle.admit("1.2.3.4", "bob") == 0


def test_a_whole_account_waits_only_shortly() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    waits = []
    for address in addresses(100):
        waits.append(throttle.admit(address, "alice"))
        clock.now += waits[-1]
        if waits[-1]:
            assert throttle.admit(address, "alice") == 0
    assert waits[ACCOUNT.free - 1 : ACCOUNT.free + 6] == [0, 1, 2, 4, 8, 16, ACCOUNT.longest]
    assert max(waits) == ACCOUNT.longest


def test_an_address_that_was_right_before_is_not_held_up_by_others() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert throttle.admit("1.2.3.4", "alice") == 0
    throttle.succeeded("1.2.3.4", "alice")
    attack(throttle)
    assert throttle.admit("5.6.7.8", "alice") > 0
    assert throttle.admit("1.2.3.4", "alice") == 0
    clock.now += KNOWN_ADDRESS
    attack(throttle)
    assert throttle.admit("1.2.3.4", "alice") > 0


def test_an_address_that_was_right_before_is_held_up_by_its_own_wrong_tries() -> None:
    throttle = Throttle(Clock())
    throttle.admit("1.2.3.4", "alice")
    throttle.succeeded("1.2.3.4", "alice")
    waits = [throttle.admit("1.2.3.4", "alice") for _ in range(6)]
    assert waits[:5] == [0] * 5
    assert waits[5] > 0


def test_a_browser_that_was_right_before_is_held_up_by_nobody_else_even_at_its_address() -> None:
    """Visitors of a share link all have one address, and so has an attacker among them."""
    throttle = Throttle(Clock())
    throttle.admit("", "alice", BROWSER)
    throttle.succeeded("", "alice", BROWSER)
    for _ in range(200):
        throttle.admit("", "alice", "a" * 43)
    assert throttle.admit("", "alice", "a" * 43) > 0
    waits = [throttle.admit("", "alice", BROWSER) for _ in range(6)]
    assert waits[:5] == [0] * 5
    assert waits[5] > 0
    assert any(throttle.admit("", "bob", who) for who in (BROWSER, "a" * 43) for _ in range(3))


def test_those_whom_nothing_tells_apart_wait_only_shortly() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(200):
        clock.now += throttle.admit("", f"name{number % 3}")
        throttle.admit("", f"name{number % 3}")
    assert 0 < throttle.admit("", "alice") <= ACCOUNT.longest


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:1.2.3.4", "1.2.3.4", True),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.5", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("1.2.3.4", "1.2.3.5", False),
        ("unknown", "_hidden", True),
    ],
)
def test_an_ipv6_network_counts_as_one_address(one: str, other: str, same: bool) -> None:
    throttle = Throttle(Clock())
    for _ in range(PAIR.free):
        assert throttle.admit(one, "alice") == 0
    assert (throttle.admit(other, "alice") > 0) is same


def test_a_right_password_clears_the_count() -> None:
    throttle = Throttle(Clock())
    for _ in range(100):
        assert throttle.admit("1.2.3.4", "alice") == 0
        throttle.succeeded("1.2.3.4", "alice")


def test_a_right_password_does_not_give_back_the_guesses_of_others() -> None:
    """Else whoever has an account could clear the count of their address again and again."""
    throttle = Throttle(Clock())
    guesses = 0
    for number in range(200):
        if throttle.admit("1.2.3.4", "mallory", BROWSER) == 0:
            throttle.succeeded("1.2.3.4", "mallory", BROWSER)
        guesses += throttle.admit("1.2.3.4", f"name{number}", BROWSER) == 0
    assert guesses == 50


def test_a_count_is_forgotten_after_an_hour_without_a_try() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(PAIR.free + 1):
        throttle.admit("1.2.3.4", "alice")
    clock.now += FORGET_AFTER + 1
    assert [throttle.admit("1.2.3.4", "alice") for _ in range(PAIR.free)] == [0] * PAIR.free


def test_the_memory_of_tries_and_of_the_known_is_bounded() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number, address in enumerate(addresses(25_000)):
        clock.now += 0.001
        if throttle.admit(address, f"name{number}") == 0 and number % 2:
            throttle.succeeded(address, "alice", f"browser{number}")
    assert len(throttle._counts) <= MOST_COUNTS + 2
    assert len(throttle._known["alice"]) == 100


def test_nobody_clears_a_wait_by_further_tries() -> None:
    """Tries that were turned away were counted as well, and washed older counts out of memory."""
    throttle = Throttle(Clock())
    for number in range(60):
        throttle.admit("1.2.3.4", f"name{number}")
    for number in range(3 * MOST_COUNTS):
        assert throttle.admit("1.2.3.4", f"other{number}") > 0
