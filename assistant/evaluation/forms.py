"""Turns an English sentence into a question that it answers, by patterns. No model.

"A token is a piece of text." gives "What is a token?". Only whole, plain sentences that make sense
by themselves are taken: rather no question than a strange one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace

from assistant.summaries import content_words

SHORTEST, LONGEST = 30, 220  # characters of a sentence
WORDS = 3  # content words that a question has at least, unless it asks what something is


@dataclass(frozen=True, slots=True)
class Form:
    """A question and the words of its sentence that answer it.

    ``subject`` is what a definition defines, empty for other questions.
    """

    question: str
    answer: str
    subject: str = ""


_VERBS = """
accept achieve act add adjust affect aggregate allow answer appear apply approve arrive assign
attach avoid base become begin belong bring build calculate call capture carry cause change charge
check choose clean close collect combine come compare compress compute connect consist contain
control convert copy correct cost count cover create cut decide decode decrease define deliver
depend describe determine differ display distribute divide drop earn employ enable encode end ensure
estimate evaluate exceed expect explain extend extract fall fill find fit fix follow form freeze
generate get give go grow guide handle hash have help hide hold identify ignore implement improve
include increase index indicate inform inherit install interpolate join keep label last lead learn
leave let lie limit link list live load look lose lower make manage map mark mask match mean measure
meet merge minimize mix modify move multiply name need offer omit open operate optimize order own
partition pass pay perform place play point pool predict prepare present prevent process produce
project protect prove provide publish pull put quantize raise rank reach read receive recognize
recommend record recover reduce refer refuse register remain remove render repeat replace reply
report represent require reserve reset resize return rewrite round run save scale score search see
select sell send separate serve set share shift shorten show shrink simplify skip solve sort speak
specify speed split spread stack stand start stay stop store strip suggest support switch take teach
tell test tokenize track train transfer transform translate treat try turn understand unite update
use validate vary verify wait want wash watch work wrap write yield
"""
_PAST = """
acquired added adopted announced approved became began bought built changed chose closed combined
created designed developed discovered divided drew earned established explained extended founded
gave hid hired improved increased introduced invented joined launched led left made measured moved
named opened organised organized painted presented produced proposed proved published raised
received reduced released removed replaced reported sent showed signed sold started taught trained
translated used visited won wrote
"""
_TURN = "is|are|was|were|can|could|must|should|will|may|has|have"  # moves before its subject
_LEANING = re.compile(
    r"\b(?:it|its|itself|they|them|their|this|that one|these|those|such|he|him|she|his|her|here|"
    r"there|above|below|following|former|latter|both|same|others?|another|we|us|our|you|your|I|my|"
    r"then|instead|again|previous|next|earlier|later|first|second|third|last|now|today|example|"
    r"respectively|likewise|too|though|so far)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:and|but|so|or|if|when|while|because|since|as|in|on|at|for|from|with|without|by|to|after|"
    r"before|during|unless|once|until|although|though|however|therefore|thus|hence|also|moreover|"
    r"only|not|no|some|many|most|all|each|every|any|few|several|more|less|one|two|three|four|what|"
    r"which|who|how|why|where|note|see|make|use|let|please|depending|given|everything|nothing|"
    r"someone|anyone|everyone|people|often|sometimes|usually|either|neither|otherwise|"
    r"additionally|finally|choose|set|run|call|pass|add|check|try|install|keep|put)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"(?:the |an? )?(?:result|reason|problem|goal|idea|limit|answer|question|difference|advantage|"
    r"drawback|point|part|step|way|thing|case|option|choice|solution|method|approach|table|figure|"
    r"section|chapter|page|author|rest|default|output|input|value|number|size|name|text|script|"
    r"code|program|file|model|data|company|document|report|task|tool|function|class|argument|"
    r"parameter|command|guide|tutorial|companion|strategy|technique)s?",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:, | )(?:because|since|so that)\b|, (?:and|but|so|while|which|who|where|whereas|with|such|"
    r"including|especially|for|as|or|not|even|then|[a-z]+ing)\b|; "
)
_ASIDE = r" (?:also|therefore|however|thus|thereby)\b(?=[ ,])| \([^()]*\)"
_NUMBER = (
    r"(?:\d[\d,.]*(?: (?:million|billion|thousand))?|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|twenty|thirty|forty|fifty|hundred)"
)
_PLAIN = re.compile(r"[A-Z][^\n`\[\]|<>*_#{}\\=\"“”!?]*[\w%)]\.")
_NAME = r"[^\W_][\w.+’'/-]*"
_SUBJECT = rf"(?P<subject>(?:(?:The|A|An) )?{_NAME}(?: (?!(?:{_TURN})\b){_NAME}){{0,5}}?)"


def _third(verb: str) -> str:
    if verb == "have":
        return "has"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ies"
    return f"{verb}{'es' if re.search(r'(?:s|x|z|ch|sh|o)$', verb) else 's'}"


_BASES = {_third(verb): verb for verb in _VERBS.split()}
_PLURAL_ACTS = re.compile(rf"[a-z]s (?:{'|'.join(_VERBS.split())}|output)\b")
_THIRD = "|".join(sorted(_BASES, key=len, reverse=True))
_BASE = "|".join(sorted(_VERBS.split(), key=len, reverse=True))
_DEFINITION = re.compile(
    rf"{_SUBJECT} (?P<verb>is|are) (?P<answer>(?:an?|the|one of the) .{{12,}})"
)
_COUNTED = re.compile(
    rf"{_SUBJECT} (?P<verb>{_THIRD}|{_BASE}|had) "
    rf"(?P<answer>(?:(?:about|around|up to|at least|at most|exactly|over|nearly|only|more than) )?"
    rf"{_NUMBER}) (?P<noun>(?!percent)[a-z-]+(?: [a-z-]+)?)(?P<rest>(?: (?:of|for|in|per) [^,:]+)?)"
)
_DATED = re.compile(
    rf"{_SUBJECT} (?P<verb>was|were) (?P<done>[a-z]+ed|built|made|written|born|sent|taken|begun)"
    r"(?P<more>(?: (?:by|at|as) [^,]+?)?) in (?P<answer>(?:[A-Z][a-z]+ )?[12]\d{3})\b"
)
_ACTED = re.compile(rf"{_SUBJECT} (?P<verb>{'|'.join(_PAST.split())}) (?P<rest>.{{12,}})")
_DOES = re.compile(rf"{_SUBJECT} (?P<verb>{_THIRD}|can|must|should|will|was) (?P<rest>.{{12,}})")
_REASON = re.compile(
    rf"{_SUBJECT} (?P<verb>{_TURN}|{_THIRD}) (?P<rest>[^,;]{{8,}}?),? "
    r"because (?P<answer>.{12,})"
)
_RELATIVE = re.compile(r"\b(?:that|which|who|whose|what|how|if|when|where|whether)\b")
_AND = rf"|\b and (?:{_THIRD})\b"  # "does X speed up … and reduces …" is no English
_ACTORS = ("PER", "ORG")
_LINKING = re.compile(
    r"\b(?:of|in|on|at|for|from|with|without|by|to|as|into|than|that|which|who|and|or|but|when|how|a|an|the|"
    r"while|if|between|through|over|about|does|do|did|not|never|always|also|often|usually)\b"
)


def question_of(
    sentence: str, common: Container[str], kind_of: Callable[[str, int], str]
) -> Form | None:
    """Return a question that ``sentence`` answers, or None if no pattern fits.

    ``common`` holds the words that the document writes in lower case as well. ``kind_of`` names
    the entity that ``sentence[:end]`` is, such as PER or ORG; empty if it is none.
    """
    text = " ".join(sentence.split())
    if not SHORTEST <= len(text) <= LONGEST or not _PLAIN.fullmatch(text):
        return None
    if _OPENING.match(text) or text.count("(") != text.count(")"):
        return None
    shorter = re.sub(_ASIDE, "", text[:-1])
    forms = _forms(shorter, kind_of)
    first = text.split()[0]
    is_name = any(sign.isupper() or sign.isdigit() for sign in first[1:])
    if first in {"A", "An", "The"} or (first.lower() in common and not is_name):
        forms = (_in_lower_case(form, first) for form in forms)
    return next((form for form in forms if form.answer in text and _makes_sense(form)), None)


def _forms(text: str, kind_of: Callable[[str, int], str]) -> Iterator[Form]:
    """Give what each pattern makes of a sentence without its full stop, the surest first."""
    clause = _main_clause(text)
    if (match := _COUNTED.fullmatch(clause)) and _names_something(match):
        yield Form(_counting(match), f"{match['answer']} {match['noun']}")
    if (match := _DATED.match(clause)) and _names_something(match):
        when = f"When {match['verb']} {match['subject']} {match['done']}{match['more']}?"
        yield Form(when, match["answer"])
    if (
        (match := _REASON.fullmatch(text))
        and _names_something(match)
        and _has_one_verb(match, _AND)
    ):
        yield Form(f"Why {_inverted(match)}?", match["answer"])
    if (match := _ACTED.fullmatch(clause)) and kind_of(text, match.end("subject")) in _ACTORS:
        yield Form(f"Who {match['verb']} {match['rest']}?", match["subject"])
    if (match := _DEFINITION.fullmatch(clause)) and _names_something(match):
        what = f"What {match['verb']} {match['subject']}?"
        yield Form(what, match["answer"], match["subject"])
    if (match := _DOES.fullmatch(clause)) and _names_something(match) and _is_telling(match):
        who = "Who" if kind_of(text, match.end("subject")) == "PER" else "What"
        yield Form(f"{who} {match['verb']} {match['rest']}?", match["subject"])


def _main_clause(text: str) -> str:
    """Return a sentence up to what it adds, but with a list ("loads, stores, and shows") whole."""
    found = _CLAUSE.search(text)
    if found is None:
        return text
    clause = text[: found.start()]
    is_list = found[0] in {", and", ", or"} and "," in clause
    return text if is_list else clause


def _counting(match: re.Match[str]) -> str:
    verb = match["verb"]
    if verb == "had":
        does, base = "did", "have"
    else:
        does, base = ("does", _BASES[verb]) if verb in _BASES else ("do", verb)
    return f"How many {match['noun']}{match['rest']} {does} {match['subject']} {base}?"


def _inverted(match: re.Match[str]) -> str:
    """Return the main clause as it stands after "Why": "does X need Y", "is X done"."""
    verb, subject, rest = match["verb"], match["subject"], match["rest"]
    if verb in _BASES and verb != "has":
        return f"does {subject} {_BASES[verb]} {rest}"
    if verb in {"has", "have"} and not re.match(r"(?:been|[a-z]+ed)\b", rest):
        return f"{'does' if verb == 'has' else 'do'} {subject} have {rest}"
    return f"{verb} {subject} {rest}"


def _names_something(match: re.Match[str]) -> bool:
    """Say whether the words before the verb name a thing that is known without the text."""
    subject = match["subject"]
    inside = " ".join(word for word in subject.split()[1:] if word != "of")
    return not (
        re.fullmatch(r"The [a-z-]+", subject)
        or _VAGUE.fullmatch(subject)
        or _LEANING.search(subject)
        or _LINKING.search(inside)
        or _PLURAL_ACTS.search(subject)
        or subject.endswith("ly")
        or not content_words(subject)
    )


def _is_telling(match: re.Match[str]) -> bool:
    """Say whether what a sentence tells of its subject is about that subject only."""
    subject, rest = match["subject"], match["rest"]
    plain = re.fullmatch(r"The [a-z-]+ [a-z-]+", subject)
    whole = not re.search("[,:]", rest) and len(content_words(rest)) >= WORDS
    return whole and not plain and _has_one_verb(match)


def _has_one_verb(match: re.Match[str], also: str = "") -> bool:
    """Say whether what was taken for the verb is one: no other follows in the main clause."""
    main = _RELATIVE.split(match["rest"])[0]
    others = rf"\b(?:is|are|was|were|has|have)\b{also}"
    return match["verb"] not in _BASES or not re.search(others, main)


def _in_lower_case(form: Form, first: str) -> Form:
    """Return the question with the sentence's first word as it stands inside a sentence."""
    asked = re.sub(rf"(?<=\s){re.escape(first)}\b", first[0].lower() + first[1:], form.question)
    return replace(form, question=asked)


def _makes_sense(form: Form) -> bool:
    words = set(content_words(form.question))
    if _LEANING.search(form.question) or (form.subject and _LEANING.search(form.answer)):
        return False
    return bool(form.subject) or len(words) >= WORDS
