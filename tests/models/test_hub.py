"""The hub classes on small checkpoints made here: random weights, real files, real code paths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models import hub
from assistant.models.encoder import package_folder

TEXTS = ["a short one", "Ada Thorne built the lighthouse on Gull Rock in 1874. " * 20]


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """A function that saves a tiny model of a kind, with these labels, and returns its folder."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(package_folder())

    def make(kind: str, labels: tuple[str, ...], safetensors: bool = True) -> str:
        folder = tmp_path_factory.mktemp(kind)
        torch.manual_seed(0)
        config = transformers.BertConfig(
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            id2label=dict(enumerate(labels)),
            label2id={label: place for place, label in enumerate(labels)},
        )
        model = getattr(transformers, f"BertFor{kind}")(config)
        model.save_pretrained(folder)
        if not safetensors:
            torch.save(model.state_dict(), folder / "pytorch_model.bin")
            (folder / "model.safetensors").unlink()
        tokenizer.save_pretrained(folder)
        return str(folder)

    return make


def test_a_two_class_model_scores_the_three_labels(checkpoints: Callable[..., str]) -> None:
    model = hub.HubClassifier(checkpoints("SequenceClassification", ("NEGATIVE", "POSITIVE")))
    for scores in model.predict(TEXTS):
        assert list(scores) == ["negative", "neutral", "positive"]
        assert scores["neutral"] == 0
        assert sum(scores.values()) == pytest.approx(1)


def test_entities_are_whole_and_inside_the_text(checkpoints: Callable[..., str]) -> None:
    model = hub.HubTagger(checkpoints("TokenClassification", ("O", "B-PER", "I-PER")))
    for text, spans in zip(TEXTS, model.tag_many(TEXTS), strict=True):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        assert {span.label for span in spans} <= {"PER"}
    assert model.tag_many([]) == []


def test_answers_lie_in_their_context(checkpoints: Callable[..., str]) -> None:
    model = hub.HubReader(checkpoints("QuestionAnswering", ("a", "b")))
    for context, answer in zip([*TEXTS, ""], model.read("Who?", [*TEXTS, ""]), strict=True):
        assert context[answer.start : answer.end] == answer.text
        assert 0 <= answer.score <= 1


def test_category_names_become_ours(checkpoints: Callable[..., str]) -> None:
    labels = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    model = hub.HubModerator(checkpoints("SequenceClassification", labels))
    results = model.score(TEXTS)
    assert set(results[0].scores) == set(model.thresholds)
    assert {"toxicity", "profanity", "identity_attack", "threat"} <= set(results[0].scores)


def test_a_model_that_cannot_be_had_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be loaded.*--profile embedded"):
        hub.HubClassifier(str(tmp_path / "nothing"))


def test_pickled_weights_are_never_loaded(checkpoints: Callable[..., str]) -> None:
    folder = checkpoints("SequenceClassification", ("A", "B"), safetensors=False)
    with pytest.raises(ModelError, match="safetensors"):
        hub.HubClassifier(folder)
