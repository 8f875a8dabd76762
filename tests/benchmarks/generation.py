"""Times the default generator beside bare llama.cpp and plain transformers, in one run.

Run ``python -m tests.benchmarks.generation``. The three take turns, so that a busy machine is
equally busy for all of them; the ratios are medians over the rounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from assistant.generation.chat_template import prompt_parts
from assistant.generation.generator import Generator, load
from assistant.generation.gguf_files import PACKAGED, locate
from assistant.generation.llama_engine.model import Model, requantized
from assistant.generation.llama_engine.native import library
from assistant.settings import Settings
from assistant.types import Message, Sampling

Timing = tuple[float, float]  # seconds to the first token, tokens a second after it
FILLER = "The quick brown fox jumps over the lazy dog near the river bank at dawn. "


def question(round_number: int) -> list[Message]:
    """Return a prompt of about 100 tokens that shares no prefix with another round's."""
    text = f"Round {round_number}. {FILLER * 4} Tell a long story about all of this."
    return [Message("system", f"You are storyteller {round_number}."), Message("user", text)]


def timed(arrivals: list[float], start: float) -> Timing:
    """Return the figures of a reply whose tokens came at these times."""
    return arrivals[0] - start, (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])


def ours(generator: Generator, messages: list[Message], tokens: int) -> Timing:
    """Time one streamed reply through the public interface."""
    start = time.perf_counter()
    stream = generator.stream(messages, Sampling("greedy", max_tokens=tokens))
    return timed([time.perf_counter() for piece in stream if piece], start)


def bare_loop(model: Model, threads: int) -> Callable[[list[Message], int], Timing]:
    """Return a timer of llama.cpp's own loop: decode, greedy sampler, nothing else."""
    native = library()
    parameters = native.llama_context_default_params()
    parameters.n_ctx = 2048
    parameters.n_threads = parameters.n_threads_batch = threads
    context = native.llama_init_from_model(model.handle, parameters)
    sampler = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    native.llama_sampler_chain_add(sampler, native.llama_sampler_init_greedy())

    def run(messages: list[Message], tokens: int) -> Timing:
        native.llama_memory_clear(native.llama_get_memory(context), True)
        arrivals: list[float] = []
        start = time.perf_counter()
        prompt = model.prompt(prompt_parts(model.template, messages, model.special))
        array = (native.llama_token * len(prompt))(*prompt)
        batch = native.llama_batch_get_one(array, len(prompt))
        one = (native.llama_token * 1)()
        while len(arrivals) < tokens:
            if native.llama_decode(context, batch) != 0:
                raise RuntimeError("llama_decode failed")
            one[0] = native.llama_sampler_sample(sampler, context, -1)
            if model.ends(one[0]):
                break
            model.piece(one[0])
            arrivals.append(time.perf_counter())
            batch = native.llama_batch_get_one(one, 1)
        return timed(arrivals, start)

    return run


def plain_transformers(settings: Settings) -> Callable[[list[Message], int], Timing]:
    """Return a timer of ``model.generate`` in fp32, as anyone would call it."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    load(f"transformers:{PACKAGED}", settings).warm()  # converts the packaged model
    folder = next((settings.data_dir / "models").glob("*-transformers"))
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    torch.set_num_threads(settings.threads)

    class Clock:
        def __init__(self) -> None:
            self.times: list[float] = []

        def put(self, value: Any) -> None:
            self.times.append(time.perf_counter())

        def end(self) -> None:
            pass

    def run(messages: list[Message], tokens: int) -> Timing:
        clock = Clock()
        start = time.perf_counter()
        talk = [{"role": message.role, "content": message.text} for message in messages]
        inputs = tokenizer.apply_chat_template(
            talk, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        model.generate(**inputs, max_new_tokens=tokens, do_sample=False, streamer=clock)
        return timed(clock.times[1:], start)  # the first call hands over the prompt

    return run


def main(arguments: list[str]) -> None:
    """Measure in turns and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args(arguments)
    settings = Settings.read([], threads=chosen.threads)
    generator = load(f"llama_cpp:{PACKAGED}", settings)
    path = requantized(locate(PACKAGED), settings.data_dir / "models", chosen.threads)
    runners: dict[str, Callable[[list[Message], int], Timing]] = {
        "llama_cpp generator": lambda messages, tokens: ours(generator, messages, tokens),
        "bare llama_decode": bare_loop(Model(path), chosen.threads),
        "transformers fp32": plain_transformers(settings),
    }
    for run in runners.values():
        run(question(-1), 4)
    rounds = [
        {name: run(question(number), chosen.tokens) for name, run in runners.items()}
        for number in range(chosen.rounds)
    ]
    write = sys.stdout.write
    write(f"{'':22}{'first token':>12}{'tokens/s':>10}{'our speed is':>14}\n")
    for name in runners:
        first = statistics.median(timing[name][0] for timing in rounds)
        speed = statistics.median(timing[name][1] for timing in rounds)
        ratio = statistics.median(
            timing["llama_cpp generator"][1] / timing[name][1] for timing in rounds
        )
        write(f"{name:22}{first:>10.2f} s{speed:>10.1f}{ratio:>13.2f}×\n")
    generator.close()


if __name__ == "__main__":
    main(sys.argv[1:])
