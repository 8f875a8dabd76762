"""How tokens become one input row: ids, segments and features, for one text or for a pair.

Features say what the uncased ids cannot: the letter case of a word (``tokens.CASES``) and, in a
passage, whether the word occurs in the question. Training and run time both build rows here.
"""

from __future__ import annotations

from assistant.models.tokens import CASES, CLS, SEP, Tokens

TURN_HEAD, TURN_TAIL = 128, 80  # tokens of a long turn that are read: requests stand at its ends
Row = tuple[list[int], list[int], list[int]]

# Token ids of words whose match says nothing: the, of, and, in, to, was, is, a, what, who, …
COMMON = frozenset(
    (1037, *range(1996, 2002), 2003, 2005, 2006, *range(2008, 2023), 2024, 2025, 2027, 2029)
) | {2031, 2033, 2040, 2043, 2054, 2073, 2079, 2106, 2116, 2129, 2172, 2339, 2515}


def join_single(tokens: Tokens) -> Row:
    """Return ids, segments and features of [CLS] text [SEP]."""
    return (
        [CLS, *tokens.ids, SEP],
        [0] * (len(tokens) + 2),
        [0, *tokens.cases, 0],
    )


def join_pair(question: Tokens, context: Tokens) -> Row:
    """Return ids, segments and features of [CLS] question [SEP] context [SEP]."""
    sign = CASES.index("sign")
    asked = {
        token
        for token, case in zip(question.ids, question.cases, strict=True)
        if case != sign and token not in COMMON
    }
    marked = [
        case + len(CASES) * (token in asked)
        for token, case in zip(context.ids, context.cases, strict=True)
    ]
    return (
        [CLS, *question.ids, SEP, *context.ids, SEP],
        [0] * (len(question) + 2) + [1] * (len(context) + 1),
        [0, *question.cases, 0, *marked, 0],
    )


def join_turn(tokens: Tokens, opens: list[bool]) -> Row:
    """Return one row of a turn; a long one becomes a pair of its head and its tail.

    ``opens`` says which tokens begin a line, which the ids do not tell.
    """
    marked = [
        case + len(CASES) * opening for case, opening in zip(tokens.cases, opens, strict=True)
    ]
    if len(tokens) <= TURN_HEAD + TURN_TAIL:
        return [CLS, *tokens.ids, SEP], [0] * (len(tokens) + 2), [0, *marked, 0]
    tail = len(tokens) - TURN_TAIL
    return (
        [CLS, *tokens.ids[:TURN_HEAD], SEP, *tokens.ids[tail:], SEP],
        [0] * (TURN_HEAD + 2) + [1] * (TURN_TAIL + 1),
        [0, *marked[:TURN_HEAD], 0, *marked[tail:], 0],
    )


def turn_places(count: int) -> list[int]:
    """Return, for each token of a turn's row, which of ``count`` tokens it is, or -1."""
    if count <= TURN_HEAD + TURN_TAIL:
        return [-1, *range(count), -1]
    return [-1, *range(TURN_HEAD), -1, *range(count - TURN_TAIL, count), -1]


def windows(count: int, size: int, overlap: int) -> list[tuple[int, int]]:
    """Return [start, end) stretches of at most ``size`` tokens that cover ``count`` tokens.

    Neighbours share ``overlap`` tokens (fewer than ``size``). An empty text has one empty window.
    """
    starts = range(0, max(1, count - overlap), size - overlap)
    return [(start, min(start + size, count)) for start in starts]
