"""Judged comments as files: whole, harmless, and for those who may see them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.responses import JSONResponse, Response

from assistant.errors import AssistantError
from assistant.moderation.comments import Comment, Decision, Judged
from assistant.moderation.desk import UNREADABLE
from assistant.server.comment_downloads import comment_routes
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.types import Span

FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    made = Storage.from_settings(Settings.read([], data_dir=tmp_path))
    yield made
    made.close()


@pytest.fixture
def job(storage: Storage) -> str:
    """Four comments of ann's: an insult that is blocked, a formula, a broken row, a decision."""
    blocked = Decision("block", "insult", "insult is high")
    allowed = Decision("allow", "", "nothing")
    fields = {"decision": "theirs", "likes": "3"}
    job = storage.reviews.begin("session:ann", "a.csv", "standard@0", "shipped")
    storage.reviews.add(
        "session:ann",
        job,
        [
            Judged(Comment("You fool", author="Bo", fields=fields), {"insult": 0.9},
                   (Span(4, 8, "toxicity", 0.9),), blocked),
            Judged(Comment(FORMULA, fields=fields), {"insult": 0.1}, (), allowed),
            Judged(Comment("\x00", fields=fields), {}, (),
                   Decision("review", UNREADABLE, "Row 3 is broken.")),
            Judged(Comment("Hello", fields=fields), {"insult": 0.0}, (), allowed),
        ],
    )  # fmt: skip
    item = storage.reviews.items("session:ann", job)[0]
    storage.reviews.decide("session:ann", item.id, "allow", "a joke")
    return job


@pytest.fixture
def client(storage: Storage) -> TestClient:
    app = FastAPI()

    @app.middleware("http")
    async def whose(request: Request, answer: object) -> Response:
        request.state.owner = request.headers["x-owner"]
        return await answer(request)  # type: ignore[operator, no-any-return]

    @app.exception_handler(AssistantError)
    async def explain(_: Request, error: AssistantError) -> Response:
        return JSONResponse({"error": str(error)}, status_code=404)

    app.include_router(comment_routes(storage))
    return TestClient(app, headers={"x-owner": "session:ann"})


def test_csv_holds_every_comment_with_what_was_found_and_decided(
    client: TestClient, job: str
) -> None:
    answer = client.get(f"/moderation/{job}/comments.csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["verdict"] for row in rows] == ["block", "allow", "", "allow"]
    assert rows[0] | {"insult": "0.9", "marked words": "fool", "likes": "3"} == rows[0]
    assert rows[0]["decision"] == "theirs"
    assert (rows[0]["decision 2"], rows[0]["notes"]) == ("allow", "a joke")
    assert rows[1]["text"].startswith("'=")
    assert rows[2]["reason"] == "Row 3 is broken."


def test_excel_holds_no_formula(client: TestClient, job: str) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/moderation/{job}/comments.xlsx").content)
    )
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert len(list(book.active.rows)) == 5


def test_the_filter_of_the_page_is_the_filter_of_the_file(client: TestClient, job: str) -> None:
    answer = client.get(f"/moderation/{job}/comments.jsonl?verdict=block&search=fool")
    (row,) = map(json.loads, answer.text.splitlines())
    assert row["text"] == "You fool"


@pytest.mark.parametrize("query", ["", "?category=a%22%5D"])
def test_nobody_elses_comments_are_given_and_no_query_breaks_out(
    client: TestClient, job: str, query: str
) -> None:
    theirs = client.get(f"/moderation/{job}/comments.csv{query}", headers={"x-owner": "session:b"})
    assert theirs.status_code == 404
    assert "fool" not in theirs.text
