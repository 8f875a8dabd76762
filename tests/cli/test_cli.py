"""The command line, run as a user runs it: words for people, one document for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app
from assistant.settings import PROJECT

PAGE = "# Lighthouses\n\nThe lamp of the old lighthouse turns once in twelve seconds.\n"


def run(*words: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "lighthouse.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_the_command_line_starts_without_loading_a_model_or_the_page() -> None:
    code = (
        "import sys, assistant.cli; heavy = {'torch', 'gradio', 'transformers', 'faiss', "
        "'llama_cpp', 'openvino', 'sklearn', 'pandas'}; print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert result.stdout.strip() == "[]"


def test_documents_are_added_listed_and_removed(data: Path, page: Path) -> None:
    added = json.loads(run("documents", "add", page, "--json", "--data-dir", data).stdout)
    assert [document["name"] for document in added["added"]] == ["lighthouse.md"]
    assert added["errors"] == []
    listed = run("documents", "list", "--data-dir", data)
    assert "lighthouse.md" in listed.stdout
    removed = run("documents", "remove", "lighthouse.md", "--json", "--data-dir", data)
    assert json.loads(removed.stdout)["name"] == "lighthouse.md"
    assert json.loads(run("documents", "list", "--json", "--data-dir", data).stdout) == []


def test_documents_are_collected_updated_and_verified(data: Path, page: Path) -> None:
    end = ("--json", "--data-dir", data)
    run("documents", "add", page, "--collection", "coast", *end)
    listed = json.loads(run("documents", "list", "--collection", "Coast", *end).stdout)
    assert [document["collections"] for document in listed] == [["coast"]]
    page.write_text(PAGE.replace("twelve", "twenty"), encoding="utf-8")
    done = json.loads(run("documents", "update", *end).stdout)
    assert [document["name"] for document in done["changed"]] == ["lighthouse.md"]
    found = run("documents", "search", "lamp", "--collection", "coast", "--data-dir", data)
    assert "twenty seconds" in found.stdout
    asked = ("ask", "How fast does the lamp turn?", "--tool", "documents", "--collection")
    answer = json.loads(run(*asked, "coast", *end).stdout)
    places = [*answer["citations"], *answer["passages"]]
    assert {place["document"] for place in places} == {"lighthouse.md"}
    unknown = run(*asked, "harbour", *end)
    assert unknown.exit_code == 1
    assert "no collection “harbour”" in json.loads(unknown.stdout)["error"]
    checked = run("documents", "verify", "--data-dir", data)
    assert checked.exit_code == 0
    assert "nothing is wrong" in checked.stdout
    run("documents", "release", "lighthouse.md", "coast", *end)
    empty = run("documents", "list", "--collection", "coast", *end)
    assert "no collection “coast”" in json.loads(empty.stdout)["error"]


def test_one_bad_file_does_not_keep_the_others_out(data: Path, page: Path) -> None:
    empty = page.with_name("empty.txt")
    empty.write_bytes(b"")
    result = run("documents", "add", empty, page, "--json", "--data-dir", data)
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert [document["name"] for document in report["added"]] == ["lighthouse.md"]
    assert report["errors"][0]["path"] == str(empty)


def test_the_documents_are_tested_with_questions_about_themselves(data: Path) -> None:
    asked = ("documents", "test", "--questions", "5", "--data-dir", data)
    done = json.loads(run(*asked, "--json").stdout)
    assert [figure["name"] for figure in done["figures"]][:2] == ["recall@1", "recall@5"]
    assert 0 < len(done["questions"]) == done["planned"] <= 5
    assert "citation precision" in run(*asked).stdout
    refused = run("documents", "test", "--questions", "0", "--data-dir", data)
    assert refused.exit_code == 1
    assert "choose 1 to 200" in refused.stderr


def test_a_folder_stands_for_the_documents_in_it(data: Path, page: Path) -> None:
    page.with_name("program.bin").write_bytes(b"\0\1")
    result = run("documents", "add", page.parent, "--json", "--data-dir", data)
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["added"]) == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_an_error_is_a_sentence_and_exit_code_1(data: Path, as_json: bool) -> None:
    flags = ["--json"] if as_json else []
    result = run("documents", "remove", "nothing", "--data-dir", data, *flags)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    if as_json:
        assert "nothing" in json.loads(result.stdout)["error"]
    else:
        assert result.stdout == ""
        assert "nothing" in result.stderr


def test_a_wrong_setting_is_exit_code_2(data: Path) -> None:
    result = run("ask", "hi", "--profile", "enormous", "--json", "--data-dir", data)
    assert result.exit_code == 2
    assert "ASSISTANT_PROFILE" in json.loads(result.stdout)["error"]


@pytest.mark.parametrize("words", [["--bogus"], ["ask"], ["ask", "hi", "--bogus"], ["dance"]])
def test_a_command_that_is_not_understood_is_exit_code_2(words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_an_attachment_that_is_not_there_is_explained(data: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    result = run("ask", "tl;dr", "--attach", missing, "--json", "--data-dir", data)
    assert result.exit_code == 1
    assert "missing.txt" in json.loads(result.stdout)["error"]


def test_a_question_on_standard_input_that_is_not_text_is_explained(data: Path) -> None:
    result = run("ask", "-", "--json", "--data-dir", data, stdin=b"\xff\xfe\xff")
    assert result.exit_code == 1
    assert "UTF-8" in json.loads(result.stdout)["error"]


def test_evaluating_a_role_asks_for_its_data(data: Path) -> None:
    result = run("evaluate", "sentiment", "--json", "--data-dir", data)
    assert result.exit_code == 1
    assert "--data" in json.loads(result.stdout)["error"]


def test_evaluating_looks_for_the_model_in_the_data_directory(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = data / "models" / "sentiment" / "current.json"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{", "utf-8")
    run("evaluate", "sentiment", "--data-dir", data, "--data", data)
    assert str(damaged) in caplog.text
