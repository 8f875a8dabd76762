"""The tools on hub models: small ones made here, given role by role with the one setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant import Assistant, Settings, Turn
from assistant.errors import SettingsError
from assistant.models.catalogue import Models
from assistant.types import Labels, Text

Maker = Callable[..., str]
NLI = ("contradiction", "neutral", "entailment")


@pytest.fixture(scope="module")
def hub(made: Maker, data_dir: Path) -> Iterator[Assistant]:
    chosen = {
        "translator": made("t5"),
        "fill_mask": made("distilbert", "MaskedLM"),
        "summarizer": made("bart", "ConditionalGeneration"),
        "zero_shot": made("bart", "SequenceClassification", NLI),
    }
    pairs = ",".join(f"{role}={model}" for role, model in chosen.items())
    assistant = Assistant(Settings.read(["--models", pairs], data_dir=data_dir))
    yield assistant
    assistant.close()


def test_each_role_is_filled_by_its_setting(hub: Assistant) -> None:
    assert hub.models.offers("translator")
    assert hub.models.source("fill_mask") == hub.settings.models["fill_mask"]
    assert hub.models.source("sentiment") == ""


def test_a_text_is_translated_sentence_by_sentence(hub: Assistant) -> None:
    reply = hub.reply(
        Turn("Translate into German:\n\nIt rains.\n\nWe stay in.", tool="translation")
    )
    (result,) = reply.results
    assert isinstance(result, Text)
    assert result.caption.startswith("English to German by ")
    assert result.text.count("\n\n") == 1


def test_only_known_languages_are_promised(hub: Assistant) -> None:
    open_ = hub.reply(Turn("It rains.", tool="translation"))
    assert open_.text.startswith("Into which language?")
    assert "German, French" in open_.text
    other = hub.reply(Turn("into Spanish: It rains.", tool="translation"))
    assert "not English into Spanish" in other.text
    assert "opus-mt-en-es" in other.text


def test_blanks_are_filled(hub: Assistant) -> None:
    reply = hub.reply(Turn("Paris is the ___ of <mask>.", tool="fill_mask"))
    assert [type(result) for result in reply.results] == [Labels, Labels]
    assert reply.text.startswith("Paris is the **")
    none = hub.reply(Turn("No blank here.", tool="fill_mask"))
    assert none.text.startswith("There is no blank")


def test_a_summary_never_says_what_the_text_does_not(hub: Assistant) -> None:
    """The small model writes nonsense, so the sentences of the text itself must come back."""
    text = "The bridge was opened in 1932. It carries trains. Nobody crossed it on foot. " * 40
    reply = hub.reply(Turn(text, tool="summarization"))
    assert reply.text
    assert all(part.strip() in text for part in reply.text.split(".") if part.strip())


def test_own_labels_are_scored_by_entailment(hub: Assistant) -> None:
    reply = hub.reply(Turn("sports, politics, tech: The striker scored.", tool="zero_shot"))
    (result,) = reply.results
    assert isinstance(result, Labels)
    assert sum(result.scores.values()) == pytest.approx(1)


def test_the_hub_profile_fills_every_role_and_one_setting_takes_it_back() -> None:
    models = Models(Settings.read(["--profile", "hub", "--models", "sentiment=embedded"]))
    assert models.source("translator").startswith("google-t5/t5-small@")
    assert models.source("reader").startswith("distilbert/")
    assert models.source("sentiment") == ""
    assert Models(Settings.read(["--models", "reader=hub"])).source("reader") != ""


@pytest.mark.parametrize(
    ("value", "words"), [("translater=hub", "names the role 'translater'"), ("x", "no role=name")]
)
def test_a_wrong_role_is_named(value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Models(Settings.read(["--models", value]))
