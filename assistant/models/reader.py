"""Finds the words of a context that answer a question, or says that none do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.models.adapter import Adapter, open_adapter
from assistant.models.classifier import softmax
from assistant.models.encoder import Encoder
from assistant.models.layout import join_pair, windows
from assistant.models.tokens import Tokens

TOKENS, QUESTION_TOKENS, OVERLAP = 224, 48, 64
LONGEST = 30  # tokens of an answer
EVIDENCE = ("answer", "no_answer")  # names of the two calibrations


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """The best answer in one context: ``context[start:end] == text``.

    ``score`` is how likely the text is right, ``no_answer`` how likely the context has no answer.
    """

    start: int
    end: int
    text: str
    score: float
    no_answer: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The best span of tokens in a context, before calibration.

    ``margin`` is its logit above that of "no answer"; ``share`` the log of its probability among
    all spans of its window.
    """

    first: int
    last: int
    margin: float
    share: float


class Reader:
    """Answers from contexts of any length, which are read in overlapping windows."""

    def __init__(
        self, adapter: Adapter, encoder: Encoder, threads: int = 0, exact: bool = False
    ) -> None:
        self._calibration = adapter.calibration
        self._tokenizer = encoder.tokenizer
        self._runner = open_adapter(adapter, encoder, threads, exact)
        self.runtime = self._runner.name

    def read(self, question: str, contexts: Sequence[str]) -> list[ReaderAnswer]:
        """Return the best answer in each context, in order.

        A context without words gives the empty answer with ``no_answer`` 1.
        """
        return self.read_pairs([(question, context) for context in contexts])

    def read_pairs(self, pairs: Sequence[tuple[str, str]]) -> list[ReaderAnswer]:
        """Return the best answer to each question in its context."""
        contexts = [self._tokenizer.read(context) for _, context in pairs]
        found = self.evidence([question for question, _ in pairs], contexts)
        return [
            self._answer(context, tokens, best)
            for (_, context), tokens, best in zip(pairs, contexts, found, strict=True)
        ]

    def evidence(
        self, questions: Sequence[str], contexts: Sequence[Tokens]
    ) -> list[Evidence | None]:
        """Return the best span for each pair, or None where the context has no tokens."""
        read = {text: self._tokenizer.read(text).cut(0, QUESTION_TOKENS) for text in set(questions)}
        rows, owners = [], []
        for owner, (text, tokens) in enumerate(zip(questions, contexts, strict=True)):
            asked = read[text]
            for start, end in windows(len(tokens), TOKENS - len(asked) - 3, OVERLAP):
                if end > start:
                    rows.append(join_pair(asked, tokens.cut(start, end)))
                    owners.append((owner, start, len(asked) + 2))
        best: list[Evidence | None] = [None] * len(contexts)
        for outputs, (owner, start, skip) in zip(self._runner.run(rows), owners, strict=True):
            found = best_span(outputs[0], skip, start)
            known = best[owner]
            if known is None or found.margin > known.margin:
                best[owner] = found
        return best

    def _answer(self, context: str, tokens: Tokens, best: Evidence | None) -> ReaderAnswer:
        if best is None:
            return ReaderAnswer(0, 0, "", 0.0, 1.0)
        first, last = best.first, best.last
        while first > 0 and tokens.words[first - 1] == tokens.words[first]:
            first -= 1
        while last + 1 < len(tokens) and tokens.words[last + 1] == tokens.words[last]:
            last += 1
        start, end = tokens.starts[first], tokens.ends[last]
        score, none = (self._probability(name, best) for name in EVIDENCE)
        return ReaderAnswer(start, end, context[start:end], score, none)

    def _probability(self, name: str, best: Evidence) -> float:
        sign = 1.0 if name == "answer" else -1.0
        margin, share, bias = self._calibration.get(name, [sign, 0.0, 0.0])
        return float(1 / (1 + np.exp(-(margin * best.margin + share * best.share + bias))))


def best_span(logits: np.ndarray[Any, Any], skip: int, offset: int) -> Evidence:
    """Return the best span of a window whose context begins at row ``skip``."""
    inside = logits[skip:-1].astype(np.float64)  # the row's last token is [SEP]
    totals = inside[:, None, 0] + inside[None, :, 1]  # start × end
    allowed = np.triu(np.ones_like(totals)) - np.triu(np.ones_like(totals), LONGEST)
    totals = np.where(allowed > 0, totals, -np.inf)
    first, last = np.unravel_index(int(totals.argmax()), totals.shape)
    margin = float(totals[first, last] - logits[0].sum())
    share = float(np.log(softmax(totals.reshape(1, -1)).max()))
    return Evidence(int(first) + offset, int(last) + offset, margin, share)
