from __future__ import annotations

import pytest

from assistant import prompts
from assistant.errors import PromptError

GOLDEN: dict[str, tuple[dict[str, object], str]] = {
    "system": (
        {},
        "You are Switchboard, a private assistant that runs on this computer. "
        "Answer briefly and plainly. If you do not know, say so.",
    ),
    "grounded": (
        {"passages": ["Top-k keeps k tokens.", "{{ x }}"], "question": "Q?", "answer": "k tokens"},
        "Passages:\n[1] Top-k keeps k tokens.\n[2] {{ x }}\n\nQuestion: Q?\n"
        "Answer found: k tokens\n\n"
        "Write this answer as one or two full sentences. Use only the passages.",
    ),
    "tutorial": (
        {"passages": ["One.", "Two."], "question": "Q?"},
        "Answer the question with the context below. If you do not know the answer, say that you "
        "do not know. Use three sentences at most.\n\nContext:\nOne.\n\nTwo.\n\nQuestion: Q?\n"
        "Answer:",
    ),
    "rephrase_summary": (
        {"summary": "A <b> & c."},
        "Rewrite this summary in plain words. Keep every fact, add nothing, "
        "and do not make it longer.\n\nA <b> & c.",
    ),
}


def test_every_prompt_renders_to_its_golden_text() -> None:
    assert set(prompts.names()) == set(GOLDEN)
    for name, (values, text) in GOLDEN.items():
        assert prompts.variables(name) == set(values)
        assert prompts.render(name, **values) == text


@pytest.mark.parametrize(
    ("name", "values", "named"),
    [
        ("grouned", {}, "no prompt 'grouned'.*grounded"),
        ("../README", {}, "no prompt"),
        ("rephrase_summary", {}, "summary is missing"),
        ("rephrase_summary", {"summary": "x", "lenght": 3}, "lenght is not used"),
    ],
)
def test_a_prompt_used_wrongly_is_named(name: str, values: dict[str, object], named: str) -> None:
    with pytest.raises(PromptError, match=named):
        prompts.render(name, **values)
