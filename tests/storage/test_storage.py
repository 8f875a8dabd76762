"""Storage: what one owner keeps, no other owner sees, and nothing is lost on the way."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import InputError, StorageError
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.types import Attachment, Labels, Message, Reply, Route, Table

ALICE, BOB = "user:alice", "session:0123456789abcdef"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data")


@pytest.fixture
def storage(settings: Settings) -> Iterator[Storage]:
    storage = Storage.from_settings(settings)
    yield storage
    storage.close()


def reply(text: str = "Positive, I think.") -> Reply:
    return Reply(
        tool="sentiment",
        payload="I love it",
        text=text,
        results=(
            Labels("positive", {"positive": 0.9, "negative": 0.1}),
            Table(("comment", "score"), (("fine", 0.5),)),
        ),
        citations=(),
        passages=(),
        route=Route("sentiment", "I love it", question="really?"),
        milliseconds=12.0,
    )


def say(storage: Storage, owner: str, text: str, answer: str = "Noted.") -> str:
    conversation = storage.start(owner)
    storage.append(owner, conversation, Message("user", text), reply(answer))
    return conversation


def test_a_turn_comes_back_as_it_was_stored(storage: Storage) -> None:
    conversation = storage.start(ALICE)
    user = Message("user", "How is 'I love it'?", attachments=(Attachment("a.txt", "words"),))
    ids = storage.append(ALICE, conversation, user, reply())
    asked, answered = storage.messages(ALICE, conversation)
    assert (asked.id, answered.id) == ids
    assert (asked.position, answered.position) == (0, 1)
    assert asked.message == user
    assert asked.reply is None
    assert answered.message == Message(
        "assistant", "Positive, I think.", tool="sentiment", payload="I love it", question="really?"
    )
    assert answered.reply == reply().to_json()
    assert storage.history(ALICE, conversation) == (asked.message, answered.message)


def test_conversations_survive_a_restart(settings: Settings) -> None:
    first = Storage.from_settings(settings)
    conversation = say(first, ALICE, "Remember me")
    first.close()
    second = Storage.from_settings(settings)
    assert [info.title for info in second.conversations(ALICE)] == ["Remember me"]
    assert second.history(ALICE, conversation)[0].text == "Remember me"
    assert second.warning is None
    second.close()


def test_another_owners_conversation_is_as_good_as_absent(storage: Storage) -> None:
    conversation = say(storage, ALICE, "A secret")
    message = storage.messages(ALICE, conversation)[1].id
    for attempt in (
        lambda: storage.messages(BOB, conversation),
        lambda: storage.history(BOB, conversation),
        lambda: storage.conversation(BOB, conversation),
        lambda: storage.message(BOB, conversation, message),
        lambda: storage.append(BOB, conversation, Message("user", "hi"), reply()),
        lambda: storage.truncate(BOB, conversation, 0),
        lambda: storage.rename(BOB, conversation, "Mine"),
        lambda: storage.delete(BOB, conversation),
        lambda: storage.export(BOB, conversation),
    ):
        with pytest.raises(InputError) as stolen:
            attempt()
        assert "A secret" not in str(stolen.value)
    with pytest.raises(InputError):
        storage.feedback(BOB, message, liked=True)
    assert storage.conversations(BOB) == ()
    assert storage.conversations(BOB, query="secret") == ()
    assert len(storage.messages(ALICE, conversation)) == 2


def test_a_message_is_found_in_its_own_conversation_only(storage: Storage) -> None:
    one, two = say(storage, ALICE, "one"), say(storage, ALICE, "two")
    message = storage.messages(ALICE, one)[0].id
    assert storage.message(ALICE, one, message).message.text == "one"
    with pytest.raises(InputError):
        storage.message(ALICE, two, message)


def test_a_conversation_is_named_by_its_first_message_on_one_short_line(storage: Storage) -> None:
    conversation = say(storage, ALICE, "What\nis   this " + "x" * 500)
    storage.append(ALICE, conversation, Message("user", "second"), reply())
    (info,) = storage.conversations(ALICE)
    assert info.title.startswith("What is this xxx")
    assert info.title.endswith("…")
    assert len(info.title) == 60
    assert info.id == conversation


def test_an_empty_conversation_is_not_listed(storage: Storage) -> None:
    storage.start(ALICE)
    assert storage.conversations(ALICE) == ()


def test_a_file_without_words_names_the_conversation(storage: Storage) -> None:
    conversation = storage.start(ALICE)
    user = Message("user", " ", attachments=(Attachment("report.pdf", "…"),))
    storage.append(ALICE, conversation, user, reply())
    assert storage.conversations(ALICE)[0].title == "report.pdf"


def test_the_last_used_conversation_comes_first(storage: Storage) -> None:
    old, new = say(storage, ALICE, "old"), say(storage, ALICE, "new")
    assert [info.id for info in storage.conversations(ALICE)] == [new, old]
    storage.append(ALICE, old, Message("user", "again"), reply())
    assert [info.id for info in storage.conversations(ALICE)] == [old, new]
    assert len(storage.conversations(ALICE, limit=1)) == 1


@pytest.mark.parametrize("query", ["ÜBER", "über uns", "100%", "answer"])
def test_search_finds_title_and_text_in_any_case(storage: Storage, query: str) -> None:
    conversation = say(storage, ALICE, "Etwas Über uns, 100% wahr", answer="An ANSWER.")
    say(storage, ALICE, "Something else")
    assert [info.id for info in storage.conversations(ALICE, query)] == [conversation]


@pytest.mark.parametrize("query", ["%", "_", "' OR 1=1 --"])
def test_search_takes_wildcards_and_quotes_as_plain_characters(
    storage: Storage, query: str
) -> None:
    say(storage, ALICE, "Something")
    assert storage.conversations(ALICE, query) == ()


def test_truncate_drops_a_message_and_all_after_it(storage: Storage) -> None:
    conversation = say(storage, ALICE, "first")
    storage.append(ALICE, conversation, Message("user", "second"), reply())
    storage.truncate(ALICE, conversation, 2)
    assert [stored.message.text for stored in storage.messages(ALICE, conversation)] == [
        "first",
        "Noted.",
    ]
    storage.append(ALICE, conversation, Message("user", "second, better"), reply())
    positions = [stored.position for stored in storage.messages(ALICE, conversation)]
    assert positions == [0, 1, 2, 3]


def test_rename_and_delete(storage: Storage) -> None:
    conversation = say(storage, ALICE, "first")
    storage.rename(ALICE, conversation, "  A better\nname ")
    assert storage.conversation(ALICE, conversation).title == "A better name"
    with pytest.raises(InputError, match="blank"):
        storage.rename(ALICE, conversation, " \n")
    storage.delete(ALICE, conversation)
    assert storage.conversations(ALICE) == ()
    with pytest.raises(InputError, match="no chat"):
        storage.messages(ALICE, conversation)


def test_a_deleted_conversation_leaves_no_words_in_the_file(settings: Settings) -> None:
    storage = Storage.from_settings(settings)
    storage.delete(ALICE, say(storage, ALICE, "xyzzy-plugh"))
    storage.close()
    assert b"xyzzy-plugh" not in (settings.data_dir / "switchboard.db").read_bytes()


def test_feedback_is_kept_and_can_be_taken_back(storage: Storage) -> None:
    conversation = say(storage, ALICE, "first")
    message = storage.messages(ALICE, conversation)[1].id
    storage.feedback(ALICE, message, liked=False, reason=" wrong tool ")
    stored = storage.messages(ALICE, conversation)[1]
    assert (stored.feedback, stored.reason) == ("dislike", "wrong tool")
    storage.feedback(ALICE, message, liked=None)
    stored = storage.messages(ALICE, conversation)[1]
    assert (stored.feedback, stored.reason) == (None, "")


def test_corrections_are_kept_for_the_router(storage: Storage) -> None:
    storage.correct(ALICE, "tl;dr of love", "sentiment", "summarization", "love")
    (correction,) = storage.corrections()
    assert (correction.text, correction.chosen_tool, correction.right_tool) == (
        "tl;dr of love",
        "sentiment",
        "summarization",
    )


def test_a_failed_turn_is_stored_with_its_sentence(storage: Storage) -> None:
    conversation = storage.start(ALICE)
    failed = Reply("", "", "", (), (), (), Route("", ""), 1.0, failed="The file is empty.")
    storage.append(ALICE, conversation, Message("user", "read it"), failed)
    assert storage.history(ALICE, conversation)[1].text == "The file is empty."


@pytest.mark.parametrize("text", ["broken \ud83d emoji", "nul \0 byte", "👩‍👩‍👧", "x" * 1_000_000])
def test_no_text_is_too_odd_to_be_stored(storage: Storage, text: str) -> None:
    conversation = say(storage, ALICE, text)
    stored = storage.history(ALICE, conversation)[0].text
    assert stored == text.replace("\ud83d", "?").replace("\0", "")


def test_export_is_markdown_with_the_results(storage: Storage) -> None:
    page = storage.export(ALICE, say(storage, ALICE, "How is it?"))
    assert page.startswith("# How is it?\n\n## You\n\nHow is it?\n\n## Switchboard (sentiment)")
    assert "**positive** (positive 90%, negative 10%)" in page
    assert "| comment | score |\n| --- | --- |\n| fine | 0.5 |" in page


def test_many_threads_write_one_conversation_without_losing_a_turn(storage: Storage) -> None:
    conversation = storage.start(ALICE)
    failures: list[Exception] = []

    def talk(name: int) -> None:
        try:
            for turn in range(5):
                user = Message("user", f"{name}-{turn}")
                storage.append(ALICE, conversation, user, reply())
                storage.conversations(ALICE)
        except (InputError, StorageError) as error:
            failures.append(error)

    threads = [threading.Thread(target=talk, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = storage.messages(ALICE, conversation)
    assert failures == []
    assert [stored.position for stored in messages] == list(range(80))
    assert [stored.message.role for stored in messages] == ["user", "assistant"] * 40


@pytest.mark.parametrize("damage", ["header", "middle"])
def test_a_damaged_file_is_moved_aside_and_named(settings: Settings, damage: str) -> None:
    storage = Storage.from_settings(settings)
    for number in range(30):
        say(storage, ALICE, f"{number} " * 2000)
    storage.close()
    path = settings.data_dir / "switchboard.db"
    content = bytearray(path.read_bytes())
    where = slice(0, 64) if damage == "header" else slice(4096 * 3, 4096 * 40)
    content[where] = b"\x5a" * len(content[where])
    path.write_bytes(content)

    fresh = Storage.from_settings(settings)
    asides = list(settings.data_dir.glob("switchboard.db.damaged-*"))
    assert len(asides) == 1
    assert fresh.warning is not None
    assert str(asides[0]) in fresh.warning
    assert asides[0].read_bytes() == bytes(content)
    assert fresh.conversations(ALICE) == ()
    say(fresh, ALICE, "It goes on")
    fresh.close()


def test_a_file_of_a_newer_version_is_refused_and_left_alone(settings: Settings) -> None:
    Storage.from_settings(settings).close()
    path = settings.data_dir / "switchboard.db"
    connection = sqlite3.connect(path)
    connection.execute("UPDATE format SET version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="format 99"):
        Storage.from_settings(settings)
    assert path.exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("no url at all", "not a database URL"),
        ("dragon://host/db", "not installed"),
        ("sqlite:////nowhere/at/all/switchboard.db", "cannot be used"),
    ],
)
def test_a_bad_database_url_is_explained(settings: Settings, url: str, words: str) -> None:
    with pytest.raises(StorageError, match=words):
        Storage.from_settings(settings.model_copy(update={"database_url": url}))


def test_a_data_directory_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    with pytest.raises(StorageError, match="--data-dir"):
        Storage.from_settings(settings)
