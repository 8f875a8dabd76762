"""What a classifier is trained from: the embedded encoder, or any model of the hub or a folder.

A base cuts texts into the windows that the run time reads, too, gives the network that is
trained, and writes it down in the form that the run time loads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from assistant.errors import ModelError
from assistant.models import temperature
from assistant.models.adapter import Adapter, save
from assistant.models.classifier import WINDOW, Classifier
from assistant.models.encoder import Encoder
from assistant.models.fine_tuned import FineTuned, window_ids
from assistant.models.heads import Head
from assistant.models.layout import join_single, windows
from assistant.models.versions import Kind

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

EMBEDDED = "embedded"
Method = Literal["lora", "full"]
RANK, ALPHA, DROPOUT = 16, 32, 0.05  # of LoRA
RATES: dict[tuple[bool, Method], float] = {  # (embedded, method) → learning rate
    (True, "lora"): 5e-4,
    (True, "full"): 1e-4,
    (False, "lora"): 3e-4,
    (False, "full"): 2e-5,
}


class Base(Protocol):
    """Where a training starts.

    Attributes:
        kind: how the run time loads what ``save`` writes.
        tokenizer: pads the windows of a batch.
    """

    kind: Kind

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """Pads the windows of a batch."""

    def windows(self, text: str) -> list[list[int]]:
        """Return the token ids of the windows that the run time reads a text in."""

    def network(self, labels: Sequence[str], method: Method) -> PreTrainedModel:
        """Return a new network with a head for ``labels``."""

    def save(
        self, network: PreTrainedModel, name: str, labels: Sequence[str], folder: Path
    ) -> None:
        """Write the trained network to ``folder``."""

    def load(self, folder: Path) -> Classifier | FineTuned:
        """Return the run-time model of ``folder``, with the temperature that it holds, if any."""


def open_base(name: str, encoder: Encoder) -> Base:
    """Return the base called ``embedded``, or a model's hub name or folder."""
    return EmbeddedBase(encoder) if name == EMBEDDED else HubBase(name)


def with_lora(network: PreTrainedModel) -> PreTrainedModel:
    """Return the network with LoRA on every linear layer of its body; its head learns whole."""
    import torch
    from peft import LoraConfig, TaskType, get_peft_model

    body = network.base_model_prefix
    linear = [
        name
        for name, layer in network.named_modules()
        if isinstance(layer, torch.nn.Linear) and name.startswith(f"{body}.")
    ]
    heads = [
        name
        for name, part in network.named_children()
        if name != body and next(part.parameters(), None) is not None
    ]
    return get_peft_model(
        network,
        LoraConfig(
            task_type=TaskType.SEQ_CLS,
            r=RANK,
            lora_alpha=ALPHA,
            lora_dropout=DROPOUT,
            target_modules=linear,
            modules_to_save=heads,
        ),
    )


class EmbeddedBase:
    """The MiniLM encoder that Switchboard ships; what is trained becomes one of its adapters."""

    kind: Kind = "adapter"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """See Base."""
        from transformers import PreTrainedTokenizerFast

        file = self._encoder.folder / "tokenizer.json"
        return PreTrainedTokenizerFast(tokenizer_file=str(file), pad_token="[PAD]")

    def windows(self, text: str) -> list[list[int]]:
        """See Base."""
        tokens = self._encoder.tokenizer.read(text)
        return [
            join_single(tokens.cut(start, end))[0] for start, end in windows(len(tokens), WINDOW, 0)
        ]

    def network(self, labels: Sequence[str], method: Method) -> PreTrainedModel:
        """See Base. The table of words stays as it is: all models share it at run time."""
        from assistant.models.torch_runtime import bert
        from assistant.training.pooled import PooledClassifier

        body = bert(self._encoder.weights)
        body.config.num_labels = len(labels)
        network = PooledClassifier(body.config)
        network.bert = body
        for weight in network.bert.embeddings.parameters():
            weight.requires_grad = False
        return with_lora(network) if method == "lora" else network

    def save(
        self, network: PreTrainedModel, name: str, labels: Sequence[str], folder: Path
    ) -> None:
        """See Base."""
        tensors = {
            _run_time_name(own, name): weight.detach().float().cpu().numpy()
            for own, weight in network.named_parameters()
            if weight.requires_grad
        }
        head = Head(name, "choice", tuple(labels))
        save(Adapter(name, (head,), tensors, ALPHA / RANK), folder, self._encoder)

    def load(self, folder: Path) -> Classifier:
        """See Base."""
        from assistant.models.adapter import load

        scale = temperature.read(folder)
        return Classifier(load(folder, self._encoder), self._encoder, temperature=scale)


def _run_time_name(name: str, head: str) -> str:
    """Return how the run time calls a weight that torch and PEFT call ``name``."""
    plain = name.replace(".modules_to_save.default", "").replace(".default", "")
    plain = plain.removeprefix("base_model.model.").removeprefix("bert.")
    return plain.replace("classifier.", f"heads.{head}.")


class HubBase:
    """A model of the Hugging Face hub, or a folder; only safetensors, and none of its code."""

    kind: Kind = "transformers"

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """See Base."""
        from transformers import AutoTokenizer

        return self._loaded(AutoTokenizer)

    def windows(self, text: str) -> list[list[int]]:
        """See Base."""
        return window_ids(self.tokenizer, text)

    def network(self, labels: Sequence[str], method: Method) -> PreTrainedModel:
        """See Base."""
        from transformers import AutoModelForSequenceClassification

        network = self._loaded(
            AutoModelForSequenceClassification,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # a head for other labels gives way to a new one
            id2label=dict(enumerate(labels)),
            label2id={label: place for place, label in enumerate(labels)},
        )
        if network.config.pad_token_id is None:
            network.config.pad_token_id = self.tokenizer.pad_token_id
        return with_lora(network) if method == "lora" else network

    def save(
        self, network: PreTrainedModel, name: str, labels: Sequence[str], folder: Path
    ) -> None:
        """See Base. LoRA is merged into the weights, so that the folder is an ordinary model."""
        whole: Any = network
        if hasattr(whole, "merge_and_unload"):
            whole = whole.merge_and_unload()
        whole.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def load(self, folder: Path) -> FineTuned:
        """See Base."""
        return FineTuned(folder)

    def _loaded(self, kind: Any, **options: Any) -> Any:
        try:
            return kind.from_pretrained(self._name, trust_remote_code=False, **options)
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).strip().split("\n")[0].rstrip(".")
            raise ModelError(
                f"The base {self._name!r} cannot be loaded as a text classifier ({reason}). It "
                "must be a folder, or a model of the Hugging Face hub that is reachable or was "
                "downloaded before, stored as safetensors; --base embedded needs no download."
            ) from error
