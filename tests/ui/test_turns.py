"""What happens to a conversation when it is continued, stopped, repeated, edited and undone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.types import Attachment, Options
from assistant.ui.turns import Picture, Request, Turns
from tests.ui.standin import ScriptedAssistant

ANN = "session:ann"


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
    return [picture.conversation_id for picture in say(turns, request)][-1]


def say(turns: Turns, request: Request, owner: str = ANN) -> Iterator[Picture]:
    """Say something that nobody stops."""
    return turns.say(owner, request, threading.Event())


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
    pictures = list(say(turns, Request(None, "long words")))
    assert len(pictures) < 400 / 2
    assert "word399" in str(pictures[-1].messages)
    assert [picture.final for picture in pictures].index(True) == len(pictures) - 1


def test_stop_ends_the_generator_within_a_word_and_keeps_what_was_said(
    turns: Turns, assistant: ScriptedAssistant, storage: Storage
) -> None:
    stop = threading.Event()
    frames = turns.say(ANN, Request(None, "a long story"), stop)
    chat = [next(frames).conversation_id for _ in range(3)][-1]
    stop.set()
    before = assistant.tokens
    last = list(frames)[-1]
    assert assistant.tokens - before <= 1
    stored = storage.messages(ANN, chat)[1]
    assert stored.reply is not None
    assert stored.reply["stopped"] is True
    assert stored.message.text.startswith("word0 ")
    assert "Stopped here" in str(last.messages)


def test_a_browser_that_goes_away_stops_the_generator_too(
    turns: Turns, assistant: ScriptedAssistant, storage: Storage
) -> None:
    frames = say(turns, Request(None, "a long story"))
    chat = next(frames).conversation_id
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    counted = assistant.tokens
    time.sleep(0.1)
    assert assistant.tokens == counted
    assert len(storage.messages(ANN, chat)) == 2


def test_two_answers_in_one_chat_come_one_after_the_other(
    turns: Turns, assistant: ScriptedAssistant
) -> None:
    chat = said(turns, "first")
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(said, turns, f"tab {number}", chat) for number in range(3)]:
            done.result(20)
    assert [len(turn.history) for turn in assistant.turns] == [0, 2, 4, 6]


def test_repeating_replaces_the_last_turn_and_a_tool_chosen_is_kept_as_a_correction(
    turns: Turns, assistant: ScriptedAssistant, storage: Storage
) -> None:
    chat = said(turns, "who is this: Ada")
    request = turns.again(ANN, chat, Options(), "sentiment")
    list(say(turns, request))
    stored = storage.messages(ANN, chat)
    assert [item.message.tool for item in stored] == [None, "sentiment"]
    (correction,) = storage.corrections()
    assert (correction.chosen_tool, correction.right_tool) == ("entities", "sentiment")
    assert assistant.turns[1].tool == "sentiment"
    assert assistant.turns[1].history == ()


def test_another_tool_is_told_that_the_documents_hold_no_answer(
    turns: Turns, assistant: ScriptedAssistant
) -> None:
    refused = said(turns, "how far is the moon?")
    list(say(turns, turns.again(ANN, refused, Options(), "conversation")))
    answered = said(turns, "what is top-k?")
    list(say(turns, turns.again(ANN, answered, Options(), "conversation")))
    assert [turn.unanswered for turn in assistant.turns] == [False, True, False, False]


def test_an_earlier_turn_sent_to_another_tool_changes_that_answer_alone(
    turns: Turns, assistant: ScriptedAssistant, storage: Storage
) -> None:
    chat = said(turns, "who is this: Ada")
    said(turns, "hello", chat)
    answer = storage.messages(ANN, chat)[1].id
    running, *_, last = say(turns, turns.again(ANN, chat, Options(), "sentiment", answer))
    assert [len(picture.messages) for picture in (running, last)] == [4, 4]
    stored = storage.messages(ANN, chat)
    assert [item.message.tool for item in stored] == [None, "sentiment", None, "conversation"]
    assert [item.position for item in stored] == [0, 1, 2, 3]
    (correction,) = storage.corrections()
    assert (correction.text, correction.right_tool) == ("who is this: Ada", "sentiment")
    assert assistant.turns[-1].history == ()
    with pytest.raises(InputError, match="no longer"):
        turns.again(ANN, chat, Options(), "sentiment", answer)


def test_repeating_with_no_tool_named_corrects_nothing(turns: Turns, storage: Storage) -> None:
    chat = said(turns, "who is this: Ada")
    list(say(turns, turns.again(ANN, chat, Options())))
    assert storage.corrections() == ()
    assert len(storage.messages(ANN, chat)) == 2


def test_an_edit_drops_what_came_after_it(turns: Turns, storage: Storage) -> None:
    chat = said(turns, "first")
    said(turns, "second", chat)
    list(say(turns, turns.edited(ANN, chat, 0, "changed", Options())))
    asked, _ = storage.messages(ANN, chat)
    assert asked.message.text == "changed"


@pytest.mark.parametrize("position", [-1, 1, 99])
def test_only_the_users_own_messages_can_be_edited(turns: Turns, position: int) -> None:
    chat = said(turns, "first")
    with pytest.raises(InputError, match="your own"):
        turns.edited(ANN, chat, position, "changed", Options())


def test_undo_gives_the_words_back(turns: Turns, storage: Storage) -> None:
    chat = said(turns, "first")
    assert turns.undo(ANN, chat) == "first"
    assert storage.messages(ANN, chat) == ()
    with pytest.raises(InputError, match="empty"):
        turns.undo(ANN, chat)


def test_another_visitors_conversation_cannot_be_continued_or_seen(turns: Turns) -> None:
    chat = said(turns, "first")
    with pytest.raises(InputError):
        list(say(turns, Request(chat, "hello"), "session:bob"))
    with pytest.raises(InputError):
        turns.stored("session:bob", chat)


def test_feedback_is_kept_and_shown_again(turns: Turns) -> None:
    chat = said(turns, "first")
    turns.judge(ANN, chat, 1, False, "Wrong facts")
    assert turns.stored(ANN, chat).judgements == ("Dislike",)


def test_an_attached_file_can_be_kept_in_the_library(
    turns: Turns, assistant: ScriptedAssistant
) -> None:
    chat = said(turns, "tl;dr", attachments=(Attachment("a.txt", "words"),))
    (document,) = turns.keep_attachments(ANN, chat)
    assert document in assistant.library.documents()


def test_a_failed_turn_is_stored_with_its_sentence(turns: Turns, storage: Storage) -> None:
    chat = said(turns, "please fail")
    assert storage.messages(ANN, chat)[1].message.text.startswith("The model file is missing")
