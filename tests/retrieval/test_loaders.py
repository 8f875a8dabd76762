"""Every format gives its text, and every unusable file a sentence that says what to do."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.chunking import chunk
from assistant.retrieval.limits import Limits
from assistant.retrieval.loaders import SUPPORTED, clean, display_name, load
from tests.retrieval import files
from tests.retrieval.loading import refusal, write

GOOD: dict[str, bytes] = {
    ".csv": b"name,mood\nAda,a warm welcome\n",
    ".docx": files.docx("Greeting", "a warm welcome"),
    ".epub": files.epub("Greeting", "a warm welcome"),
    ".htm": b"<p>a warm welcome</p>",
    ".html": b"<html><body><h1>Greeting</h1><p>a warm welcome</p></body></html>",
    ".ipynb": files.notebook("a warm welcome"),
    ".json": json.dumps([{"mood": "a warm welcome"}]).encode(),
    ".jsonl": b'{"mood": "a warm welcome"}\n\n{"mood": "another"}\n',
    ".markdown": b"Greeting\n===\n\na warm welcome\n",
    ".mdx": b"# Greeting\n\na warm welcome\n",
    ".md": b"# Greeting\n\na warm welcome\n",
    ".pdf": files.pdf(["a warm welcome", "second page"]),
    ".pptx": files.pptx([("Greeting", "a warm welcome"), ("Next", "second slide")]),
    ".tsv": b"name\tmood\nAda\ta warm welcome\n",
    ".txt": b"a warm welcome",
    ".xlsx": files.xlsx("People", [["name", "mood"], ["Ada", "a warm welcome"]]),
}


def test_every_supported_suffix_has_an_example_here() -> None:
    assert set(GOOD) == set(SUPPORTED)


@pytest.mark.parametrize("suffix", SUPPORTED)
def test_each_format_gives_its_text(suffix: str, tmp_path: Path) -> None:
    document = load(write(tmp_path, f"file{suffix}", GOOD[suffix]))
    assert "a warm welcome" in document.text
    assert (document.name, document.kind) == (f"file{suffix}", suffix[1:])
    assert "\r" not in document.text


@pytest.mark.parametrize("suffix", [".docx", ".epub", ".html"])
def test_headings_survive_as_markdown(suffix: str, tmp_path: Path) -> None:
    assert "# Greeting" in load(write(tmp_path, f"file{suffix}", GOOD[suffix])).text


@pytest.mark.parametrize(
    ("suffix", "second"), [(".pdf", "second page"), (".pptx", "# Next")], ids=["pdf", "pptx"]
)
def test_pages_begin_where_their_text_does(suffix: str, second: str, tmp_path: Path) -> None:
    document = load(write(tmp_path, f"file{suffix}", GOOD[suffix]))
    assert document.pages[0] == 0
    assert document.text[document.pages[1] :].startswith(second)
    assert len(document.pages) == 2


def test_rows_carry_their_column_names(tmp_path: Path) -> None:
    data = b'name;mood\nAda;"glad; very"\n\nBob;\n'
    assert load(write(tmp_path, "a.csv", data)).text == ("name: Ada · mood: glad; very\nname: Bob")
    rows = [["name", "age"], ["Ada", 36], [None, None], ["Bob", 4.5]]
    text = load(write(tmp_path, "a.xlsx", files.xlsx("People", rows))).text
    assert text == "## People\n\nname: Ada · age: 36\nname: Bob · age: 4.5"


def test_a_messy_table_keeps_its_titles_its_columns_and_its_long_cells(tmp_path: Path) -> None:
    data = 'Umsätze 2024\n\nName;Notiz;\n"Müller & Söhne";"erste Zeile\nzweite Zeile";x\nOtto;;\n'
    text = load(write(tmp_path, "a.csv", data.encode("cp1252"))).text
    assert text == (
        "Umsätze 2024\nName: Müller & Söhne · Notiz: erste Zeile zweite Zeile · x\nName: Otto"
    )
    one = load(write(tmp_path, "b.csv", b"mood\nglad\nsad\n")).text
    assert one == "mood: glad\nmood: sad"


def test_a_workbook_gives_its_visible_sheets_with_dates_as_days(tmp_path: Path) -> None:
    rows = [["Budget"], ["item", "due"], ["rent", datetime(2024, 5, 1)]]
    text = load(write(tmp_path, "a.xlsx", files.xlsx("Plan", rows, hidden="secret"))).text
    assert text == "## Plan\n\nBudget\nitem: rent · due: 2024-05-01"


def test_a_pdf_loses_running_heads_and_has_headings_where_its_bookmarks_lead(
    tmp_path: Path,
) -> None:
    pages = [
        f"ACME Handbook\nChapter {word}\nAll about {word}.\n# no title\nPage {number} of 5"
        for number, word in enumerate(["apples", "bees", "cats", "dogs", "eels"], start=1)
    ]
    data = files.pdf(pages, bookmarks=[("BEES", 1), ("Chapter  dogs", 3), ("Appendix", 4)])
    document = load(write(tmp_path, "a.pdf", data))
    assert "Handbook" not in document.text
    assert "Page" not in document.text
    found = [(c.heading, c.page, c.text) for c in chunk(document) if "bees" in c.text]
    assert found == [("Chapter bees", 2, "All about bees.\n\u00a0# no title")]
    assert [(c.page, c.heading) for c in chunk(document)] == [
        (1, ""),
        (2, "Chapter bees"),
        (3, "Chapter bees"),
        (4, "Chapter dogs"),
        (5, "Appendix"),
    ]


def test_a_pdf_of_a_table_keeps_its_first_and_last_rows(tmp_path: Path) -> None:
    pages = [f"{n * 7} apples\nand\n{n * n} 3 pears" for n in range(1, 9)]
    document = load(write(tmp_path, "a.pdf", files.pdf(pages)))
    assert document.text == "\n\n".join(pages)
    cards = [f"Card {n}\nPage {n}" for n in range(1, 9)]
    assert load(write(tmp_path, "b.pdf", files.pdf(cards))).text == "\n\n".join(cards)


def test_markdown_keeps_its_code_and_loses_its_comments(tmp_path: Path) -> None:
    source = (
        "---\nlicense: mit\n---\n<!-- hidden\nwords -->\nTitle\n=====\n\nText.\n\nPart\n---\n\n"
        "```html\n<!-- stays -->\nx\n===\n<br>\n```\n\n"
        "<div class='a'\n  id='b'><br/>\n\nA `<p>` is <b>bold</b>.\n\n</div>\n\n- one\n---\n"
    )
    text = load(write(tmp_path, "a.md", source.replace("\n", "\r\n").encode())).text
    assert text == (
        "license: mit\n\n# Title\n\nText.\n\n## Part\n\n"
        "```html\n<!-- stays -->\nx\n===\n<br>\n```\n\n"
        "\n\nA `<p>` is <b>bold</b>.\n\n\n\n- one\n---"
    )


def test_a_notebook_gives_its_words_and_code_without_outputs(tmp_path: Path) -> None:
    text = load(write(tmp_path, "a.ipynb", files.notebook("words"))).text
    assert text == "# Greeting\n\nwords\n\n```\nprint('hi')\n```"
    assert "no notebook" in refusal(write(tmp_path, "b.ipynb", b'{"worksheets": []}'))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_is_read_in_any_usual_encoding(encoding: str, tmp_path: Path) -> None:
    text = "Café “naïve” – a short and ordinary line, Müller said."
    assert load(write(tmp_path, "a.txt", text.encode(encoding))).text == text


def test_cyrillic_text_without_a_mark_is_recognised(tmp_path: Path) -> None:
    text = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 5
    assert load(write(tmp_path, "a.txt", text.encode("cp1251"))).text == text


def test_html_loses_scripts_and_navigation(tmp_path: Path) -> None:
    page = (
        b"<html><head><title>t</title><style>p{}</style></head><body><nav>Home Shop</nav>"
        b"<script>steal()</script><p>Read <a href='https://x.test'>this</a> now.</p>"
        b"<footer>Imprint</footer></body></html>"
    )
    assert load(write(tmp_path, "a.html", page)).text == "Read this now."


def test_html_gives_the_main_part_as_its_reader_sees_it(tmp_path: Path) -> None:
    page = (
        "<body><div role='navigation'>Menu</div><div>Subscribe now</div><main><h1>Tea</h1>"
        "<p style='display: none'>hidden words</p><p hidden>more of them</p><!-- note -->"
        f"<p>{'Steep it well. ' * 20}</p><pre><code>boil()\nsteep()</code></pre>"
        "<table><tr><th>tea</th><th>minutes</th></tr><tr><td>green</td><td>2</td></tr></table>"
        "</main></body>"
    )
    text = load(write(tmp_path, "a.html", page.encode())).text
    assert text.startswith("# Tea")
    assert "```\nboil()\nsteep()\n```" in text
    assert "| green | 2 |" in text
    assert not any(word in text for word in ("Menu", "Subscribe", "hidden", "more of", "note"))


def test_controls_and_direction_marks_are_removed_and_tabs_stay(tmp_path: Path) -> None:
    text = "a\x07b\tc\r\nd\u202ee\x1b[31m\ufeff"
    assert load(write(tmp_path, "a.txt", text.encode())).text == "ab\tc\nde[31m"
    assert load(write(tmp_path, "a.json", b'["half \\ud83d of one"]')).text == "half  of one"


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    assert "is empty (0 bytes)" in refusal(write(tmp_path, "a.txt", b""))
    assert "holds no text" in refusal(write(tmp_path, "a.txt", b" \n "))


def test_a_file_over_the_limit_is_refused_with_both_sizes(tmp_path: Path) -> None:
    message = refusal(
        write(tmp_path, "a.txt", b"x" * 3_000_000), limits=Limits(file_bytes=2_000_000)
    )
    assert "3.0 MB" in message
    assert "2.0 MB" in message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "cannot be opened: no such file" in refusal(tmp_path / "gone.txt")
    (tmp_path / "folder.md").mkdir()
    assert "is not a file" in refusal(tmp_path / "folder.md")


@pytest.mark.parametrize(
    ("name", "data", "looks_like"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture"),
        ("a.md", GOOD[".pdf"], "a PDF file"),
        ("a.csv", GOOD[".xlsx"], "a ZIP archive or Office file"),
        ("a.txt", bytes(range(256)) * 8, "binary data"),
        ("a.pdf", b"just words", "plain text"),
        ("a.docx", b"just words", "plain text"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 64, "an old or password-protected Office file"),
    ],
)
def test_a_renamed_file_is_recognised(
    name: str, data: bytes, looks_like: str, tmp_path: Path
) -> None:
    assert f"its content is {looks_like}" in refusal(write(tmp_path, name, data))


def test_an_office_file_under_another_office_name_is_recognised(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, "a.docx", GOOD[".xlsx"]))
    assert "without word/document.xml" in message


def test_an_unknown_suffix_lists_the_known_ones(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, "a.xls", b"x"))
    assert "a .xls file" in message
    assert "Save it as .xlsx" in message
    assert all(suffix in message for suffix in SUPPORTED)
    assert "without a suffix" in refusal(write(tmp_path, "README", b"x"))


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".pptx", ".xlsx", ".epub"])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_file_cut_short_gives_a_sentence(suffix: str, kept: float, tmp_path: Path) -> None:
    data = GOOD[suffix][: int(len(GOOD[suffix]) * kept)]
    path = write(tmp_path, f"file{suffix}", data)
    assert "damaged" in refusal(path)


def test_a_pdf_with_a_password_says_so(tmp_path: Path) -> None:
    assert "password" in refusal(write(tmp_path, "a.pdf", files.pdf(["x"], encrypted=True)))


def test_a_scanned_pdf_says_what_to_do(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, "scan.pdf", files.pdf(["", ""])))
    assert "2 pages but no text" in message
    assert "OCR" in message


def test_broken_records_name_their_line(tmp_path: Path) -> None:
    assert "line 2 is not JSON" in refusal(write(tmp_path, "a.jsonl", b'{"a": 1}\n{"a": \n'))
    assert "line 2" in refusal(write(tmp_path, "a.json", b"[1,\n oops]"))


def test_an_archive_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    bomb = bytearray(files.archive({"word/document.xml": "0"}))
    entry = bomb.index(b"PK\x01\x02")
    bomb[entry + 24 : entry + 28] = (4_000_000_000).to_bytes(4, "little")  # the size it claims
    assert "unpacks to more than" in refusal(write(tmp_path, "bomb.docx", bytes(bomb)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\cv.md", "cv.md"),
        ("ev\u202elmth.txt", "ev lmth.txt"),
        ("a\nb.txt", "a b.txt"),
        ("..", "document"),
        ("", "document"),
    ],
)
def test_a_display_name_has_no_folders_and_no_tricks(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_the_given_name_is_shown_and_decides_the_format(tmp_path: Path) -> None:
    document = load(write(tmp_path, "upload-1234", b"# hi"), name="notes/../My notes.md")
    assert (document.name, document.kind) == ("My notes.md", "md")


@given(st.text())
def test_cleaning_is_idempotent_and_always_encodable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()
