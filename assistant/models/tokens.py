"""Text → WordPiece tokens with character offsets, word numbers and the letter case of each word.

The encoder is uncased, so what capitals say is kept beside the ids as a small number a token.
Knows nothing about models beyond their ``tokenizer.json``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import ModelError
from assistant.types import Piece, Tokenized

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CLS, SEP, PAD = 101, 102, 0
HALF = re.compile("[\ud800-\udfff]")
CASES = ("special", "lower", "title", "upper", "letter", "mixed", "number", "coded", "sign")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Parallel lists, one item a token; ``starts`` and ``ends`` are characters of the text."""

    ids: list[int]
    starts: list[int]
    ends: list[int]
    words: list[int]  # number of the word or sign that the token is part of
    cases: list[int]  # index into CASES

    def __len__(self) -> int:
        return len(self.ids)

    def cut(self, start: int, end: int) -> Tokens:
        """Return the tokens ``start`` to ``end`` (exclusive)."""
        return Tokens(
            self.ids[start:end],
            self.starts[start:end],
            self.ends[start:end],
            self.words[start:end],
            self.cases[start:end],
        )

    def joined(self, other: Tokens, offset: int) -> Tokens:
        """Return these tokens and then those of a text that begins at character ``offset``."""
        words = 1 + max(self.words, default=-1)
        return Tokens(
            self.ids + other.ids,
            self.starts + [offset + start for start in other.starts],
            self.ends + [offset + end for end in other.ends],
            self.words + [words + word for word in other.words],
            self.cases + other.cases,
        )


class TextTokenizer:
    """Reads text with the ``tokenizer.json`` of a model folder.

    Special tokens written by the user, such as ``[SEP]``, are plain text.

    Raises:
        ModelError: on first use, when the file is missing or not a tokenizer.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "tokenizer.json"

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_str(self._file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The tokenizer {self._file} cannot be read ({error}). "
                "Install requirements.txt again to restore it."
            ) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True
        return tokenizer

    def vocabulary(self) -> dict[str, int]:
        """Return token → id of every token."""
        return self._tokenizer.get_vocab()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, without special tokens, however long."""
        encodings = self._tokenizer.encode_batch_fast(
            [whole(text) for text in texts], add_special_tokens=False
        )
        return [encoding.ids for encoding in encodings]

    def tokenized(self, text: str) -> Tokenized:
        """Return the tokens of ``text`` as people look at them, special ones included."""
        encoding = self._tokenizer.encode(whole(text))
        parts = zip(
            encoding.ids,
            encoding.tokens,
            encoding.offsets,
            encoding.special_tokens_mask,
            strict=True,
        )
        pieces = tuple(
            Piece(token, entry, -1 if special else start)
            for token, entry, (start, _), special in parts
        )
        kind = type(self._tokenizer.model).__name__
        return Tokenized(kind, self._tokenizer.get_vocab_size(), pieces)

    def read(self, text: str) -> Tokens:
        """Return the tokens of ``text``, with emoji read by their names."""
        spelled, places = spell_emoji(whole(text))
        encoding = self._tokenizer.encode(spelled, add_special_tokens=False)
        words = [word if word is not None else -1 for word in encoding.word_ids]
        cases = _cases(spelled, words, encoding.offsets)
        starts = [places[start] for start, _ in encoding.offsets]
        ends = [
            places[end - 1] + 1 if end > start else places[start] for start, end in encoding.offsets
        ]
        return Tokens(encoding.ids, starts, ends, words, cases)


def _cases(text: str, words: list[int], offsets: list[tuple[int, int]]) -> list[int]:
    bounds: dict[int, tuple[int, int]] = {}
    for word, (start, end) in zip(words, offsets, strict=True):
        bounds[word] = (bounds.get(word, (start, end))[0], end)
    known = {word: case_of(text[start:end]) for word, (start, end) in bounds.items()}
    return [known[word] for word in words]


def whole(text: str) -> str:
    """Return the text with half characters (lone surrogates), which no model takes, made �."""
    return text if text.isascii() else HALF.sub("\ufffd", text)


def case_of(word: str) -> int:
    """Return the index into CASES that describes how ``word`` is written."""
    if word.isalpha() and word.islower():  # most are
        return CASES.index("lower")
    if not any(character.isalnum() for character in word):
        return CASES.index("sign")
    if any(character.isdigit() for character in word):
        return CASES.index("number" if word.isdigit() else "coded")
    if word.isupper():
        return CASES.index("letter" if len(word) == 1 else "upper")
    if word[0].isupper() and word[1:].islower():
        return CASES.index("title")
    return CASES.index("lower" if not any(c.isupper() for c in word) else "mixed")


def spell_emoji(text: str) -> tuple[str, Sequence[int]]:
    """Return the text with each emoji as words, and for each new character its old place."""
    if text.isascii():
        return text, range(len(text) + 1)
    import emoji

    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for match in emoji.analyze(text):
        start, end = match.value.start, match.value.end
        name = " " + emoji.demojize(match.chars, delimiters=("", "")).replace("_", " ") + " "
        pieces += [text[last:start], name]
        places += [*range(last, start), *([start] * (len(name) - 1)), end - 1]
        last = end
    pieces.append(text[last:])
    places += range(last, len(text) + 1)
    return "".join(pieces), places
