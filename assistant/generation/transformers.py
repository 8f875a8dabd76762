"""Backend for any causal language model that transformers loads, in 4 or 8 bits if wanted.

Only safetensors are loaded and no code that comes with a model is run. One reply at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty
from threading import Event, Lock, Thread
from typing import Any, ClassVar

from assistant.errors import GeneratorError
from assistant.generation import gguf_files
from assistant.generation.chat_template import CHATML, prompt_parts
from assistant.generation.fitting import fit, reply_room
from assistant.generation.generator import GeneratorSpec, choice
from assistant.settings import Settings
from assistant.types import Message, Piece, Sampling, Tokenized

_HEARTBEAT = 0.1  # seconds between two empty pieces while nothing new comes
_UNBOUNDED = 10**6  # tokenizers without a limit of their own report a huge number


class Transformers:
    """A model by its hub name or folder; ``smollm2-135m`` is the installed one, converted once."""

    name: ClassVar[str] = "transformers"
    options: ClassVar[Mapping[str, str]] = {
        "quantize": "4bit or 8bit, through bitsandbytes; none unless given",
        "dtype": "auto, float32, bfloat16 or float16; auto picks what the device is fast with",
    }

    def __init__(self, spec: GeneratorSpec, settings: Settings) -> None:
        self._spec = spec
        self._settings = settings
        self._quantize = choice(spec, "quantize", ("none", "4bit", "8bit"))
        self._dtype = choice(spec, "dtype", ("auto", "float32", "bfloat16", "float16"))
        self._loading = Lock()
        self._writing = Lock()  # transformers draws from torch's one random generator
        self._loaded: tuple[Any, Any] | None = None  # model, tokenizer

    def stream(self, messages: Sequence[Message], sampling: Sampling) -> Iterator[str]:
        """Yield the reply's text as it is written; see ``Generator.stream``."""
        from transformers import TextIteratorStreamer

        model, tokenizer = self._load()
        tokens = self._prompt(model, tokenizer, messages, sampling)
        while not self._writing.acquire(timeout=_HEARTBEAT):
            yield ""
        stopped = Event()
        failures: list[GeneratorError] = []
        streamer = TextIteratorStreamer(
            tokenizer, skip_prompt=True, skip_special_tokens=True, timeout=_HEARTBEAT
        )
        arguments = (model, tokenizer, tokens, sampling, streamer, stopped, failures)
        worker = Thread(target=_write, args=arguments, name="transformers-generate", daemon=True)
        try:
            worker.start()
            yield from _read(streamer)
        finally:
            stopped.set()
            worker.join()
            self._writing.release()
        if failures:
            raise failures[0]

    def tokenized(self, text: str) -> Tokenized:
        """Return how the model splits ``text``; loads it."""
        tokenizer = self._load()[1]
        encoded = tokenizer(
            text,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            split_special_tokens=True,
            verbose=False,
        )
        parts = zip(
            encoded["input_ids"],
            tokenizer.convert_ids_to_tokens(encoded["input_ids"]),
            encoded["offset_mapping"],
            encoded["special_tokens_mask"],
            strict=True,
        )
        pieces = tuple(
            Piece(token, entry, -1 if special else start)
            for token, entry, (start, _), special in parts
        )
        kind = type(tokenizer.backend_tokenizer.model).__name__
        return Tokenized(kind, len(tokenizer), pieces)

    def warm(self) -> None:
        """Load the model now."""
        self._load()

    def describe(self) -> dict[str, str | int | float]:
        """Return facts about the model; loads it."""
        model, _ = self._load()
        return {
            "backend": self.name,
            "model": self._spec.model,
            "parameters": model.num_parameters(),
            "megabytes": round(model.get_memory_footprint() / 2**20),
            "device": str(model.device),
            "dtype": str(model.dtype).removeprefix("torch."),
            "quantization": self._quantize,
            "context": self._context(model),
        }

    def close(self) -> None:
        """Wait for the running reply's end and let the model go."""
        with self._writing, self._loading:
            self._loaded = None

    def _context(self, model: Any) -> int:
        trained = getattr(model.config, "max_position_embeddings", None) or _UNBOUNDED
        return min(self._settings.context, trained)

    def _prompt(
        self, model: Any, tokenizer: Any, messages: Sequence[Message], sampling: Sampling
    ) -> list[int]:
        def tokens(text: str, *, trusted: bool) -> list[int]:
            encoded = tokenizer(
                text, add_special_tokens=False, split_special_tokens=not trusted, verbose=False
            )
            return list(encoded["input_ids"])

        context = self._context(model)
        budget = context - reply_room(context, sampling.max_tokens)
        fitted = fit(messages, lambda text: len(tokens(text, trusted=False)), budget)
        template = tokenizer.chat_template
        special = {"bos_token": tokenizer.bos_token or "", "eos_token": tokenizer.eos_token or ""}
        parts = prompt_parts(template if isinstance(template, str) else CHATML, fitted, special)
        return [token for part in parts for token in tokens(part.text, trusted=part.trusted)]

    def _load(self) -> tuple[Any, Any]:
        with self._loading:
            if self._loaded is None:
                folder = self._spec.model
                try:
                    if folder == gguf_files.PACKAGED:
                        folder = str(_converted(self._settings.data_dir / "models"))
                    self._loaded = _from_pretrained(folder, self._quantize, self._dtype)
                except (ImportError, OSError, ValueError, RuntimeError) as error:
                    raise GeneratorError(
                        f"The model {self._spec.model!r} cannot be loaded through transformers: "
                        f"{str(error).splitlines()[0] if str(error) else type(error).__name__}. "
                        "Give the folder of a causal model in safetensors, or a hub name that "
                        "this computer can reach; 4 and 8 bits need bitsandbytes and accelerate."
                    ) from error
            return self._loaded


