"""Reads a disguised comment as it is meant, and knows where everything stood.

In this order, until nothing changes any more:

1. Hidden characters (zero-width, control, direction) and piled-up marks go; letters and digits in
   mathematical, full-width, circled and other dress become plain ones (Unicode's NFKC).
2. Letters drawn as emoji, and flags of no country, become letters.
3. Cyrillic, Greek and other look-alikes become Latin letters, in words that mix scripts or are
   wholly made of them amid Latin text. Russian and Greek words stay.
4. Single letters kept apart ("s t u p i d", "i.d.i.o.t") are joined.
5. Digits and signs for letters ("1d10t", "a$$hole"), masks ("f**k") and repeats ("loooser") are
   undone where a known word comes out. Numbers, units, links and handles stay.

Emoji themselves need nothing here: the encoder's tokenizer reads each by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant.moderation.characters import Edit, boxed_letters, latin_letters, plain_letters
from assistant.moderation.disguises import letters_apart, whole_words

UNICODE = (plain_letters, boxed_letters, latin_letters)
ROUNDS = 8  # after which a text that still changes is left as it is by then


@dataclass(frozen=True, slots=True)
class Normalized:
    """A text as it is meant.

    ``places`` says where each of its characters begins in the original, and one more the
    original's length.
    """

    text: str
    places: Sequence[int]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original that [start, end) of the text stands for."""
        if end <= start:
            return self.places[start], self.places[start]
        after = end
        while after < len(self.text) and self.places[after] <= self.places[end - 1]:
            after += 1  # several characters may stand for one
        return self.places[start], self.places[after]


def normalize(text: str) -> Normalized:
    """Return ``text`` as it is meant; the same text if it is not disguised."""
    known = Normalized(text, range(len(text) + 1))
    for _ in range(ROUNDS):
        before = known.text
        if not known.text.isascii() or not known.text.isprintable():
            for step in UNICODE:
                known = _after(step, known)
        known = _after(letters_apart, known)
        known = _after(whole_words, known)
        if known.text == before:
            break
    return known


def _after(step: Callable[[str], Iterator[Edit]], known: Normalized) -> Normalized:
    """Return ``known`` with the stretches replaced that ``step`` finds."""
    edits = sorted(step(known.text))
    if not edits:
        return known
    parts: list[str] = []
    places: list[int] = []
    last = 0
    for start, end, new, begins in edits:
        parts += [known.text[last:start], new]
        places += [*known.places[last:start], *(known.places[place] for place in begins)]
        last = end
    parts.append(known.text[last:])
    places += known.places[last:]
    return Normalized("".join(parts), places)
