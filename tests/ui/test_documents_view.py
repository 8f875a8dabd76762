"""What the Documents page says of files, documents and tests, before a browser sees it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.evaluation.own_documents import Outcome, Report
from assistant.evaluation.own_questions import OwnQuestion
from assistant.evaluation.questions import Asked
from assistant.retrieval.folders import Updated
from assistant.retrieval.library import Library
from assistant.types import Document, Passage
from assistant.ui.adding import Incoming, add_files
from assistant.ui.documents_view import documents_html, incoming_html, updated_html
from assistant.ui.own_test_view import report_html
from assistant.ui.work import Stops, follow
from tests.retrieval.files import WordEncoder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "store", WordEncoder())


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def files(folder: Path, **texts: str) -> list[Path]:
    made = [folder / f"{name}.txt" for name in texts]
    for path, text in zip(made, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return made


def test_what_needs_a_look_stands_above_what_is_done() -> None:
    shown = words(
        incoming_html(
            [
                Incoming("a.txt", "added", note="1 passage"),
                Incoming("b.txt", "refused", note="It is empty."),
                Incoming("c.txt", "embedded", 3, 7),
                Incoming("d.txt"),
            ]
        )
    )
    assert shown.startswith("1 of 4 files in the library, 1 refused, 2 to go")
    assert "3 of 7 passages embedded" in shown
    assert re.search("c.txt.*b.txt.*It is empty.*d.txt waiting.*a.txt", shown)


def test_a_document_tells_what_became_of_its_file() -> None:
    document = Document("i", "a.md", None, "md", 2_500_000, 3, 1, "2026-01-02T03:04", ())
    for state, said in (("changed", "Changed on disk"), ("gone", "File gone")):
        assert said in documents_html([document], {"i": state})
    shown = words(documents_html([document]))
    assert "Uploaded" in shown
    assert "2.5 MB · 3 pages · 1 passage · 2026-01-02" in shown


def test_reading_again_tells_what_changed_what_is_gone_and_what_failed() -> None:
    shown = words(updated_html(Updated((), ("x.txt",), ("“<b>” is empty.",), 2)))
    assert shown == "0 documents read again, 2 files as before, 1 file gone. “&lt;b&gt;” is empty."


def test_a_test_shows_its_figures_and_the_questions_that_failed() -> None:
    asked = Asked("What is a <b>?", ("a {tag}",), "tags.md", 0, 9)
    passage = Passage("p", "d", "tags.md", "", None, "A <b> is a {tag}.", 0, 17, 0.5)
    outcome = Outcome(OwnQuestion("answered", asked, "d"), (passage,), 0, None)
    shown = report_html(Report((outcome,), 4), "Testing …")
    assert "1 of 4 questions" in shown
    assert re.search("recall@1.*100%.*wrong refusals.*100%", words(shown))
    assert "What is a &lt;b&gt;?" in shown
    assert "a &#123;tag&#125;" in shown
    assert "Refused, though the documents answer it" in shown


def test_a_file_that_cannot_be_read_does_not_keep_the_others_out(
    library: Library, tmp_path: Path
) -> None:
    first, empty, last = files(tmp_path, first="One.", empty="", last="Two.")
    *_, ended = add_files(library, [first, empty, last], "Box", threading.Event())
    assert [file.state for file in ended] == ["added", "refused", "added"]
    assert "0 bytes" in ended[1].note
    assert library.collections() == {"Box": 2}


def test_files_of_one_name_are_numbered_and_the_same_text_is_kept_once(
    library: Library, tmp_path: Path
) -> None:
    paths = []
    for folder, text in (("a", "One."), ("b", "Two."), ("c", "One.")):
        (tmp_path / folder).mkdir()
        paths += files(tmp_path / folder, note=text)
    *_, ended = add_files(library, paths, "", threading.Event())
    assert [file.name for file in ended] == ["note.txt", "note (2).txt", "note (3).txt"]
    assert ended[2].note == "the same text as “note.txt”, kept once"
    assert len(library.documents()) == 2


def test_after_a_stop_the_rest_is_left_out(library: Library, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    *_, ended = add_files(library, files(tmp_path, a="One.", b="Two."), "", stop)
    assert [file.state for file in ended] == ["left out", "left out"]
    assert library.documents() == ()


def test_work_that_fails_says_so_after_its_last_note() -> None:
    def work(note: Callable[[int], None]) -> None:
        note(1)
        raise ValueError("broken")

    followed = follow(work)
    assert next(followed) == 1
    with pytest.raises(ValueError, match="broken"):
        list(followed)


def test_a_stop_reaches_the_work_of_its_page_only() -> None:
    stops = Stops()
    mine, other = stops.begin("a"), stops.begin("b")
    stops.stop("a")
    stops.stop("unknown")
    assert mine.is_set()
    assert not other.is_set()
