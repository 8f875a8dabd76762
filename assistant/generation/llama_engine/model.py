"""One GGUF model in memory: its weights, vocabulary and chat template. Knows no requests."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import GeneratorError
from assistant.generation.chat_template import CHATML, Part
from assistant.generation.gguf_files import derived
from assistant.generation.llama_engine.native import library
from assistant.types import Piece, Tokenized

KINDS = {1: "SentencePiece", 2: "BPE", 3: "WordPiece", 4: "Unigram"}  # LLAMA_VOCAB_TYPE_…
_SENTENCEPIECE = 1  # LLAMA_VOCAB_TYPE_SPM: puts a blank before every text it is given
_log = logging.getLogger(__name__)


class Model:
    """A loaded model; ``close`` frees it, after everything that uses it."""

    def __init__(self, path: Path, gpu_layers: int | None = None) -> None:
        native = library()
        parameters = native.llama_model_default_params()
        if gpu_layers is not None:
            parameters.n_gpu_layers = gpu_layers
        self._native = native
        self.path = path
        self.handle = native.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.handle:
            raise GeneratorError(
                f"The model file {path.name} cannot be loaded: it is damaged, too large for the "
                "memory, or of a kind that this llama-cpp-python does not know. "
                "Download it again, take a smaller one, or update llama-cpp-python."
            )
        self.vocabulary = native.llama_model_get_vocab(self.handle)
        self.trained_context: int = native.llama_model_n_ctx_train(self.handle)
        self.parameters: int = native.llama_model_n_params(self.handle)
        self.size: int = native.llama_model_size(self.handle)  # bytes
        self.template = self._metadata("tokenizer.chat_template") or CHATML
        self._blank_first = native.llama_vocab_type(self.vocabulary) == _SENTENCEPIECE
        self._buffer = ctypes.create_string_buffer(512)

    @property
    def description(self) -> str:
        """Architecture, size and quantization in one line, such as "llama ?B Q8_0"."""
        buffer = ctypes.create_string_buffer(256)
        self._native.llama_model_desc(self.handle, buffer, len(buffer))
        return buffer.value.decode(errors="replace")

    @property
    def special(self) -> dict[str, str]:
        """The texts of the tokens that chat templates name."""
        native = self._native
        return {
            "bos_token": self._text_of(native.llama_vocab_bos(self.vocabulary)),
            "eos_token": self._text_of(native.llama_vocab_eos(self.vocabulary)),
        }

    def tokenize(self, text: str, *, trusted: bool = False) -> list[int]:
        """Return the tokens of ``text``; control tokens in it are recognized only if trusted."""
        data = text.encode("utf-8", errors="replace")
        room = len(data) + 2
        tokens = (ctypes.c_int32 * room)()
        count = self._native.llama_tokenize(
            self.vocabulary, data, len(data), tokens, room, False, trusted
        )
        if count < 0:
            raise GeneratorError(f"A text of {len(text)} characters is too long for the model.")
        return list(tokens[:count])

    def tokenized(self, text: str) -> Tokenized:
        """Return the tokens of ``text`` as people look at them, the beginning token included."""
        native = self._native
        tokens = self.tokenize(text)
        places = [place for place, sign in enumerate(text) for _ in sign.encode(errors="replace")]
        pieces: list[Piece] = []
        if native.llama_vocab_get_add_bos(self.vocabulary):
            begin = native.llama_vocab_bos(self.vocabulary)
            pieces.append(Piece(begin, self._text_of(begin), -1))
        written = b"".join(self.piece(token) for token in tokens)
        at = len(places) - len(written)  # below 0 where the model puts a blank before the text
        for token in tokens:
            start = places[min(max(at, 0), len(places) - 1)]
            pieces.append(Piece(token, self._text_of(token), start))
            at += len(self.piece(token))
        kind = KINDS.get(native.llama_vocab_type(self.vocabulary), "its own kind of")
        return Tokenized(kind, native.llama_vocab_n_tokens(self.vocabulary), tuple(pieces))

    def count(self, text: str) -> int:
        """Return how many tokens ``text`` takes."""
        return len(self.tokenize(text))

    def prompt(self, parts: Sequence[Part]) -> list[int]:
        """Return the tokens of a whole prompt, beginning token included."""
        native = self._native
        tokens: list[int] = []
        for index, part in enumerate(parts):
            text = part.text
            if self._blank_first and index:
                text = text.removeprefix(" ")
            if self._blank_first and index + 1 < len(parts):
                text = text.removesuffix(" ")
            tokens += self.tokenize(text, trusted=part.trusted)
        begin = native.llama_vocab_bos(self.vocabulary)
        if native.llama_vocab_get_add_bos(self.vocabulary) and tokens[:1] != [begin]:
            tokens.insert(0, begin)
        return tokens

    def piece(self, token: int) -> bytes:
        """Return the bytes of a token, possibly half a character; none for control tokens."""
        buffer = self._buffer
        size = self._native.llama_token_to_piece(
            self.vocabulary, token, buffer, len(buffer), 0, False
        )
        return buffer.raw[:size] if size > 0 else b""

    def ends(self, token: int) -> bool:
        """Say whether the token ends the reply."""
        return bool(self._native.llama_vocab_is_eog(self.vocabulary, token))

    def close(self) -> None:
        """Free the weights."""
        self._native.llama_model_free(self.handle)
        self.handle = None

    def _metadata(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(64 * 1024)
        size = self._native.llama_model_meta_val_str(self.handle, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", errors="replace") if size > 0 else ""

    def _text_of(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = self._native.llama_vocab_get_text(self.vocabulary, token)
        return text.decode("utf-8", errors="replace")


def requantized(path: Path, directory: Path, threads: int) -> Path:
    """Return the model in 8 bits, made once in ``directory``; ``path`` itself if that fails.

    llama.cpp has its fastest CPU code for Q8_0: 1.8 times that for the packaged model's Q4_1.
    """
    native = library()

    def make(target: Path) -> None:
        parameters = native.llama_model_quantize_default_params()
        parameters.ftype = native.LLAMA_FTYPE_MOSTLY_Q8_0
        parameters.allow_requantize = True
        parameters.nthread = threads
        status = native.llama_model_quantize(
            str(path).encode(), str(target).encode(), ctypes.byref(parameters)
        )
        if status != 0:
            raise OSError(f"llama_model_quantize returned {status}")

    try:
        return derived(path, directory, "q8_0.gguf", make)
    except OSError as error:
        _log.warning("the model stays as packaged, and slower: %s", error)
        return path
