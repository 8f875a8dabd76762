"""What the page is built of, before a browser sees it."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.moderation.classroom import Classroom
from assistant.moderation.desk import Desk
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.training.workshop import Workshop
from assistant.ui import page
from tests.ui.standin import ScriptedAssistant


def test_the_page_names_the_generators_and_keeps_their_specs_to_itself(tmp_path: Path) -> None:
    settings = Settings.read([], data_dir=tmp_path)
    storage = Storage.from_settings(settings)
    blocks = page.build(
        ScriptedAssistant(settings), storage, lambda _: "ann", None, Desk(), Classroom()
    )  # type: ignore[arg-type]
    sent = json.dumps(blocks.get_config_file(), default=str)
    storage.close()
    assert "A storyteller" in sent
    assert "/secret/path" not in sent


def test_visitors_of_a_shared_page_can_change_no_policy(tmp_path: Path) -> None:
    settings = Settings.read([], data_dir=tmp_path, youtube_key="secret-key")
    storage = Storage.from_settings(settings)

    def built(workshop: Workshop | None) -> str:
        assistant = ScriptedAssistant(settings)
        blocks = page.build(assistant, storage, lambda _: "ann", workshop, Desk(), Classroom())  # type: ignore[arg-type]
        return json.dumps(blocks.get_config_file(), default=str)

    shared = built(None)
    own = built(Workshop(tmp_path, lambda: None))  # type: ignore[arg-type, return-value]
    storage.close()
    for part in ("measure-thresholds", "set-thresholds", "the one of --youtube-key"):
        assert part in own
        assert part not in shared
    assert "policies and models are changed by whoever runs" in shared
    assert "secret-key" not in own + shared
