"""Undoes what is done to single characters: hidden ones, piled marks, look-alikes of letters.

Knows characters and scripts, not words. Every function gives stretches of a text and what they
stand for; ``assistant.moderation.normalization`` puts them in place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

Edit = tuple[int, int, str, tuple[int, ...]]
"""Start and end of a stretch, what replaces it, and where each new character begins in the text."""

MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
JOINERS = "\u200c\u200d\ufe0e\ufe0f"  # of emoji, and of scripts after ASCII and Greek
HIDDEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\U000e0000-\U000e0fff"
)
_CLUSTER = re.compile(rf"(.?)([{MARKS}{HIDDEN}{JOINERS}]+)|[^\x00-\x7f]", re.DOTALL)
_HIDDEN = re.compile(f"[{HIDDEN}]")
_JOINER = re.compile(f"[{JOINERS}]")
_WORD = re.compile(r"[^\W_]+")


def _pairs(text: str) -> dict[str, str]:
    return {pair[0]: pair[1] for pair in text.split()}


# Look-alikes of Latin letters. Strict ones can hardly be told from them and may make up a whole
# word; the others only count in words that hold Latin letters as well.
_STRICT = _pairs(
    "аa сc еe оo рp хx уy іi јj ѕs һh ԁd ԛq ԝw ӏl АA ВB ЕE КK МM НH ОO РP СC ТT ХX ІI ЈJ ЅS ԌG ԚQ "
    "ԜW οo ϲc ϳj νv ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX օo սu ոn հh"
)
_LOOSE = _pairs("вb гr кk мm нh пn тt иu ьb яr УY αa βb εe γy ηn ιi κk μu ρp σo τt υu χx ωw ғf")
_DRESSED = _pairs(  # of phonetic script, by which no language is written
    "ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ǫq ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ɑa ɡg"
)
_FOREIGN = {*_DRESSED, *"ѕһԁԛԝӏԌԚԜϲϳ"}  # in no Russian, Ukrainian, Serbian or Greek word
_ALIKE = {**_LOOSE, **_STRICT, **_DRESSED}
_SOME_ALIKE = re.compile(f"[{''.join(_ALIKE)}]")
_BOXED = re.compile("[\U0001f150-\U0001f169\U0001f170-\U0001f189]")  # letters on a dark ground
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]+")  # letters, two of which make a flag


def plain_letters(text: str) -> Iterator[Edit]:
    """Yield hidden characters and piled marks to drop, and styled letters as plain ones (NFKC).

    A mark that makes one letter with what it stands on, as in é, stays; so do the marks and
    joiners of scripts and emoji that need them.
    """
    for match in _CLUSTER.finditer(text):
        base = match[1] if match[2] else match[0]
        edit = _folded(base) + _kept_marks(base, match[2] or "")
        composed = unicodedata.normalize("NFC", edit) if match[2] else edit
        if len(composed) > len(base):  # a mark without a letter of its own to go with
            composed = _folded(base) + _joiners(base, match[2] or "")
        if composed != match[0]:
            start = match.start()
            yield start, match.end(), composed, tuple([start] * len(composed))


def _folded(base: str) -> str:
    """Return a letter or digit in its plain form; other signs as they are."""
    if base.isascii():
        return base
    folded = unicodedata.normalize("NFKC", base)
    if base.isalpha() or base.isdecimal() or (len(folded) == 1 and folded.isalpha()):
        return folded
    return base


def _kept_marks(base: str, rest: str) -> str:
    marks = _JOINER.sub("", _HIDDEN.sub("", rest))
    return marks[:1] + _joiners(base, rest) if base.isalpha() else _joiners(base, rest)


def _joiners(base: str, rest: str) -> str:
    needed = base and ord(base) >= 0x590 and not _folded(base).isascii()
    return "".join(_JOINER.findall(rest)) if needed else ""


def boxed_letters(text: str) -> Iterator[Edit]:
    """Yield letters drawn as emoji: boxed ones beside a letter, and flags of no country."""
    for match in _BOXED.finditer(text):
        start, end = match.span()
        around = text[max(0, start - 1) : start] + text[end : end + 1]
        if any(sign.isalnum() or _BOXED.match(sign) for sign in around):
            first = 0x1F150 if ord(match[0]) < 0x1F170 else 0x1F170
            letter = chr(ord("A") + ord(match[0]) - first)
            yield start, end, letter, (start,)
    for match in _REGIONAL.finditer(text):
        if not _all_flags(match[0]):
            letters = "".join(chr(ord("A") + ord(sign) - 0x1F1E6) for sign in match[0])
            yield match.start(), match.end(), letters, tuple(range(match.start(), match.end()))


def _all_flags(signs: str) -> bool:
    import emoji

    pairs = [signs[place : place + 2] for place in range(0, len(signs), 2)]
    return all(emoji.is_emoji(pair) for pair in pairs)


def latin_letters(text: str) -> Iterator[Edit]:
    """Yield words whose Cyrillic, Greek or other letters stand for Latin ones.

    Those are words that mix them with Latin letters; and words wholly of strict look-alikes,
    if nothing in the text is surely of their script and something is surely not.
    """
    if not _SOME_ALIKE.search(text):
        return
    words = list(_WORD.finditer(text))
    latin = any(_is_latin(sign) for word in words for sign in word[0])
    other = any(
        sign.isalpha() and not _is_latin(sign) and sign not in _ALIKE
        for word in words
        for sign in word[0]
    )
    for word in words:
        letters = [sign for sign in word[0] if sign.isalpha()]
        alike = [sign for sign in letters if sign in _ALIKE]
        if not alike or not all(sign in _ALIKE or _is_latin(sign) for sign in letters):
            continue
        mixed = len(alike) < len(letters)
        foreign = any(sign in _FOREIGN for sign in letters)
        strict = all(sign in _STRICT for sign in letters) and (len(letters) > 1 or word[0] in "аі")
        if mixed or (not other and (foreign or (strict and latin))):
            new = "".join(_ALIKE.get(sign, sign) for sign in word[0])
            yield word.start(), word.end(), new, tuple(range(word.start(), word.end()))


def _is_latin(sign: str) -> bool:
    if sign.isascii():
        return sign.isalpha()
    return sign not in _ALIKE and unicodedata.name(sign, "").startswith("LATIN")
