from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant import Turn
from assistant.errors import InputError
from assistant.events import Routed, fold
from assistant.models.catalogue import Models
from assistant.moderation.policies import Policies
from assistant.moderation.policy import Policy
from assistant.settings import Settings
from assistant.tools.moderation import Moderation
from assistant.tools.tool import Services
from assistant.types import Reply, Route, Verdict


def judged(models: Models, data_dir: Path, text: str, **settings: Any) -> Reply:
    given: Any = None  # moderation uses neither library nor generators
    services = Services(Settings.read([], data_dir=data_dir, **settings), models, given, given)
    route = Route("moderation", text)
    return fold([Routed(route), *Moderation(services).run(route, Turn(text))])


def test_the_chat_follows_the_policy_of_the_settings(models: Models, tmp_path: Path) -> None:
    text = "Buy my rhubarb!"
    assert "allow" in judged(models, tmp_path, text).text
    mine = Policy(name="mine", limits={}, blocked_words=("rhubarb",))
    Policies(tmp_path, mine).save(mine)
    reply = judged(models, tmp_path, text, policy="mine")
    (verdict,) = reply.results
    assert isinstance(verdict, Verdict)
    assert verdict.verdict == "block"
    assert "rhubarb" in verdict.reason
    assert [text[span.start : span.end] for span in verdict.spans] == ["rhubarb"]


def test_a_policy_that_is_not_there_is_named(models: Models, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="“yours”"):
        judged(models, tmp_path, "Hello!", policy="yours")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("We need to kill the boss first, then loot the village.", True),
        ("Shoot him in the head and burn the tower.", True),
        ("Kill yourself, you worthless idiot.", False),
    ],
)
def test_game_talk_passes_in_a_game_chat_and_abuse_does_not(
    models: Models, tmp_path: Path, text: str, allowed: bool
) -> None:
    reply = judged(models, tmp_path, text, policy="gaming")
    assert ("**allow**" in reply.text) == allowed
