"""The encoder with a linear layer over the mean of its tokens, as a transformers model.

The run-time counterpart is ``assistant.models.classifier``. Imports torch: load it when training.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import BertConfig, BertModel, BertPreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class PooledClassifier(BertPreTrainedModel):  # type: ignore[misc]
    """One label of several for a text: BertForSequenceClassification with the mean for [CLS]."""

    base_model_prefix = "bert"

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.bert = BertModel(config, add_pooling_layer=False)
        self.dropout = torch.nn.Dropout(0.1)
        self.classifier = torch.nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        **options: Any,
    ) -> SequenceClassifierOutput:
        """Return logits of (texts, labels), and the loss if ``labels`` are given."""
        hidden = self.bert(input_ids, attention_mask, token_type_ids, **options).last_hidden_state
        kept = attention_mask.unsqueeze(-1)
        mean = (hidden * kept).sum(1) / kept.sum(1)
        logits = self.classifier(self.dropout(mean))
        loss = None if labels is None else torch.nn.functional.cross_entropy(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)
