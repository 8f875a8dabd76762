"""What kind of answer a question wants, read from its words alone. English only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["fact", "definition", "comparison", "open"]

LONGEST_SUBJECT = 6  # words of what is defined or compared

_LEAD_IN = r"(?:(?:and|so|but|then|ok|please|hi|hey)[, ]+)*"
_OPEN = re.compile(
    _LEAD_IN + r"(?:how (?:do|does|can|could|should|would|to|is|are)\b|explain|describe|compare|"
    r"tell me|(?:is|are|was|were|do|does|did|can|could|should|will|why)\b|"
    r"what(?:'s| is| are) (?:the )?(?:differences?|advantages?|drawbacks?|point|idea|best way)\b|"
    r"what does .* (?:do|mean)\b|what (?:about|happens)\b|"
    r"when (?:is|are|do|should|can|would)\b|(?:which|what) .* should\b)",
    re.IGNORECASE,
)
_HOW_TO = re.compile(
    _LEAD_IN
    + r"(?:how (?:do|can|could|should|would|to)\b|show me how|what(?:'s| is) the best way)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r".*\b(?:who|whom|whose|what|when|where|which|how|name)\b", re.IGNORECASE | re.DOTALL
)
_DEFINE = (
    re.compile(
        _LEAD_IN + r"(?:what(?:'s| is| are)|who(?:'s| is| are)|define|explain|describe|"
        r"tell me (?:about|what))\s+(?P<subject>.+?)(?: is| are| means?)?[\s?.!]*",
        re.IGNORECASE,
    ),
    re.compile(
        _LEAD_IN + r"what do(?:es)? (?P<subject>.+?) (?:do|mean|stand for)[\s?.!]*",
        re.IGNORECASE,
    ),
)
_RELATED = re.compile(
    r"\b(?:of|for|in|on|at|by|to|from|with|between|that|which|who|when|where|if|used|called|"
    r"named|differences?|than|and|or|it|its|this|that|they|you|your|my|i|do|does|did)\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(r"^(?:an?|the|some|any)\s+", re.IGNORECASE)
_COMPARE = (
    re.compile(r"\b(?:differences?|choose|decide) between (?P<one>.+?) and (?P<other>.+)", re.I),
    re.compile(r"\bcompare (?P<one>.+?) (?:and|with|to|against|versus|vs\.?) (?P<other>.+)", re.I),
    re.compile(r"\bhow (?:do|does|is|are) (?P<one>.+?) differ(?:ent)? from (?P<other>.+)", re.I),
    re.compile(r"(?P<one>.+?)\s+(?:vs\.?|versus)\s+(?P<other>.+)", re.I),
)
_EXPECTED = (
    (r"\bhow (?:many|much|old|long|far|tall|high|big|large|often|fast)\b", "count"),
    (r"\bwhat (?:percent|share|number|amount|year|age)", "count"),
    (r"\b(?:when|(?:what|which) (?:year|date|day|month|century|decade))\b", "time"),
    (r"\b(?:who|whom|whose)\b", "name"),
)
_COUNT = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|"
    r"ninety|hundred|thousand|million|billion|dozen|half|third|quarter|once|twice|every|each|all|"
    r"none|no|several|few|many|most|daily|weekly|monthly|yearly|hourly|single|double|a|an)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\d|\b(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|spring|summer|autumn|fall|winter|"
    r"century|decade|year|month|week|day|night|morning|noon|evening|midnight|today|tomorrow|"
    r"yesterday|after|before|during|until|since|when|while|once|then|end|beginning|war|age|era)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question; ``subjects`` are what is to be defined, or the two things to be compared."""

    text: str
    kind: Kind
    subjects: tuple[str, ...] = ()
    how_to: bool = False  # whether steps or code would be the answer


def understand(text: str) -> Question:
    """Return what ``text`` asks for."""
    asked = " ".join(text.split())
    compared = _compared(asked)
    if compared:
        return Question(text, "comparison", compared)
    defined = _defined(asked)
    if defined:
        return Question(text, "definition", (defined,))
    if _OPEN.match(asked) or not _ASKS.match(asked):
        return Question(text, "open", how_to=bool(_HOW_TO.match(asked)))
    return Question(text, "fact")


def fits(question: str, answer: str) -> bool:
    """Say whether a short answer is of the sort asked for: a number, a time, somebody's name.

    True where the question tells no sort.
    """
    expected = next((sort for asks, sort in _EXPECTED if re.search(asks, question, re.I)), None)
    if expected == "count":
        return bool(_COUNT.search(answer))
    if expected == "time":
        return bool(_TIME.search(answer))
    return expected is None or answer != answer.lower()


def _defined(asked: str) -> str | None:
    for pattern in _DEFINE:
        match = pattern.fullmatch(asked)
        if match:
            subject = _bare(match["subject"])
            short = 0 < len(subject.split()) <= LONGEST_SUBJECT
            return subject if short and not _RELATED.search(subject) else None
    return None


def _compared(asked: str) -> tuple[str, ...]:
    for pattern in _COMPARE:
        match = pattern.search(asked)
        if match:
            one, other = _bare(match["one"]), _bare(match["other"])
            if not all(0 < len(each.split()) <= LONGEST_SUBJECT for each in (one, other)):
                return ()
            if len(one.split()) == 1 < len(other.split()):  # "encoder and decoder models"
                one = f"{one} {other.split()[-1]}"
            return one, other
    return ()


def _bare(subject: str) -> str:
    """Return a noun without its article and what ends a sentence."""
    return _DETERMINER.sub("", subject.strip(" ?.!,;:\"'“”‘’")).strip()
