"""What the page is built of, before a browser sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assistant.moderation.classroom import Classroom
from assistant.moderation.desk import Desk
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.training.workshop import Workshop
from assistant.ui import page
from assistant.uploads import Uploads
from tests.ui.standin import ScriptedAssistant


def built(settings: Settings, storage: Storage, workshop: Workshop | None) -> str:
    """Return everything that the page tells the browser about itself."""
    assistant: Any = ScriptedAssistant(settings)
    uploads = Uploads(settings.data_dir / "uploads", 1_000_000)
    owner_of = lambda _: "ann"  # noqa: E731
    blocks = page.build(assistant, storage, uploads, owner_of, workshop, Desk(), Classroom())
    return json.dumps(blocks.get_config_file(), default=str)


def test_the_page_names_the_generators_and_keeps_their_specs_to_itself(tmp_path: Path) -> None:
    settings = Settings.read([], data_dir=tmp_path)
    storage = Storage.from_settings(settings)
    sent = built(settings, storage, None)
    storage.close()
    assert "A storyteller" in sent
    assert "/secret/path" not in sent


def test_visitors_of_a_shared_page_can_change_no_policy(tmp_path: Path) -> None:
    settings = Settings.read([], data_dir=tmp_path, youtube_key="secret-key")
    storage = Storage.from_settings(settings)
    shared = built(settings, storage, None)
    own = built(settings, storage, Workshop(tmp_path, lambda: None))  # type: ignore[arg-type, return-value]
    storage.close()
    for part in ("measure-thresholds", "set-thresholds", "the one of --youtube-key"):
        assert part in own
        assert part not in shared
    assert "policies and models are changed by whoever runs" in shared
    assert "secret-key" not in own + shared
