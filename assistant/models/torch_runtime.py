"""The network on torch, for machines without OpenVINO. Slower, and torch takes a second to load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.models.graph import ATTENTION_HEADS, EPSILON, FEATURES, LAYERS, Weights
from assistant.models.heads import Head

if TYPE_CHECKING:
    from torch import Tensor


class TorchRuntime:
    """See assistant.models.runtime.Runtime."""

    name = "torch"

    def __init__(self, weights: Weights, heads: Sequence[Head]) -> None:
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
        self._weights = {
            name: torch.from_numpy(array.astype(np.float32))
            for name, array in weights.items()
            if not name.endswith("position_ids")
        }
        self._bert = BertModel(config, add_pooling_layer=False).eval()
        self._bert.load_state_dict(self._weights, strict=False)
        self._heads = tuple(heads)

    def infer(self, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        """See Runtime."""
        import torch

        ids, mask, segments, features = (torch.from_numpy(array).long() for array in inputs)
        with torch.inference_mode():
            embedded = self._bert.embeddings.word_embeddings(ids)
            if FEATURES in self._weights:
                embedded = embedded + self._weights[FEATURES][features]
            hidden = self._bert(
                inputs_embeds=embedded, attention_mask=mask, token_type_ids=segments
            ).last_hidden_state
            kept = mask.unsqueeze(-1).float()
            mean = (hidden * kept).sum(1) / kept.sum(1)
            if not self._heads:
                return [torch.nn.functional.normalize(mean).numpy()]
            return [self._head(head, hidden, mean).numpy() for head in self._heads]

    def _head(self, head: Head, hidden: Tensor, mean: Tensor) -> Tensor:
        weight = self._weights[f"heads.{head.name}.weight"]
        states = hidden if head.per_token else mean
        return states @ weight.T + self._weights[f"heads.{head.name}.bias"]
