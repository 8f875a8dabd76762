"""Finds the question among the words that stand around a text."""

from __future__ import annotations

import re

from assistant.router.split import Split
from assistant.text import sentences

ELLIPSIS = 3  # words of a question such as "and why not?" that needs its first

_QUESTION_LABEL = re.compile(
    r"^\s*(?:qu?estions?|q|my question|task|request)\s*[:.]\s*", re.IGNORECASE
)
_POINTER = re.compile(r"^[\s^<>↑↓-]+|[\s<>↑↓^-]+$")
_ASKS = re.compile(
    r"(?:and |so |but |then )?(?:who|whom|whose|what|whats|wat|when|wen|where|wehre|why|how|which|"
    r"wich|is|are|was|were|"
    r"do|does|did|can|could|will|would|should|has|have|had|"
    r"in which|at what|on which|on what|by whom|"
    r"for how|to whom|from which|from where|until when|since when|name|list)(?:'s|'re)?\b",
    re.IGNORECASE,
)
_KNOWING = re.compile(  # what stands before a question that is told, not asked
    r"\b(?:know|tell? (?:me|us)|make out|find(?: out)?|see|understand|wonder(?:ing)?|explain|"
    r"remind me|work out|figure out|acc?ording to \w+|going by \w+|look up|check|learn)\b"
    r"(?: (?:from|in|out of|by|with) (?:this|that|it|here|there|the \w+))?,? "
    r"(?=(?:who|whom|whose|what|wat|when|wen|where|wehre|why|how|which|wich|by when|until when)\b)",
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(r"(?:so|now|well)[,:]? (?=\w)", re.IGNORECASE)
_ASKING_POINT = re.compile(r"[:,–—]\s+")


def question_in(split: Split) -> str:
    """Return the question of a reading, without "Question:", "read this and answer:" and the like.

    It is the last sentence around the material that is worded as a question, or all of it.
    """
    for part in reversed(split.parts or (split.instruction,)):
        for start, end in reversed(sentences(part)):
            sentence = _QUESTION_LABEL.sub("", part[start:end]).strip()
            if question := _asked(sentence):
                return _POINTER.sub("", question)
    return _POINTER.sub(
        "", _QUESTION_LABEL.sub("", split.parts[-1] if split.parts else split.instruction)
    )


def _asked(sentence: str) -> str:
    """Return the question of a sentence without what leads to it, or nothing."""
    if _ASKS.match(sentence):
        return _without_connective(sentence)
    for mark in _ASKING_POINT.finditer(sentence):
        if _ASKS.match(sentence[mark.end() :]):
            return sentence[mark.end() :].strip()
    told = _KNOWING.search(sentence)
    if told:
        return sentence[told.end() :].rstrip(" .!:")
    return _without_connective(sentence) if sentence.endswith("?") else ""


def _without_connective(question: str) -> str:
    """Return a question without the "So" or "Now:" that joins it to what was said before."""
    rest = _CONNECTIVE.sub("", question, count=1)
    return rest if _ASKS.match(rest) and len(rest.split()) > ELLIPSIS else question
