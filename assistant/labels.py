"""Finds the labels in a request such as "classify as sports, politics or tech".

A list is the stretch between two signs of punctuation with the most items; the words of the
request before its first item and behind its last do not belong to it.
"""

from __future__ import annotations

import re

MOST = 50  # labels
LONGEST = 5  # words of a label
HEAD = 400  # characters in which labels before a text are looked for

_BORDER = re.compile(r":\s|\?\s|\n")
_NAMED = re.compile(r"\s*(?:labels?|categories|classes|topics|options|choices)\b", re.IGNORECASE)
_CLAUSES = re.compile(r"[.?!:\n()\[\]{}–—]+|\s-+\s")
_QUOTED = re.compile(r"[\"“”«»‘]([^\"“”«»‘’\n]{1,60})[\"“”«»’]|(?<!\w)'([^'\n]{1,60})'(?!\w)")
_BULLET = re.compile(r"\s*(?:(?:^|\n)\s*[-*•]|(?:^|(?<=[\s,;]))\(?[a-hA-H1-9][.)])\s+")
_LINKS = re.compile(r"(?:(?:an?|the|as|to|under|in|into|about)\s+)+", re.IGNORECASE)
_SIGNS = re.compile(r"\s*[,;/|]\s*(?:(?:or|and)\s+)?")
_OR = re.compile(r"\s*[,;/|]\s*(?:or\s+)?|\s+or\s+", re.IGNORECASE)
_AND = re.compile(r"\s*[,;/|]\s*(?:and\s+)?|\s+(?:and|vs\.?|versus)\s+", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\b(?:all (?:that|which) (?:apply|fit)|(?:any|which|all) of (?:these|them|the)[\w\s]{0,20}"
    r"(?:apply|fit)|several|multiple|more than one|multi-?label|tag(?:s|ged)?)\b",
    re.IGNORECASE,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BEFORE = _words(  # the words of a request that may stand before its labels
    "a about above across among an are article as assign be belong belongs below best between "
    "bucket buckets by call can candidate categories categorise categorize category choices "
    "choose class classes classification classified classify comment could decide do does either "
    "email fall falls file find fit fits following for from give given group headline here how i "
    "in into is it it's its kind label labelled labels like likely me message more most mostly "
    "note of on one ones options or paragraph per pick please possible post put question rather "
    "review route same say select sentence shot snippet so sort sound sounds tag tags tell text "
    "that the them these this those ticket to topic topics type under use using what whether "
    "which with would you zero"
)
_AFTER = _words(  # and those that may stand behind them
    "above applies apply article below belong belongs best category class comment describes does "
    "each email fits following for headline here is it label labels line message note now of one "
    "ones only paragraph please pls post review sentence snippet text thank thanks that the them "
    "then these this those ticket to topic topics type which would you"
)


def find_labels(words: str) -> tuple[str, ...]:
    """Return the labels listed in a request, each once; none when there are fewer than two."""
    quoted = [first or second for first, second in _QUOTED.findall(words)]
    if len(quoted) >= 2:
        return _unique(quoted)
    lists = [_items(clause) for clause in _CLAUSES.split(_BULLET.sub(" , ", words))]
    best = max(lists, key=len, default=[])
    return _unique(best) if len(best) >= 2 else ()


def split_labels(text: str) -> tuple[tuple[str, ...], str]:
    """Return the labels that a text opens or ends with, and the rest: "sports, tech: …"."""
    for border in _BORDER.finditer(text[:HEAD]):
        found, rest = find_labels(text[: border.start()]), text[border.end() :].strip()
        if found and rest:
            return found, rest
    body, _, last = text.rstrip().rpartition("\n")
    found = find_labels(last) if body.strip() and _NAMED.match(last) else ()
    return (found, body.strip()) if found else ((), text)


def asks_for_several(words: str) -> bool:
    """Say whether more than one label may hold."""
    return bool(_SEVERAL.search(words))


def _items(clause: str) -> list[str]:
    separator = _OR if re.search(r"\bor\b", clause, re.IGNORECASE) else _AND
    if separator is _AND and _SIGNS.search(clause) and not re.search(r"\band\b", clause):
        separator = _SIGNS
    parts = [part.strip(" \t\"'“”‘’*_`,;") for part in separator.split(clause)]
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return []
    parts[0], parts[-1] = _without_opening(parts[0]), _without_end(parts[-1])
    parts = [_LINKS.sub("", part, count=1) if _LINKS.match(part) else part for part in parts]
    parts = [part for part in parts if part]
    kept = [part for part in parts if len(part.split()) <= LONGEST]
    return kept if len(parts) - len(kept) <= 1 else []


def _without_opening(part: str) -> str:
    """Drop the request before the first item: "classify this as sports" is sports."""
    words = part.split()
    last = max((i for i, word in enumerate(words) if word.lower() in _BEFORE), default=-1)
    return " ".join(words[last + 1 :]) if last + 1 < len(words) else ""


def _without_end(part: str) -> str:
    """Drop the request behind the last item: "tech does this belong to" is tech."""
    words = part.split()
    first = next((i for i, word in enumerate(words) if i and word.lower() in _AFTER), len(words))
    return " ".join(words[:first])


def _unique(labels: list[str]) -> tuple[str, ...]:
    known = {label.lower(): label for label in reversed(labels)}
    return tuple(label for label in dict.fromkeys(known[label.lower()] for label in labels))[:MOST]
