from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Assistant, Options, Sampling, Settings, Turn
from assistant.errors import DocumentError
from assistant.events import Done, Event, Failed, TextDelta
from assistant.types import Route

LONG = Options(sampling=Sampling(strategy="greedy", max_tokens=300))


def test_a_blank_message_is_answered_with_what_to_do(assistant: Assistant) -> None:
    reply = assistant.reply(Turn(" \n\t "))
    assert reply.failed is not None
    assert "empty" in reply.failed


def test_a_message_over_the_limit_names_both_sizes(assistant: Assistant) -> None:
    reply = assistant.reply(Turn("x" * 1_000_001))
    assert reply.failed is not None
    assert "1,000,001" in reply.failed
    assert "1,000,000" in reply.failed


def test_a_message_of_a_million_characters_is_worked_on(assistant: Assistant) -> None:
    text = "The committee met again and decided nothing at all. " * 19_000
    reply = assistant.reply(Turn(f"tl;dr:\n{text}"))
    assert reply.failed is None
    assert reply.tool == "summarization"
    assert len(reply.text) < 1_000


def test_a_bug_in_a_tool_becomes_a_reference_number(
    assistant: Assistant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        needs = "nothing"

        def run(self, route: Route, turn: Turn) -> Iterator[Event]:
            raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(assistant.tools.members, "broken", Broken())  # type: ignore[arg-type]
    events = list(assistant.stream(Turn("hi", tool="broken")))
    failed = [event for event in events if isinstance(event, Failed)]
    assert len(failed) == 1
    assert "secret detail" not in failed[0].message
    reference = next(
        word for word in caplog.records[-1].getMessage().split() if word in failed[0].message
    )
    assert len(reference) >= 8
    assert isinstance(events[-1], Done)


def test_stop_ends_the_generation_within_a_token(assistant: Assistant) -> None:
    stop = threading.Event()
    pieces = 0
    for event in assistant.stream(Turn("Tell me a very long story.", options=LONG), stop):
        if isinstance(event, TextDelta):
            pieces += 1
            if pieces == 3:
                stop.set()
    assert pieces == 3


def test_closing_the_stream_frees_the_generator(assistant: Assistant) -> None:
    stream = assistant.stream(Turn("Tell me a very long story.", options=LONG))
    for event in stream:
        if isinstance(event, TextDelta):
            break
    stream.close()  # type: ignore[attr-defined]
    started = time.perf_counter()
    short = Options(sampling=Sampling(strategy="greedy", max_tokens=2))
    assistant.reply(Turn("hi", options=short))
    assert time.perf_counter() - started < 10


def test_a_classifier_does_not_wait_behind_a_generation(assistant: Assistant) -> None:
    stop = threading.Event()
    running = threading.Thread(
        target=lambda: list(
            assistant.stream(Turn("Tell me a very long story.", options=LONG), stop)
        )
    )
    running.start()
    try:
        reply = assistant.reply(Turn("/sentiment I love it"))
        assert running.is_alive()
    finally:
        stop.set()
        running.join()
    assert reply.results


def test_the_same_seed_gives_the_same_words(assistant: Assistant) -> None:
    options = Options(sampling=Sampling(strategy="top_p", max_tokens=12, seed=7))
    first, second = (assistant.reply(Turn("hi there", options=options)) for _ in range(2))
    assert first.text == second.text


def test_without_a_generator_the_other_tools_work(data_dir: Path) -> None:
    made = Assistant.from_settings(Settings.read([], data_dir=data_dir, generator="none"))
    chat = made.reply(Turn("hi"))
    assert chat.failed is None
    assert "switched off" in chat.text
    assert made.reply(Turn("/sentiment I love it")).results
    made.close()


def test_a_visitor_cannot_bring_a_generator(assistant: Assistant) -> None:
    options = Options(generator="openai:http://169.254.169.254/v1")
    reply = assistant.reply(Turn("hi", options=options))
    assert "not one this server offers" in reply.text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", "empty"),
        ("renamed.pdf", b"GIF89a not a pdf at all", "renamed.pdf"),
        ("program.exe", b"MZ\x00\x00", ".exe"),
    ],
)
def test_a_bad_file_is_refused_in_plain_words(
    assistant: Assistant, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=words):
        assistant.attach(path)
