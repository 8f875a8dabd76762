from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.models.encoder import Encoder, package_folder
from assistant.models.layout import windows
from assistant.models.runtime import Runner
from assistant.models.torch_runtime import TorchRuntime

TEXTS = [
    "How do I choose between top-k and top-p sampling?",
    "hello",
    "The encoder turns a text into a vector; its neighbours mean much the same. " * 12,
    "Crème brûlée, naïve café — 北京 — 😀",
    "SHOUTING in CAPITALS",
]


@pytest.fixture(scope="module")
def reference() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """What sentence-transformers, the library that the model was made with, computes."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(package_folder()), device="cpu")
    model.max_seq_length = Encoder.max_tokens
    return np.asarray(model.encode(TEXTS, normalize_embeddings=True))


def test_exact_vectors_are_those_of_sentence_transformers(
    reference: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> None:
    vectors = Encoder(exact=True).encode(TEXTS)
    assert vectors.dtype == np.float32
    assert (vectors * reference).sum(axis=1).min() > 0.99999


def test_8_bit_vectors_stay_close_to_the_exact_ones(
    encoder: Encoder, reference: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> None:
    vectors = encoder.encode(TEXTS)
    assert (vectors * reference).sum(axis=1).min() > 0.995
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_torch_computes_the_same_where_openvino_is_missing(
    encoder: Encoder, reference: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> None:
    rows = [encoder.row(ids) for ids in encoder.tokenizer.ids(TEXTS)]
    vectors = np.stack([out[0] for out in Runner(TorchRuntime(encoder.weights, ())).run(rows)])
    assert (vectors * reference).sum(axis=1).min() > 0.99999


def test_neither_order_nor_company_changes_a_vector(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    backwards = encoder.encode(TEXTS[::-1])[::-1]
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert (together * backwards).sum(axis=1).min() > 0.999
    assert (together * alone).sum(axis=1).min() > 0.999


def test_no_text_gives_no_vectors_and_an_empty_text_gives_one(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)
    assert np.isfinite(encoder.encode(["", " \n\t", "\x00\x01", "\ud83d"])).all()


def test_special_tokens_that_a_user_writes_are_plain_text(encoder: Encoder) -> None:
    assert encoder.count_tokens(["[SEP]"]) == [3]


def test_tokens_beyond_the_limit_are_cut_but_counted(encoder: Encoder) -> None:
    assert encoder.count_tokens(["word " * 1000, ""]) == [1000, 0]
    assert encoder.encode(["word " * 100_000]).shape == (1, 384)


def test_the_first_call_may_come_from_many_threads() -> None:
    fresh = Encoder()
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda text: fresh.encode([text])[0], ["one", "one", "one", "one"]))
    for vector in vectors[1:]:
        np.testing.assert_array_equal(vector, vectors[0])


def test_a_cut_off_weights_file_is_named_with_its_cure(tmp_path: Path) -> None:
    shutil.copytree(package_folder(), tmp_path / "model")
    file = tmp_path / "model" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:10_000])
    with pytest.raises(ModelError, match=r"model\.safetensors cannot be read.*requirements\.txt"):
        Encoder(tmp_path / "model").encode(["hello"])


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        Encoder(tmp_path).encode(["hello"])


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25, 100])
def test_windows_cover_every_token_and_overlap(count: int) -> None:
    cuts = windows(count, 10, 4)
    assert {place for start, end in cuts for place in range(start, end)} == set(range(count))
    assert all(end - start <= 10 for start, end in cuts)
    assert all(right[0] == left[0] + 6 for left, right in pairwise(cuts))
