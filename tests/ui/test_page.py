"""What the page is built of, before a browser sees it."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.moderation.desk import Desk
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.ui import page
from tests.ui.standin import ScriptedAssistant


def test_the_page_names_the_generators_and_keeps_their_specs_to_itself(tmp_path: Path) -> None:
    settings = Settings.read([], data_dir=tmp_path)
    storage = Storage.from_settings(settings)
    blocks = page.build(ScriptedAssistant(settings), storage, lambda _: "ann", None, Desk())  # type: ignore[arg-type]
    sent = json.dumps(blocks.get_config_file(), default=str)
    storage.close()
    assert "A storyteller" in sent
    assert "/secret/path" not in sent
