from __future__ import annotations

import numpy as np

from assistant.models.packing import pack, unpack


def test_what_was_packed_comes_back_within_half_a_step() -> None:
    chance = np.random.default_rng(0)
    base = {"layer.weight": chance.normal(size=(6, 10)).astype(np.float32)}
    change = chance.normal(size=(6, 10)).astype(np.float32) / 50
    trained = {"layer.weight": base["layer.weight"] + change, "layer.bias": np.ones(6, np.float32)}
    packed = pack(base, trained)
    assert packed["layer.weight.steps"].nbytes == 30
    back = unpack(base, packed)
    steps = np.abs(change).max(axis=1, keepdims=True) / 7
    assert (np.abs(back["layer.weight"] - trained["layer.weight"]) <= steps * 0.51).all()
    np.testing.assert_array_equal(back["layer.bias"], trained["layer.bias"])


def test_a_row_that_did_not_change_stays_as_it_was() -> None:
    base = {"layer.weight": np.ones((2, 4), np.float32)}
    back = unpack(base, pack(base, base))
    np.testing.assert_array_equal(back["layer.weight"], base["layer.weight"])


def test_a_matrix_that_the_encoder_has_not_stays_whole() -> None:
    head = {"heads.sentiment.weight": np.full((3, 4), 0.25, np.float32)}
    np.testing.assert_array_equal(
        unpack({}, pack({}, head))["heads.sentiment.weight"], head["heads.sentiment.weight"]
    )
