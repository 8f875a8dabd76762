"""The network on torch, for machines without OpenVINO. Slower, and torch takes a second to load."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.models.graph import ATTENTION_HEADS, EPSILON, FEATURES, LAYERS, Weights
from assistant.models.heads import Head

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import BertModel


def bert(weights: Weights) -> BertModel:
    """Return the encoder as a transformers model with these weights."""
    import torch
    from transformers import BertConfig, BertModel

    words = weights["embeddings.word_embeddings.weight"]
    config = BertConfig(
        vocab_size=words.shape[0],
        hidden_size=words.shape[1],
        num_hidden_layers=LAYERS,
        num_attention_heads=ATTENTION_HEADS,
        intermediate_size=weights["encoder.layer.0.intermediate.dense.bias"].shape[0],
        layer_norm_eps=EPSILON,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(
        {name: torch.from_numpy(weights[name].astype(np.float32)) for name in model.state_dict()}
    )
    return model


class TorchRuntime:
    """See assistant.models.runtime.Runtime."""

    name = "torch"
    lanes = 1

    def __init__(self, weights: Weights, heads: Sequence[Head], taps: Sequence[int] = ()) -> None:
        import torch

        self._bert = bert(weights).eval()
        self._own = {
            name: torch.from_numpy(weights[name].astype(np.float32))
            for name in weights
            if name == FEATURES or name.startswith("heads.")
        }
        self._heads = tuple(heads)
        self._taps = tuple(taps)
        self._lock = Lock()

    def infer(self, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        """See Runtime."""
        with self._lock:
            return self._infer(inputs)

    def _infer(self, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        import torch

        ids, mask, segments, features = (torch.from_numpy(array).long() for array in inputs)
        with torch.inference_mode():
            embedded = self._bert.embeddings.word_embeddings(ids)
            if FEATURES in self._own:
                embedded = embedded + self._own[FEATURES][features]
            states = self._bert(
                inputs_embeds=embedded,
                attention_mask=mask,
                token_type_ids=segments,
                output_hidden_states=bool(self._taps),
            )
            if self._taps:
                return [states.hidden_states[layers].numpy() for layers in self._taps]
            hidden = states.last_hidden_state
            kept = mask.unsqueeze(-1).float()
            mean = (hidden * kept).sum(1) / kept.sum(1)
            if not self._heads:
                return [torch.nn.functional.normalize(mean).numpy()]
            return [self._head(head, hidden, mean).numpy() for head in self._heads]

    def _head(self, head: Head, hidden: Tensor, mean: Tensor) -> Tensor:
        weight = self._own[f"heads.{head.name}.weight"]
        states = hidden if head.per_token else mean
        return states @ weight.T + self._own[f"heads.{head.name}.bias"]
