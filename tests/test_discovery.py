from __future__ import annotations

import assistant.generation
import assistant.tools
from assistant.discovery import members

TOOLS = (
    "conversation documents entities fill_mask help moderation question_answering sampling "
    "sentiment similarity summarization tokens translation zero_shot"
)


def test_every_tool_file_is_found_by_its_name() -> None:
    assert list(members(assistant.tools)) == TOOLS.split()


def test_every_backend_file_is_found_by_its_name() -> None:
    assert list(members(assistant.generation)) == ["llama_cpp", "openai", "transformers"]