def _from_pretrained(folder: str, quantize: str, dtype: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    cuda = torch.cuda.is_available()
    fast = torch.bfloat16 if cuda or torch.backends.cpu.get_cpu_capability() == "AMX" else None
    chosen = (fast or torch.float32) if dtype == "auto" else getattr(torch, dtype)
    extra: dict[str, Any] = {}
    if cuda or quantize != "none":
        extra["device_map"] = "auto" if cuda else "cpu"
    if quantize == "4bit":
        extra["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=chosen
        )
    elif quantize == "8bit":
        extra["quantization_config"] = BitsAndBytesConfig(load_in_8bit=True)
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=chosen, use_safetensors=True, trust_remote_code=False, **extra
    )
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    return model.eval(), tokenizer


def _converted(directory: Path) -> Path:
    """Return the packaged GGUF as a folder of safetensors, dequantized on the first call."""
    source = gguf_files.locate(gguf_files.PACKAGED)

    def make(target: Path) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

        place = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name}
        unpack = GgufConfig(dequantize=True)
        packed = AutoModelForCausalLM.from_pretrained(**place, quantization_config=unpack)
        configuration = packed.config
        if hasattr(configuration, "quantization_config"):
            del configuration.quantization_config
        # A model read from GGUF refuses to be saved, even unpacked; one with its weights does not.
        plain = AutoModelForCausalLM.from_config(configuration, dtype=packed.dtype)
        plain.load_state_dict(packed.state_dict())
        plain.save_pretrained(target)
        AutoTokenizer.from_pretrained(**place).save_pretrained(target)

    return gguf_files.derived(source, directory, "transformers", make, expected="config.json")


def _read(streamer: Any) -> Iterator[str]:
    while True:
        try:
            yield next(streamer)
        except Empty:
            yield ""
        except StopIteration:
            return


def _write(
    model: Any,
    tokenizer: Any,
    tokens: Sequence[int],
    sampling: Sampling,
    streamer: Any,
    stopped: Event,
    failures: list[GeneratorError],
) -> None:
    """Generate in a thread of its own, feeding ``streamer`` until done or ``stopped``."""
    import torch
    from transformers import StoppingCriteriaList

    if sampling.seed is None:
        torch.seed()
    else:
        torch.manual_seed(sampling.seed)
    identifiers = torch.tensor([list(tokens)], device=model.device)
    try:
        model.generate(
            identifiers,
            attention_mask=torch.ones_like(identifiers),
            max_new_tokens=sampling.max_tokens,
            pad_token_id=tokenizer.pad_token_id or tokenizer.eos_token_id,
            streamer=streamer,
            stopping_criteria=StoppingCriteriaList([lambda *_, **__: stopped.is_set()]),
            **_strategy(sampling),
        )
    except (RuntimeError, ValueError) as error:  # RuntimeError includes "out of memory"
        failures.append(GeneratorError(f"The generator broke off: {error}"))
    finally:
        streamer.end()


def _strategy(sampling: Sampling) -> dict[str, Any]:
    if sampling.strategy == "greedy":
        return {"do_sample": False, "temperature": None, "top_k": None, "top_p": None}
    return {
        "do_sample": True,
        "temperature": sampling.temperature,
        "top_k": sampling.top_k if sampling.strategy == "top_k" else 0,
        "top_p": sampling.top_p if sampling.strategy == "top_p" else 1.0,
    }
