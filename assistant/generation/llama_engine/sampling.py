"""llama.cpp's own sampler chains for our three strategies."""

from __future__ import annotations

import secrets
from typing import Any

from assistant.generation.llama_engine.native import library
from assistant.types import Sampling

_SEED_BITS = 0x7FFFFFFF  # llama.cpp takes 0xFFFFFFFF for "any seed"


def sampler_chain(sampling: Sampling) -> Any:
    """Return a new sampler for one reply; free it with ``llama_sampler_free``."""
    native = library()
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    if sampling.strategy == "greedy":
        native.llama_sampler_chain_add(chain, native.llama_sampler_init_greedy())
        return chain
    if sampling.strategy == "top_k":
        native.llama_sampler_chain_add(chain, native.llama_sampler_init_top_k(sampling.top_k))
    native.llama_sampler_chain_add(chain, native.llama_sampler_init_temp(sampling.temperature))
    if sampling.strategy == "top_p":
        native.llama_sampler_chain_add(chain, native.llama_sampler_init_top_p(sampling.top_p, 1))
    seed = secrets.randbits(31) if sampling.seed is None else sampling.seed & _SEED_BITS
    native.llama_sampler_chain_add(chain, native.llama_sampler_init_dist(seed))
    return chain
