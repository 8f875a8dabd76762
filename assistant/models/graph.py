"""The MiniLM encoder as an OpenVINO graph, built straight from its weights.

No export, no torch, no cache: building and compiling takes a fraction of a second. The training
counterpart is ``assistant.training.network``; a test holds that both compute the same.
Layer weights are kept as 8-bit integers with one scale a row unless the caller wants them exact:
half the time on one short text, embeddings within a cosine of 0.998 of the exact ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.models.heads import Head

if TYPE_CHECKING:
    from openvino import Model, Node

Weights = Mapping[str, np.ndarray[Any, Any]]
LAYERS, ATTENTION_HEADS, EPSILON = 6, 12, 1e-12
FEATURES, WORDS = "features.weight", "embeddings.word_embeddings.weight"
HIDDEN = -1e4  # added to the attention scores of padding


def build(
    weights: Weights, heads: Sequence[Head], exact: bool = False, taps: Sequence[int] = ()
) -> Model:
    """Return the graph: ids, mask, segments (texts × tokens) in, and features if the weights have
    a table for them; one output a head out.

    Without heads the only output is the mean vector of each text, of length 1. With ``taps`` it is
    each token's state after so many layers instead, one output a tap.
    """
    import openvino as ov
    from openvino import opset13 as op

    names = ("ids", "mask", "segments", "features")
    ids, mask, segments, features = inputs = [
        op.parameter([-1, -1], np.int32, name) for name in names
    ]
    used = inputs if FEATURES in weights else inputs[:3]
    hidden = _embed(weights, ids, segments, features)
    attention = op.multiply(
        op.subtract(op.constant(np.float32(1)), _float(op.unsqueeze(mask, op.constant([1, 2])))),
        op.constant(np.float32(HIDDEN)),
    )  # (texts, 1, 1, tokens)
    states = []
    for layer in range(LAYERS):
        hidden = _layer(weights, f"encoder.layer.{layer}.", hidden, attention, exact)
        states.append(hidden)
    if taps:
        return ov.Model([states[layers - 1] for layers in taps], used, "minilm")
    mean = _mean(hidden, mask)
    outputs = [op.normalize_l2(mean, op.constant([1]), 1e-12, "max")] if not heads else []
    for head in heads:
        source = hidden if head.per_token else mean
        outputs.append(_linear(weights, f"heads.{head.name}.", source, exact=True))
    return ov.Model(outputs, used, "minilm")


def _matrix(weights: Weights, name: str, exact: bool) -> Node:
    """Return a weight matrix, whole or as 8-bit integers times one scale a row."""
    from openvino import opset13 as op

    if exact:
        return _constant(weights, name)
    matrix = weights[name].astype(np.float32)
    scale = np.abs(matrix).max(axis=1, keepdims=True) / 127
    steps = np.round(matrix / np.maximum(scale, 1e-12)).astype(np.int8)
    return op.multiply(_float(op.constant(steps)), op.constant(scale))


def _embed(weights: Weights, ids: Node, segments: Node, features: Node) -> Node:
    from openvino import opset13 as op

    axis = op.constant(0)
    length = op.gather(op.shape_of(ids), op.constant(1), axis)
    places = op.range(op.constant(0, np.int64), length, op.constant(1, np.int64), "i64")
    words = op.constant(weights[WORDS], shared_memory=True)  # one copy for all models
    total = op.gather(words, ids, axis)
    for table, indices in (
        ("embeddings.token_type_embeddings.weight", segments),
        ("embeddings.position_embeddings.weight", places),
        (FEATURES, features),
    ):
        if table in weights:
            total = op.add(total, op.gather(_constant(weights, table), indices, axis))
    return _norm(weights, "embeddings.LayerNorm.", total)


def _layer(weights: Weights, prefix: str, hidden: Node, attention: Node, exact: bool) -> Node:
    from openvino import opset13 as op

    split = op.constant([0, 0, ATTENTION_HEADS, -1])
    swap = op.constant([0, 2, 1, 3])

    def parts(name: str) -> Node:
        states = _linear(weights, f"{prefix}attention.self.{name}.", hidden, exact)
        return op.transpose(op.reshape(states, split, special_zero=True), swap)

    mixed = op.scaled_dot_product_attention(parts("query"), parts("key"), parts("value"), attention)
    mixed = op.reshape(op.transpose(mixed, swap), op.constant([0, 0, -1]), special_zero=True)
    mixed = _linear(weights, f"{prefix}attention.output.dense.", mixed, exact)
    hidden = _norm(weights, f"{prefix}attention.output.LayerNorm.", op.add(mixed, hidden))
    inner = op.gelu(_linear(weights, f"{prefix}intermediate.dense.", hidden, exact), "erf")
    outer = _linear(weights, f"{prefix}output.dense.", inner, exact)
    return _norm(weights, f"{prefix}output.LayerNorm.", op.add(outer, hidden))


def _linear(weights: Weights, prefix: str, states: Node, exact: bool) -> Node:
    from openvino import opset13 as op

    product = op.matmul(states, _matrix(weights, f"{prefix}weight", exact), False, True)
    return op.add(product, _constant(weights, f"{prefix}bias"))


def _norm(weights: Weights, prefix: str, states: Node) -> Node:
    from openvino import opset13 as op

    centred = op.mvn(states, op.constant([-1]), True, EPSILON, "inside_sqrt")
    scaled = op.multiply(centred, _constant(weights, f"{prefix}weight"))
    return op.add(scaled, _constant(weights, f"{prefix}bias"))


def _mean(hidden: Node, mask: Node) -> Node:
    from openvino import opset13 as op

    kept = _float(op.unsqueeze(mask, op.constant([2])))  # (texts, tokens, 1)
    total = op.reduce_sum(op.multiply(hidden, kept), op.constant([1]))
    return op.divide(total, op.reduce_sum(kept, op.constant([1])))


def _float(node: Node) -> Node:
    from openvino import opset13 as op

    return op.convert(node, "f32")


def _constant(weights: Weights, name: str) -> Node:
    from openvino import opset13 as op

    return op.constant(weights[name], np.float32)
