"""The page on moving over says what the APIs do."""

from __future__ import annotations

import re

from assistant.api.openai import COVERED, NOT_COVERED
from assistant.api.perspective import NOT_HERE, attribute_of
from assistant.api.perspective_messages import MOST_BYTES
from assistant.models.heads import CATEGORIES
from assistant.settings import PROJECT

PAGE = (PROJECT / "docs/migrating.md").read_text("utf-8")


def test_every_attribute_is_named_as_scored_or_as_not_here() -> None:
    scored, missing = PAGE.split("### Attributes")[1].split("Not here:")
    missing = missing.split("###")[0]
    for category in CATEGORIES:
        assert f"`{attribute_of(category)}`" in scored
    assert set(re.findall(r"`([A-Z_]+)`", missing)) == NOT_HERE
    assert f"{MOST_BYTES:,} bytes" in PAGE


def test_the_table_of_openais_categories_is_the_one_in_use() -> None:
    rows = dict(re.findall(r"^\| (`[^|]+`) \| (.+) \|$", PAGE.split("## OpenAI's")[1], re.M))
    for name, ours in COVERED.items():
        assert all(category.replace("_", " ") in rows[f"`{name}`"] for category in ours)
    uncovered = next(key for key, meaning in rows.items() if meaning.startswith("not covered"))
    assert set(re.findall(r"`([^`]+)`", uncovered)) == set(NOT_COVERED)


def test_every_link_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        file, _, anchor = target.partition("#")
        assert (PROJECT / "docs" / file).exists(), target
        assert file or anchor in headings, target
