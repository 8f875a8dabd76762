"""The hub classes on small checkpoints made here: random weights, real files, real code paths."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models import hub
from assistant.models.blanks import HubBlanks
from assistant.models.entailment import HubEntailment
from assistant.models.seq2seq import HubTranslator

Maker = Callable[..., str]
LONG = "Ada Thorne built the lighthouse on Gull Rock in 1874. " * 60
TEXTS = ["a short one", LONG, "", "🙂🙂", "https://example.org", "Привет, 世界 \ud83d"]
SST = ("distilbert", "SequenceClassification", ("NEGATIVE", "POSITIVE"))
NER = ("bert", "TokenClassification", ("O", "B-PER", "I-PER"))
QA = ("distilbert", "QuestionAnswering")
TOXIC = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
NLI = ("bart", "SequenceClassification", ("contradiction", "neutral", "entailment"))


def test_a_two_class_model_scores_the_three_labels(made: Maker) -> None:
    for scores in hub.HubClassifier(made(*SST)).predict(TEXTS):
        assert list(scores) == ["negative", "neutral", "positive"]
        assert scores["neutral"] == 0
        assert sum(scores.values()) == pytest.approx(1)


def test_a_long_text_is_read_to_its_end(made: Maker) -> None:
    model = hub.HubClassifier(made(*SST))
    one, other = model.predict([LONG + "good " * 200, LONG + "bad " * 200])
    assert one != other


def test_entities_are_whole_and_inside_the_text(made: Maker) -> None:
    model = hub.HubTagger(made(*NER))
    for text, spans in zip(TEXTS, model.tag_many(TEXTS), strict=True):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        assert {span.label for span in spans} <= {"PER"}
    assert model.tag_many([]) == []


def test_answers_lie_in_their_context(made: Maker) -> None:
    model = hub.HubReader(made(*QA))
    for question in ("Who?", "Who? " * 1_000):
        for context, answer in zip(TEXTS, model.read(question, TEXTS), strict=True):
            assert context[answer.start : answer.end] == answer.text
            assert 0 <= answer.score <= 1


def test_category_names_become_ours(made: Maker) -> None:
    model = hub.HubModerator(made("bert", "SequenceClassification", TOXIC))
    results = model.score(TEXTS)
    assert set(results[0].scores) == set(model.thresholds)
    assert {"toxicity", "profanity", "identity_attack", "threat"} <= set(results[0].scores)


def test_labels_share_one_choice_or_stand_alone(made: Maker) -> None:
    model = HubEntailment(made(*NLI))
    for scores in model.score(TEXTS, ["sports", "politics", "tech"]):
        assert sum(scores.values()) == pytest.approx(1)
    alone = model.score(TEXTS[:1], ["sports"], several=True)[0]
    with_another = model.score(TEXTS[:1], ["sports", "tech"], several=True)[0]
    assert alone["sports"] == pytest.approx(with_another["sports"], abs=1e-4)


def test_every_blank_is_filled(made: Maker) -> None:
    filled = HubBlanks(made("distilbert", "MaskedLM")).fill("The [MASK] is in [MASK].", 3)
    assert [len(scores) for scores in filled] == [3, 3]
    assert all(0 < score < 1 for scores in filled for score in scores.values())


def test_a_model_that_cannot_be_had_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model folder.*--models"):
        hub.HubClassifier(str(tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("kind", "checkpoint", "words"),
    [
        (hub.HubReader, NER, "no trained head for answering questions"),
        (hub.HubClassifier, QA, "no trained head for classifying texts"),
        (HubTranslator, SST, "no trained head for writing one text from another"),
        (HubBlanks, ("t5",), "no trained head for filling blanks"),
        (hub.HubClassifier, NLI, "labels contradiction, neutral, entailment"),
        (hub.HubModerator, SST, "labels NEGATIVE, POSITIVE"),
        (hub.HubTagger, ("bert", "TokenClassification"), "labels a, b"),
        (HubEntailment, SST, "entailment and contradiction"),
        (HubTranslator, ("bart", "ConditionalGeneration"), "does not say which languages"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_model_for_another_task_is_refused(
    made: Maker, kind: type, checkpoint: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ModelError, match=f"{words}.*--models"):
        kind(made(*checkpoint))


def _copied(folder: str, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def test_pickled_weights_are_never_loaded(made: Maker, tmp_path: Path) -> None:
    import torch

    folder = _copied(made(*SST), tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    torch.save({"a": torch.zeros(1)}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="not stored as safetensors"):
        hub.HubClassifier(str(folder))


def test_code_that_comes_with_a_model_is_never_run(made: Maker, tmp_path: Path) -> None:
    folder = _copied(made(*SST), tmp_path / "coded")
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config"}}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(ModelError, match="cannot be loaded"):
        hub.HubClassifier(str(folder))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_file_is_said_so(made: Maker, tmp_path: Path, file: str) -> None:
    folder = _copied(made(*SST), tmp_path / "damaged")
    (folder / file).write_bytes((folder / file).read_bytes()[:100])
    with pytest.raises(ModelError, match=r"cannot be loaded from .*damaged or missing, delete"):
        hub.HubClassifier(str(folder))
