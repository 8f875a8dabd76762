"""The network that is trained: the MiniLM encoder, perhaps a feature table, and linear heads.

The run-time counterpart, without torch, is ``assistant.models.graph``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.models.graph import Weights
from assistant.models.heads import FEATURES, Head
from assistant.models.torch_runtime import bert

if TYPE_CHECKING:
    import torch

RARE = -2.0  # log-odds that a label or mark is present
SMOOTHING = 0.05  # share of certainty that a "choice" gives up, so that wrong labels weigh less


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded input rows (texts × tokens) and, by head, what should come out."""

    ids: torch.Tensor
    mask: torch.Tensor
    segments: torch.Tensor
    features: torch.Tensor
    targets: Mapping[str, torch.Tensor]


def build(weights: Weights, heads: Sequence[Head], features: bool) -> torch.nn.ModuleDict:
    """Return encoder, heads and, if wanted, the feature table, as ``weights`` has them or fresh.

    The encoder's layers learn, its embedding tables do not: they are most of its size, and rare
    words would only be bent by the few texts that have them.
    """
    import torch

    encoder = bert(weights)
    encoder.set_attn_implementation("eager")  # a sixth faster than the fused one on a CPU in bf16
    for module in encoder.modules():
        if isinstance(module, torch.nn.Dropout):  # a quarter of the time; few epochs need none
            module.p = 0.0
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0
    encoder.embeddings.requires_grad_(False)
    width = encoder.config.hidden_size
    linear = {head.name: torch.nn.Linear(width, len(head.labels)) for head in heads}
    for head in heads:
        layer = linear[head.name]
        torch.nn.init.normal_(layer.weight, std=0.02)
        # Most labels and marks are absent. A bias that says so from the start keeps the first
        # steps from teaching it to the encoder, after which all texts looked alike.
        torch.nn.init.constant_(layer.bias, RARE if head.kind in {"labels", "marks"} else 0.0)
    network = torch.nn.ModuleDict({"encoder": encoder, "heads": torch.nn.ModuleDict(linear)})
    if features:
        network["features"] = torch.nn.Embedding(FEATURES, width)
        torch.nn.init.zeros_(network["features"].weight)  # type: ignore[arg-type]
    known = {
        name: torch.from_numpy(array)
        for name, array in weights.items()
        if name.startswith(("heads.", "features."))
    }
    network.load_state_dict(known, strict=False)  # of an adapter to go on from
    return network


def half_is_fast() -> bool:
    """Say whether this processor multiplies in bfloat16, which takes half the time."""
    import torch

    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def forward(
    network: torch.nn.ModuleDict, batch: Batch, heads: Sequence[Head]
) -> dict[str, torch.Tensor]:
    """Return each head's logits: (texts, labels), or (texts, tokens, labels) per token."""
    import torch

    layers: Any = network
    model = layers["encoder"]
    embedded = model.embeddings.word_embeddings(batch.ids)
    if "features" in network:
        embedded = embedded + layers["features"](batch.features)
    with torch.autocast("cpu", torch.bfloat16, enabled=half_is_fast()):
        hidden = model(
            inputs_embeds=embedded, attention_mask=batch.mask, token_type_ids=batch.segments
        ).last_hidden_state
    hidden = hidden.float()  # heads and losses want all digits
    weights = batch.mask.unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * weights).sum(1) / weights.sum(1)
    drop = torch.nn.functional.dropout
    training = network.training
    return {
        head.name: layers["heads"][head.name](
            drop(hidden if head.per_token else mean, 0.1, training)
        )
        for head in heads
    }


def loss(outputs: Mapping[str, torch.Tensor], batch: Batch, heads: Sequence[Head]) -> torch.Tensor:
    """Return the sum of the heads' mean losses; unknown targets (-100, NaN) cost nothing."""
    import torch

    losses = [_loss(head, outputs[head.name], batch) for head in heads]
    return torch.stack(losses).sum()


def _loss(head: Head, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    from torch.nn import functional

    target = batch.targets[head.name]
    if head.kind == "choice":
        return functional.cross_entropy(logits, target, label_smoothing=SMOOTHING)
    if head.kind in {"labels", "marks"}:
        target = target if head.kind == "labels" else target.unsqueeze(-1)
        known = ~target.isnan()
        if not known.any():
            return logits.sum() * 0
        return functional.binary_cross_entropy_with_logits(logits[known], target[known])
    if head.kind == "tags":
        return _tag_loss(logits, target, head)
    hidden = (batch.mask == 0) | ((batch.segments == 0) & _after_first(batch.mask))
    scores = logits.masked_fill(hidden.unsqueeze(-1), -1e4)
    return sum(  # type: ignore[return-value]
        functional.cross_entropy(scores[..., edge], target[:, edge], ignore_index=-100) / 2
        for edge in (0, 1)
    )


def _after_first(mask: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.arange(mask.shape[1]).unsqueeze(0).expand_as(mask) > 0


def _tag_loss(logits: torch.Tensor, target: torch.Tensor, head: Head) -> torch.Tensor:
    """Cross-entropy; a target past the last label means "O or MISC", whichever fits."""
    import torch

    known = target != -100
    scores = logits[known].log_softmax(-1)
    wanted = target[known]
    loose = wanted == len(head.labels)
    exact = -scores.gather(1, wanted.masked_fill(loose, 0).unsqueeze(1)).squeeze(1)
    either = [place for place, label in enumerate(head.labels) if label[-4:] in {"O", "MISC"}]
    marginal = -torch.logsumexp(scores[:, either], dim=-1)
    return torch.where(loose, marginal, exact).mean()
