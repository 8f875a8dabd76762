"""API keys: read from a setting or a file, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.api.keys import Keys
from assistant.api.routes import languages
from assistant.errors import AccessError, SettingsError, TooManyTriesError, WrongKeyError
from assistant.server.site import is_shared
from assistant.settings import Settings

KEY = "0123456789abcdef"
HERE = "127.0.0.1"


def test_keys_come_from_the_setting_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# of our bots\n\ncoral: {KEY}1\nbot:{KEY}:2\n")
    keys = Keys.read(str(file), shared=False)
    assert (keys.name_of(f"{KEY}1", HERE), keys.name_of(f"{KEY}:2", HERE)) == ("coral", "bot")
    assert Keys.read(f"a:{KEY}, b:{KEY}x", shared=True).name_of(f"{KEY}x", HERE) == "b"


def test_without_keys_this_computer_alone_may_ask() -> None:
    assert Keys.read(None, shared=False).name_of("whatever", HERE) == "local"
    with pytest.raises(AccessError, match="--api-keys"):
        Keys.read(None, shared=True).name_of(KEY, HERE)


def test_a_missing_and_a_wrong_key_are_told_apart() -> None:
    keys = Keys({"bot": KEY})
    with pytest.raises(WrongKeyError):
        keys.name_of(KEY + "x", HERE)
    with pytest.raises(AccessError, match="has no API key"):
        keys.name_of("", HERE)


def test_keys_that_begin_alike_are_slowed_sooner_and_one_that_was_right_is_not() -> None:
    keys = Keys({"bot": KEY, "new": f"{KEY}-new"})
    assert keys.name_of(KEY, HERE) == "bot"
    answers = []
    for number in range(40):
        with pytest.raises(AccessError) as caught:
            keys.name_of(f"{KEY}{number}", HERE)
        answers.append(type(caught.value))
        assert keys.name_of(KEY, HERE) == "bot"
    assert answers[:5] == [WrongKeyError] * 5
    assert answers.count(WrongKeyError) <= 10
    assert KEY not in str(caught.value)
    with pytest.raises(TooManyTriesError):  # or a guesser would learn that it is right
        keys.name_of(f"{KEY}-new", HERE)
    with pytest.raises(WrongKeyError):
        keys.name_of(f"{KEY}x", "192.0.2.1")


@pytest.mark.parametrize(
    "value", ["bot:tooshort", KEY, f"bot:{KEY},bot:{KEY}x", f"a b:{KEY}", ",", "/no/file"]
)
def test_an_unusable_key_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_API_KEYS") as caught:
        Keys.read(value, shared=False)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "shared"),
    [
        ({}, False),
        ({"host": "0.0.0.0"}, True),
        ({"share": True}, True),
        ({"auth": "a:b"}, True),
        ({"allowed_hosts": "chat.example"}, True),
    ],
)
def test_a_server_that_others_reach_is_shared(changes: dict[str, object], shared: bool) -> None:
    settings = Settings(_env_file=None, **changes)  # type: ignore[call-arg, arg-type]
    assert is_shared(settings) is shared


def test_languages_are_codes() -> None:
    settings = Settings(_env_file=None, api_languages="en, DE")  # type: ignore[call-arg]
    assert languages(settings) == ("en", "de")
    with pytest.raises(SettingsError, match="'klingon'"):
        languages(settings.model_copy(update={"api_languages": "klingon"}))
