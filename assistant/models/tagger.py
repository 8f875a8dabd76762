"""Named entities: whole-word spans with character offsets, in texts of any length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from assistant.models.adapter import Adapter, open_adapter
from assistant.models.classifier import softmax
from assistant.models.encoder import Encoder
from assistant.models.layout import join_single, windows
from assistant.models.tokens import Tokens
from assistant.types import Span

WINDOW, OVERLAP = 126, 40  # tokens; a word is judged in the window where it has most context
FORBIDDEN, TORN, VAGUE = -1e4, -2.0, -0.25  # added to the logarithm of a probability


class Tagger:
    """Finds the spans that the adapter's BIO head marks."""

    def __init__(
        self, adapter: Adapter, encoder: Encoder, threads: int = 0, exact: bool = False
    ) -> None:
        self._tags = adapter.heads[0].labels
        self._moves = _moves(self._tags)
        self._tokenizer = encoder.tokenizer
        self._runner = open_adapter(adapter, encoder, threads, exact)
        self.runtime = self._runner.name

    def tag(self, text: str) -> tuple[Span, ...]:
        """Return the entities of one text in reading order; they never overlap."""
        return self.tag_many([text])[0]

    def tag_many(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """Return the entities of each text."""
        read = [self._tokenizer.read(text) for text in texts]
        cuts = [windows(len(tokens), WINDOW, OVERLAP) for tokens in read]
        rows = [
            join_single(tokens.cut(start, end))
            for tokens, parts in zip(read, cuts, strict=True)
            for start, end in parts
        ]
        outputs = iter(self._runner.run(rows))
        return [
            self._spans(
                tokens, self._join(len(tokens), [(part, next(outputs)[0]) for part in parts])
            )
            for tokens, parts in zip(read, cuts, strict=True)
        ]

    def _join(
        self, count: int, parts: Sequence[tuple[tuple[int, int], np.ndarray[Any, Any]]]
    ) -> np.ndarray[Any, Any]:
        """Return tag probabilities (tokens × tags), each from the window that centres it best."""
        chosen = np.zeros((count, len(self._tags)))
        margin = np.full(count, -1)
        for (start, end), logits in parts:
            places = np.arange(start, end)
            room = np.minimum(places - start, end - 1 - places)
            better = room > margin[start:end]
            chosen[places[better]] = softmax(logits[1:-1])[better]
            margin[places[better]] = room[better]
        return chosen

    def _spans(self, tokens: Tokens, scores: np.ndarray[Any, Any]) -> tuple[Span, ...]:
        firsts = [
            place
            for place, word in enumerate(tokens.words)
            if place == 0 or word != tokens.words[place - 1]
        ]
        if not firsts:
            return ()
        path = _best_path(np.log(scores[firsts] + 1e-9), self._moves)
        lasts = [*(place - 1 for place in firsts[1:]), len(tokens) - 1]
        spans: list[Span] = []
        open_scores: list[float] = []
        for first, last, tag in zip(firsts, lasts, path, strict=True):
            name = self._tags[tag]
            if name == "O":
                continue
            start, end, score = tokens.starts[first], tokens.ends[last], float(scores[first, tag])
            if name[0] == "I":
                open_scores.append(score)
                start = spans.pop().start
            else:
                open_scores = [score]
            spans.append(Span(start, end, name[2:], sum(open_scores) / len(open_scores)))
        return tuple(spans)


def _moves(tags: Sequence[str]) -> np.ndarray[Any, Any]:
    """Return the cost of each tag (column) after each tag (row).

    I-X only follows B-X or I-X. B-X right after the same kind is rare in writing and mostly a
    name torn in two, so it costs something: one point of F1 on UNER's validation part. MISC costs
    a little: where a set marks none, training lets any plain word pass for it.
    """
    moves = np.zeros((len(tags), len(tags)))
    for row, old in enumerate(tags):
        for column, new in enumerate(tags):
            if new[0] == "I" and old[2:] != new[2:]:
                moves[row, column] = FORBIDDEN
            elif new[0] == "B" and old[2:] == new[2:]:
                moves[row, column] = TORN
    moves[:, [column for column, new in enumerate(tags) if new == "B-MISC"]] += VAGUE
    return moves


def _best_path(scores: np.ndarray[Any, Any], moves: np.ndarray[Any, Any]) -> list[int]:
    """Return the likeliest allowed tags (Viterbi)."""
    total = scores[0] + moves[0]  # the text begins as if after O, the first tag
    back: list[np.ndarray[Any, Any]] = []
    for line in scores[1:]:
        options = total[:, None] + moves
        back.append(options.argmax(axis=0))
        total = options.max(axis=0) + line
    path = [int(total.argmax())]
    for choice in reversed(back):
        path.append(int(choice[path[-1]]))
    return path[::-1]
