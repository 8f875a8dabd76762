"""``ask`` and ``route`` with the real models."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app
from assistant.cli.terminal import plain


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Give options for a data directory and a starter library of one page."""
    documents = tmp_path_factory.mktemp("documents")
    (documents / "lighthouse.md").write_text(
        "# Lighthouse\n\nThe lamp of the old lighthouse turns once in twelve seconds.\n",
        encoding="utf-8",
    )
    patch = pytest.MonkeyPatch()
    patch.setenv("ASSISTANT_DOCUMENTS_DIR", str(documents))
    yield ["--data-dir", str(tmp_path_factory.mktemp("data"))]
    patch.undo()


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


def test_a_route_is_told_with_its_payload(place: list[str]) -> None:
    result = run("route", "What's the sentiment of: 'I love it'?", "--json", *place)
    assert result.exit_code == 0, result.output
    route = json.loads(result.stdout)
    assert (route["tool"], route["payload"]) == ("sentiment", "I love it")
    assert "sentiment" in run("route", "/sentiment I love it", *place).stdout


def test_an_answer_as_json_is_one_document_on_standard_output(place: list[str]) -> None:
    result = run("ask", "/help", "--json", *place)
    assert result.exit_code == 0, result.output
    reply = json.loads(result.stdout)
    assert reply["tool"] == "help"
    assert reply["text"]
    assert reply["failed"] is None


def test_an_answer_is_written_out_as_text(place: list[str]) -> None:
    result = run("ask", "-", *place, stdin="/help")
    assert result.exit_code == 0, result.output
    assert "/sentiment" in result.stdout
    assert "help" in result.stderr


def test_a_turn_that_cannot_be_answered_says_why(place: list[str]) -> None:
    result = run("ask", "  ", "--json", *place)
    assert result.exit_code == 1
    assert "empty" in json.loads(result.stdout)["error"]
    spoken = run("ask", "hi", "--tool", "telepathy", *place)
    assert spoken.exit_code == 1
    assert "telepathy" in spoken.stderr


def test_documents_are_searched(place: list[str]) -> None:
    result = run("documents", "search", "How fast does the lamp turn?", "--json", *place)
    found = json.loads(result.stdout)
    assert found[0]["document"] == "lighthouse.md"
    assert "twelve seconds" in found[0]["text"]


def test_a_models_text_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b[2J\x9b31m\x07b\tc\nd\r") == "a[2J31mb\tc\nd"
