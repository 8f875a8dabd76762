"""Which stops belong to an abbreviation, an initial or a title, and do not end a sentence."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Followed by a name or number far more often than by a new sentence.
_NEVER_LAST = _words(
    "mr mrs ms mx dr prof rev hon gen col sgt capt lt gov sen rep st mt ft messrs mme mlle fr e.g "
    "i.e eg ie vs v cf viz approx ca c fig figs eq eqs sec ch no nos vol vols p pp ed eds art al "
    "ref refs dept univ resp incl excl est min max avg tel bzw z.b d.h jan feb mar apr jun jul "
    "aug sep sept oct nov dec"
)
# May end a sentence; a capital after them decides, except where a name is likelier to follow.
_MAYBE_LAST = _words("etc inc ltd co corp jr sr bros a.m p.m am pm ph.d m.d b.a m.a")
_STARTERS = _words(
    "the a an this that these those it its he she they we i you his her their our my your there "
    "here in on at by for from with as if when while where who what why how which but and or so "
    "then thus however also after before since because although though once no not some many most "
    "all each every both another meanwhile moreover finally first next"
)
_PROSE_WORDS_ENDING_IN_A_STOP = _words("no co sec min max mar est art ed st fig sen")


def is_abbreviation(word: str, next_word: str, *, closed: bool) -> bool:
    """Say whether the stop after ``word`` belongs to it, and the sentence goes on.

    ``next_word`` is the one that follows, "" at the end; ``closed`` says that a quotation mark or
    bracket stands between them.
    """
    plain = word.lower().strip("'’-")
    begins = next_word.lower() in _STARTERS and next_word[:1].isupper()
    if plain in _NEVER_LAST:
        if plain in _PROSE_WORDS_ENDING_IN_A_STOP and (begins or closed):
            return False
        return not begins or "." in plain
    if plain in _MAYBE_LAST:
        return not next_word[:1].isupper()
    initial = len(plain) == 1 and word.isalpha() and word.isupper() and word != "I"
    dotted = re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", plain) is not None  # "U.S"
    if initial or dotted:
        return bool(next_word) and not begins and not closed
    return False
