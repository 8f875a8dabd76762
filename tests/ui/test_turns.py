"""What happens to a conversation when it is continued, stopped, repeated, edited and undone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.types import Attachment, Options
from assistant.ui.turns import Picture, Request, Turns, Visitor
from tests.ui.standin import ScriptedAssistant

ANN = Visitor("session:ann", "tab1")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = Storage.from_settings(Settings.read([], data_dir=tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def assistant(tmp_path: Path) -> ScriptedAssistant:
    return ScriptedAssistant(Settings.read([], data_dir=tmp_path), pause=0.01)


@pytest.fixture
def turns(assistant: ScriptedAssistant, storage: Storage) -> Turns:
    return Turns(assistant, storage)  # type: ignore[arg-type]


def said(turns: Turns, text: str, conversation_id: str | None = None, **more: object) -> str:
    """Say something to the end and return the conversation's id."""
    request = Request(conversation_id, text, **more)  # type: ignore[arg-type]
    return [picture.conversation_id for picture in turns.say(ANN, request)][-1]


def test_a_turn_is_stored_and_the_next_one_gets_it_as_history(
    turns: Turns, assistant: ScriptedAssistant
) -> None:
    chat = said(turns, "sentiment of: I love it")
    said(turns, "hello", chat)
    assert [message.text for message in assistant.turns[1].history] == [
        "sentiment of: I love it",
        "The text reads as **positive** (98%).",
    ]


def test_pictures_of_a_running_answer_are_few_and_the_last_is_whole(turns: Turns) -> None:
    pictures = list(turns.say(ANN, Request(None, "long words")))
    assert len(pictures) < 400 / 2
    assert "word399" in str(pictures[-1].messages)
    assert [picture.final for picture in pictures].index(True) == len(pictures) - 1


def test_stop_ends_the_generator_within_a_word_and_keeps_what_was_said(
    turns: Turns, assistant: ScriptedAssistant, storage: Storage
) -> None:
    frames = turns.say(ANN, Request(None, "a long story"))
    chat = next(frames).conversation_id
    next(frames)
    turns.stop(ANN)
    before = assistant.tokens
    last = list(frames)[-1]
    assert assistant.tokens - before <= 1
    stored = storage.messages(ANN.owner, chat)[1]
    assert stored.reply is not None
    assert stored.reply["stopped"] is True
    assert stored.message.text.startswith("word0 ")
    assert "Stopped here" in str(last.messages)


def test_a_browser_that_goes_away_stops_the_generator_too(
    turns: Turns, assistant: ScriptedAssistant, storage: Storage
) -> None:
    frames = turns.say(ANN, Request(None, "a long story"))
    chat = next(frames).conversation_id
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    counted = assistant.tokens
    time.sleep(0.1)
    assert assistant.tokens == counted
    assert len(storage.messages(ANN.owner, chat)) == 2


def test_a_turn_that_is_left_for_another_chat_is_stored_and_shows_nothing_more(
    turns: Turns, storage: Storage
) -> None:
    pictures: list[Picture] = []
    started = threading.Event()

    def run() -> None:
        for picture in turns.say(ANN, Request(None, "a long story")):
            pictures.append(picture)
            started.set()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait(10)
    turns.leave(ANN)
    shown = len(pictures)
    assert len(storage.messages(ANN.owner, pictures[0].conversation_id)) == 2
    thread.join(10)
    assert len(pictures) == shown
    assert not any(picture.final for picture in pictures)


def test_stop_in_one_tab_leaves_another_visitors_turn_alone(
    turns: Turns, assistant: ScriptedAssistant
) -> None:
    other = Visitor("session:bob", "tab1")
    seen: list[str] = []

    def run() -> None:
        seen.extend(str(shot.messages) for shot in turns.say(other, Request(None, "short")))

    thread = threading.Thread(target=run)
    thread.start()
    turns.stop(ANN)
    thread.join(10)
    assert "word11" in seen[-1]


def test_repeating_replaces_the_last_turn_and_a_tool_chosen_is_kept_as_a_correction(
    turns: Turns, assistant: ScriptedAssistant, storage: Storage
) -> None:
    chat = said(turns, "who is this: Ada")
    request = turns.again(ANN.owner, chat, Options(), "sentiment")
    list(turns.say(ANN, request))
    stored = storage.messages(ANN.owner, chat)
    assert [item.message.tool for item in stored] == [None, "sentiment"]
    (correction,) = storage.corrections()
    assert (correction.chosen_tool, correction.right_tool) == ("entities", "sentiment")
    assert assistant.turns[1].tool == "sentiment"
    assert assistant.turns[1].history == ()


def test_repeating_with_no_tool_named_corrects_nothing(turns: Turns, storage: Storage) -> None:
    chat = said(turns, "who is this: Ada")
    list(turns.say(ANN, turns.again(ANN.owner, chat, Options())))
    assert storage.corrections() == ()
    assert len(storage.messages(ANN.owner, chat)) == 2


def test_an_edit_drops_what_came_after_it(turns: Turns, storage: Storage) -> None:
    chat = said(turns, "first")
    said(turns, "second", chat)
    list(turns.say(ANN, turns.edited(ANN.owner, chat, 0, "changed", Options())))
    asked, _ = storage.messages(ANN.owner, chat)
    assert asked.message.text == "changed"


@pytest.mark.parametrize("position", [-1, 1, 99])
def test_only_the_users_own_messages_can_be_edited(turns: Turns, position: int) -> None:
    chat = said(turns, "first")
    with pytest.raises(InputError, match="your own"):
        turns.edited(ANN.owner, chat, position, "changed", Options())


def test_undo_gives_the_words_back(turns: Turns, storage: Storage) -> None:
    chat = said(turns, "first")
    assert turns.undo(ANN.owner, chat) == "first"
    assert storage.messages(ANN.owner, chat) == ()
    with pytest.raises(InputError, match="empty"):
        turns.undo(ANN.owner, chat)


def test_another_visitors_conversation_cannot_be_continued_or_seen(turns: Turns) -> None:
    chat = said(turns, "first")
    with pytest.raises(InputError):
        list(turns.say(Visitor("session:bob", "t"), Request(chat, "hello")))
    with pytest.raises(InputError):
        turns.shown("session:bob", chat)


def test_feedback_is_kept_and_shown_again(turns: Turns) -> None:
    chat = said(turns, "first")
    turns.judge(ANN.owner, chat, 1, False, "Wrong facts")
    assert turns.judgements(ANN.owner, chat) == ["Dislike"]


def test_an_attached_file_can_be_kept_in_the_library(
    turns: Turns, assistant: ScriptedAssistant
) -> None:
    chat = said(turns, "tl;dr", attachments=(Attachment("a.txt", "words"),))
    (document,) = turns.keep_attachments(ANN.owner, chat)
    assert document in assistant.library.documents()


def test_a_failed_turn_is_stored_with_its_sentence(turns: Turns, storage: Storage) -> None:
    chat = said(turns, "please fail")
    assert storage.messages(ANN.owner, chat)[1].message.text.startswith("The model file is missing")
