"""Shows how the encoder's and the generator's tokenizers split a text, side by side."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from assistant.errors import GeneratorError
from assistant.events import Event, Resulted, TextDelta
from assistant.tools.tool import Services
from assistant.types import Piece, Route, Table, Tokenized, Turn

LONGEST = 100_000  # characters that are split
MOST = 500  # words that are shown
HABITS = {
    "WordPiece": "lower-cases the text and marks with ## what continues a word",
    "BPE": "keeps capitals and blanks (Ġ) and joins the bytes that often stood together",
    "SentencePiece": "keeps capitals and blanks (▁) and joins what often stood together",
    "Unigram": "keeps capitals and blanks (▁) and takes the likeliest of all ways to split",
}


class Tokens:
    """The pieces of each word with their ids, by WordPiece and by the generator's tokenizer."""

    name: ClassVar[str] = "tokens"
    title: ClassVar[str] = "Tokens"
    description: ClassVar[str] = "How do the models split a text into tokens?"
    examples: ClassVar[tuple[str, ...]] = (
        "Show the tokens of: Tokenizers aren't unbelievably hard 🙂",
        "/tokens Switchboard routes your turn.",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ()
    ask: ClassVar[str] = "Which text shall I split into tokens? Paste it, or attach a file."

    def __init__(self, services: Services) -> None:
        self._models = services.models
        self._generators = services.generators

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Tokenize the payload twice and align the pieces by word."""
        text = route.payload[:LONGEST]
        if len(route.payload) > LONGEST:
            yield TextDelta(f"Of your text I split the first {LONGEST:,} characters. ")
        first = self._models.encoder.tokenizer.tokenized(text)
        try:
            second = self._generators.get(turn.options.generator).tokenized(text)
        except GeneratorError as error:
            yield TextDelta(f"{_counted('The encoder', first)} {error}")
            yield Resulted(_table(text, {"encoder": first}))
            return
        yield TextDelta(
            f"{_counted('The encoder', first)} {_counted('The generator', second)} "
            f"{_why(first, second)}"
        )
        yield Resulted(_table(text, {"encoder": first, "generator": second}))


def _counted(whose: str, tokenized: Tokenized) -> str:
    special = [piece.entry for piece in tokenized.pieces if piece.start < 0]
    inside = len(tokenized.pieces) - len(special)
    around = f" and {len(special)} special ones ({' '.join(special)})" if special else ""
    noun = "token" if inside == 1 else "tokens"
    return f"{whose} makes **{inside:,}** {tokenized.kind} {noun} of it{around}."


def _why(first: Tokenized, second: Tokenized) -> str:
    unknown = sum(piece.entry == "[UNK]" for piece in first.pieces)
    lost = f" What WordPiece cannot spell became [UNK] ({unknown:,} ×)." if unknown else ""
    ways = [
        f"{kind.kind} {HABITS.get(kind.kind, 'splits in its own way')}" for kind in (first, second)
    ]
    return (
        f"They differ because {ways[0]}, while {ways[1]}; each learned its own entries, "
        f"{first.vocabulary:,} and {second.vocabulary:,}.{lost}"
    )


def _table(text: str, splits: dict[str, Tokenized]) -> Table:
    """Return a row a word, with the pieces and ids of each tokenizer that belong to it."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    columns = ["word"]
    cells: list[list[str]] = [[text[start:end] for start, end in words[:MOST]]]
    for name, tokenized in splits.items():
        groups = _by_word([end for _, end in words], tokenized.pieces)[:MOST]
        columns += [f"{name} pieces", f"{name} ids"]
        cells.append([" ".join(piece.entry for piece in group) for group in groups])
        cells.append([" ".join(str(piece.id) for piece in group) for group in groups])
    return Table(tuple(columns), tuple(zip(*cells, strict=True)))


def _by_word(ends: Sequence[int], pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces of each word; a blank before a word belongs to it."""
    groups: list[list[Piece]] = [[] for _ in ends]
    for piece in pieces:
        if piece.start >= 0 and groups:
            groups[min(bisect_right(ends, piece.start), len(ends) - 1)].append(piece)
    return groups
