"""What every backend promises, checked on each one that discovery finds."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.generation.generator import Generator
from assistant.types import Message, Sampling

GREEDY = Sampling(strategy="greedy", max_tokens=12)
ASK = (Message("system", "You are brief."), Message("user", "What is the capital of France?"))


def write(generator: Generator, text: str, sampling: Sampling = GREEDY) -> str:
    return "".join(generator.stream([Message("user", text)], sampling))


def test_the_answer_comes_in_several_pieces(generator: Generator) -> None:
    pieces = [piece for piece in generator.stream(ASK, GREEDY) if piece]
    assert len(pieces) > 1
    assert "France" in "".join(pieces)


@pytest.mark.parametrize("strategy", ["top_k", "top_p"])
def test_the_same_seed_gives_the_same_text_and_another_seed_another(
    generator: Generator, strategy: str
) -> None:
    def drawn(seed: int) -> str:
        sampling = Sampling(strategy, 1.2, max_tokens=12, seed=seed)  # type: ignore[arg-type]
        return write(generator, "Invent a name for a cat and a dog.", sampling)

    assert drawn(7) == drawn(7)
    assert len({drawn(seed) for seed in (7, 8, 9)}) > 1


def test_greedy_ignores_the_seed(generator: Generator) -> None:
    one, other = (Sampling("greedy", max_tokens=8, seed=seed) for seed in (1, 2))
    assert write(generator, "Name a colour.", one) == write(generator, "Name a colour.", other)


def test_max_tokens_bounds_the_answer(generator: Generator) -> None:
    text = write(generator, "Tell a long story.", Sampling("greedy", max_tokens=3))
    assert 0 < len(text.split()) <= 4


def test_closing_stops_the_model_so_that_the_next_answer_is_not_delayed(
    generator: Generator,
) -> None:
    long = Sampling("greedy", max_tokens=400)
    for _ in range(5):  # more than run at once, so that a runaway would be felt
        pieces = generator.stream([Message("user", "Count from 1 to 500.")], long)
        while not next(pieces):
            pass
        pieces.close()  # type: ignore[attr-defined]
    start = time.perf_counter()
    write(generator, "Hi", Sampling("greedy", max_tokens=1))
    assert time.perf_counter() - start < 15  # five times 400 tokens would take minutes


@pytest.mark.parametrize(
    "text",
    ["", "   \n\t ", "\x00\x01\x1b[31m\x7f", "\ud83d broken \udc00", "👩‍🚀" * 20, "x" * 100_000],
    ids=["empty", "blank", "control", "broken emoji", "emoji", "huge"],
)
def test_odd_text_still_gets_an_answer(generator: Generator, text: str) -> None:
    assert isinstance(write(generator, text, Sampling("greedy", max_tokens=2)), str)


def test_readers_at_the_same_time_all_get_an_answer_to_the_end(generator: Generator) -> None:
    def count(upto: int) -> str:
        return write(generator, f"Count from 1 to {upto}.", Sampling("greedy", max_tokens=6))

    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(count, range(20, 26)))
    assert all(text.strip() for text in together)


def test_it_describes_itself_by_backend_and_model(generator: Generator) -> None:
    facts = generator.describe()
    assert facts["backend"] == generator.name
    assert facts["model"]
    assert facts["device"]
