"""The README is a promise: what it names must exist, and what exists must be named."""

from __future__ import annotations

import re
from pathlib import Path

import assistant.tools
from assistant.discovery import members
from assistant.settings import PROJECT, Settings

README = (PROJECT / "README.md").read_text("utf-8")


def test_every_setting_is_in_the_table_with_its_default() -> None:
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `--{name.replace('_', '-')}` \| (.*?) \| (.+) \|$", README, re.M)
        assert row, f"README.md has no row for --{name.replace('_', '-')}"
        if not isinstance(field.default, Path):
            assert row.group(1) == (f"`{field.default}`" if field.default not in (None, ()) else "")


def test_the_two_commands_are_there_once() -> None:
    assert len(re.findall(r"&& python app\.py$", README, re.M)) == 1
    assert len(re.findall(r"&& python -m pytest$", README, re.M)) == 1


def test_the_map_names_every_part_of_the_package() -> None:
    parts = {path.name for path in (PROJECT / "assistant").iterdir() if path.name[0] != "_"}
    missing = [part for part in sorted(parts) if part not in README]
    assert not missing


def test_the_help_of_every_tool_is_reachable_by_its_name() -> None:
    library_page = (PROJECT / "index/documents/using-switchboard.md").read_text("utf-8")
    for name in members(assistant.tools):
        assert f"/{name}" in library_page


def test_every_link_into_the_project_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)\)", README):
        assert (PROJECT / target).exists(), target


def test_every_anchor_is_a_heading() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in README.splitlines()
        if line.startswith("#")
    }
    for anchor in re.findall(r"\]\(#([^)]+)\)", README):
        assert anchor in headings
