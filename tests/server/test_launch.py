"""Starting: the port, the public link, the loading in the background, the command line."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assistant.errors import ModelError, SettingsError
from assistant.server.launch import address, bind
from assistant.server.share import Share
from assistant.server.warmup import WarmUp
from assistant.settings import PROJECT, Settings


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]


@pytest.fixture
def spoken(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    logging.getLogger("assistant").propagate = True
    caplog.set_level(logging.INFO, "assistant")
    return caplog


def test_port_0_picks_a_free_one() -> None:
    with bind(settings(port=0)) as listener:
        assert address(listener).startswith("http://127.0.0.1:")
        assert listener.getsockname()[1] > 0


def test_a_port_that_was_asked_for_and_is_taken_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port}.*--port"):
            bind(settings(port=port))


def test_the_default_port_gives_way_to_the_next_free_one(
    spoken: pytest.LogCaptureFixture,
) -> None:
    default = settings()
    with bind(default) as first, bind(default) as second:
        assert second.getsockname()[1] > first.getsockname()[1]
        assert "is taken" in spoken.text


@pytest.mark.parametrize("host", ["no.such.host.invalid", "8.8.8.8"])
def test_a_host_that_is_not_this_computer_is_explained(host: str) -> None:
    with pytest.raises(SettingsError, match="--host"):
        bind(settings(host=host, port=0))


def test_the_address_to_open_is_one_that_a_browser_can_use() -> None:
    with bind(settings(host="0.0.0.0", port=0)) as listener:
        assert address(listener).startswith("http://127.0.0.1:")


def test_a_link_that_cannot_be_made_is_explained_in_one_sentence(
    spoken: pytest.LogCaptureFixture,
) -> None:
    def no_network(host: str, port: int) -> str:
        raise RuntimeError("Could not get share link.") from OSError("no route to host")

    said = _share(no_network, spoken)
    assert "No public link could be made (Could not get share link: no route to host)" in said


def test_a_link_that_takes_too_long_does_not_hold_anything_up(
    spoken: pytest.LogCaptureFixture,
) -> None:
    release = threading.Event()

    def slow(host: str, port: int) -> str:
        release.wait(10)
        return "https://x.gradio.live"

    links: list[str] = []
    Share("127.0.0.1", 1, links.append, slow, patience=0.05).start()
    _until(lambda: "No public link after" in spoken.text)
    assert links == []
    release.set()
    _until(lambda: links == ["https://x.gradio.live"])


def test_loading_tells_what_it_does_and_when_it_is_done(spoken: pytest.LogCaptureFixture) -> None:
    warm_up = WarmUp(lambda progress: progress("loading the encoder"))
    assert warm_up.status == "loading"
    warm_up.start()
    warm_up.join(10)
    assert warm_up.status == "ready"
    assert "loading the encoder" in spoken.text


def test_a_model_that_is_missing_is_said_and_the_page_goes_on(
    spoken: pytest.LogCaptureFixture,
) -> None:
    def broken(progress: object) -> None:
        raise ModelError("The encoder is missing. Install it.")

    warm_up = WarmUp(broken)
    warm_up.start()
    warm_up.join(10)
    assert warm_up.status == "failed"
    assert "The encoder is missing. Install it." in spoken.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--bogus"], "--bogus"),
        (["--prt", "1"], "Did you mean --port?"),
        (["--port", "many"], "ASSISTANT_PORT"),
        (["--auth", "no-such-file"], "NAME:PASSWORD"),
        (["--trusted-proxies", "my-proxy"], "'my-proxy' is neither an address nor a network"),
    ],
)
def test_a_wrong_option_is_a_sentence_and_exit_code_2(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    result = subprocess.run(
        [sys.executable, PROJECT / "app.py", *arguments, "--data-dir", tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="files have no modes here")
@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("ASSISTANT_AUTH=ann:secret", 0o644, True),
        ("assistant_api_keys=bot:0123456789abcdef", 0o640, True),
        ("ASSISTANT_AUTH=ann:secret", 0o600, False),
        ("ASSISTANT_SEED=1", 0o644, False),
    ],
)
def test_a_settings_file_with_passwords_that_others_can_read_is_told(
    tmp_path: Path, content: str, mode: int, told: bool
) -> None:
    (tmp_path / ".env").write_text(f"{content}\n")
    (tmp_path / ".env").chmod(mode)
    command = [sys.executable, PROJECT / "app.py", "--host", "no.such.host.invalid"]
    result = subprocess.run(
        [*command, "--data-dir", tmp_path / "data"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert result.returncode == 2
    assert ("chmod 600 .env" in result.stderr) is told
    assert "secret" not in result.stderr


def test_help_lists_every_setting() -> None:
    result = subprocess.run(
        [sys.executable, PROJECT / "app.py", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')}" in result.stdout


def _share(opener: object, spoken: pytest.LogCaptureFixture) -> str:
    Share("127.0.0.1", 1, lambda link: None, opener).start()  # type: ignore[arg-type]
    _until(lambda: bool(spoken.text))
    return spoken.text


def _until(condition: object) -> None:
    assert callable(condition)
    waiter = threading.Event()
    for _ in range(500):
        if condition():
            return
        waiter.wait(0.01)
    raise AssertionError("it did not happen within 5 s")
