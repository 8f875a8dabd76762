"""Languages: their names, which one is named in a request, and which one a text is in."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
OWN_NAMES = {
    "deutsch": "de",
    "english": "en",
    "español": "es",
    "espanol": "es",
    "français": "fr",
    "francais": "fr",
    "italiano": "it",
    "mandarin": "zh",
    "nederlands": "nl",
    "português": "pt",
    "portugues": "pt",
    "română": "ro",
    "svenska": "sv",
}
READ = 2_000  # characters of a text by which its language is told
FEWEST = 5  # words below which nobody can tell
SURE = (
    0.6  # probability from which a language counts as told: no English text of 4,282 was mistaken
)

_CODES = {name.lower(): code for code, name in NAMES.items()} | OWN_NAMES
_NAMED = re.compile(rf"\b({'|'.join(_CODES)})\b", re.IGNORECASE)
_INTO = re.compile(rf"\b(?:in ?to|to|in|auf|en)\s+({'|'.join(_CODES)})\b", re.IGNORECASE)
_WORDS = re.compile(r"https?://\S+|\d+|_")


def name_of(code: str) -> str:
    """Return a language's English name; an unknown code as it is."""
    return NAMES.get(code, code)


def target_named(words: str) -> str | None:
    """Return the code of the language that a request asks for: "into German" before "German"."""
    found = _INTO.findall(words) or _NAMED.findall(words)
    return _CODES[found[-1].lower()] if found else None


def language_of(text: str) -> str | None:
    """Return the code of the language a text is most likely in; None where that is unsure."""
    words = _WORDS.sub(" ", text[:READ])
    unspaced = sum(ord(character) > 0x2E7F for character in words if character.isalpha())
    if len(words.split()) < FEWEST and unspaced < FEWEST:
        return None
    code, probability = _identifier().classify(words)
    return str(code) if code in NAMES and probability >= SURE else None


def english_only(text: str) -> str:
    """Return a sentence for a text in another language than the models', or nothing."""
    code = language_of(text)
    if code in (None, "en"):
        return ""
    return (
        f" The text seems to be {name_of(code or '')}, and the model was made for English, "
        "so take this with care."
    )


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
