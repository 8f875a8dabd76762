"""What can fill each role: the adapter that ships, and a model of the Hugging Face hub.

Revisions are pinned to commits that hold safetensors, so that what is loaded stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.models import blanks, entailment, hub, seq2seq
from assistant.models.classifier import Classifier
from assistant.models.label_matcher import LabelMatcher
from assistant.models.moderator import Moderator
from assistant.models.reader import Reader
from assistant.models.segmenter import Segmenter
from assistant.models.tagger import Tagger


@dataclass(frozen=True, slots=True)
class Role:
    """What fills a role.

    Attributes:
        adapter: makes it of an adapter, the encoder and a number of threads.
        plain: makes it of the encoder alone.
        hub: makes it of a model's name; None when no hub model can fill the role.
        model: the hub profile's, as name@revision.
        megabytes: what that model's download takes, about.
    """

    adapter: Callable[..., Any] | None = None
    plain: Callable[..., Any] | None = None
    hub: Callable[[str], Any] | None = None
    model: str = ""
    megabytes: int = 0

    @property
    def embedded(self) -> bool:
        """Whether something that ships with Switchboard fills it."""
        return bool(self.adapter or self.plain)


ROLES = {
    "sentiment": Role(
        adapter=Classifier,
        hub=hub.HubClassifier,
        model="distilbert/distilbert-base-uncased-finetuned-sst-2-english"
        "@714eb0fa89d2f80546fda750413ed43d93601a13",
        megabytes=270,
    ),
    "entities": Role(
        adapter=Tagger,
        hub=hub.HubTagger,
        model="dslim/bert-base-NER@d1a3e8f13f8c3566299d95fcfc9a8d2382a9affc",
        megabytes=430,
    ),
    "reader": Role(
        adapter=Reader,
        hub=hub.HubReader,
        model="distilbert/distilbert-base-cased-distilled-squad"
        "@564e9b582944a57a3e586bbb98fd6f0a4118db7f",
        megabytes=260,
    ),
    "moderation": Role(
        adapter=Moderator,
        hub=hub.HubModerator,
        model="unitary/toxic-bert@4d6c22e74ba2fdd26bc4f7238f50766b045a0d94",
        megabytes=440,
    ),
    "segmenter": Role(adapter=Segmenter),
    "zero_shot": Role(
        plain=LabelMatcher,
        hub=entailment.HubEntailment,
        model="facebook/bart-large-mnli@d7645e127eaf1aefc7862fd59a17a5aa8558b8ce",
        megabytes=1630,
    ),
    # distilbart-cnn-12-6 is smaller, but its repository holds no safetensors.
    "summarizer": Role(
        hub=seq2seq.HubSummarizer,
        model="facebook/bart-large-cnn@37f520fa929c961707657b28798b30c003dd100b",
        megabytes=1630,
    ),
    "translator": Role(
        hub=seq2seq.HubTranslator,
        model="google-t5/t5-small@df1b051c49625cf57a3d0d8d3863ed4d13564fe4",
        megabytes=240,
    ),
    "fill_mask": Role(
        hub=blanks.HubBlanks,
        model="distilbert/distilbert-base-uncased@12040accade4e8a0f71eabdb258fecc2e7e948be",
        megabytes=270,
    ),
}
