from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant import Settings
from assistant.generation.generator import load
from assistant.models.seq2seq import HubSummarizer, HubTranslator
from assistant.types import Message, Sampling

Maker = Callable[..., str]
LONG = "Ada Thorne built the lighthouse on Gull Rock in 1874. " * 60


def test_a_summary_keeps_to_its_length_and_the_window_is_known(made: Maker) -> None:
    model = HubSummarizer(made("bart", "ConditionalGeneration"))
    assert model.fits("a short one")
    assert not model.fits(LONG)
    for text in ("a short one", LONG, "", "🙂"):
        assert len(model.summarize(text, (1, 8))) < 200
    assert model.summarize(LONG, (5, 10)) == model.summarize(LONG, (5, 10))


def test_t5_names_its_languages_in_its_tasks(made: Maker) -> None:
    model = HubTranslator(made("t5"))
    assert model.directions == {
        ("en", "de"): "translate English to German: ",
        ("en", "fr"): "translate English to French: ",
    }
    texts = ["The house is small.", "", "🙂"]
    german, french = (list(model.translate(texts, "en", to)) for to in ("de", "fr"))
    assert len(german) == len(french) == len(texts)
    assert german != french  # the task before the text is read


def test_marian_names_its_languages_in_its_tokenizer(made: Maker) -> None:
    model = HubTranslator(made("marian"))
    assert list(model.directions) == [("en", "de")]
    assert len(list(model.translate(["The house is small.", LONG], "en", "de"))) == 2


def test_a_llama_generates_and_shows_its_tokens(made: Maker, tmp_path: Path) -> None:
    settings = Settings.read([], data_dir=tmp_path)
    model = load(f"transformers:{made('llama')}", settings)
    greedy = Sampling(strategy="greedy", max_tokens=6)
    first, second = ("".join(model.stream([Message("user", "hello")], greedy)) for _ in range(2))
    assert first == second
    pieces = model.tokenized("Two tokens").pieces
    assert "".join(piece.entry for piece in pieces).replace("Ġ", " ") == "Two tokens"
    assert [piece.start for piece in pieces] == sorted(piece.start for piece in pieces)
