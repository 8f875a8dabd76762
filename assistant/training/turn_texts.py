"""Makes the texts that composed turns are about: as the sources have them, and as lists, chats and
letters put together from them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from assistant.router.utterances import MATERIAL, SLOT
from assistant.text import sentences
from assistant.training.turn_sources import Sources, wordings

TEXTS = ("remark", "comment", "names", "passage", "story")  # kinds that the sources hold
UNTOUCHED = ("pair", "blanks", "request", "words")  # kinds that no request is put into
_PAIRS = ('"{}" and "{}"', "“{}” and “{}”", "'{}' and '{}'", '"{}" vs "{}"', '"{}", "{}"')
_BARE_PAIRS = ("{} and {}", "{} vs {}", "{} or {}", "{}\n{}", "{}\n\n{}", "{}; {}", "A: {}\nB: {}")
_BLANKS = ("___", "___", "_____", "[MASK]", "[MASK]", "<mask>", "____", "(...)", "[blank]")
INJECTED = 0.25  # share of texts that hold words which elsewhere would ask for something
LONGEST = 900  # characters of a text
_NAMES = (  # of people who write
    "Ana",
    "Ben",
    "tom",
    "Lucía",
    "K.",
    "nora",
    "Mr. Bell",
    "Yusuf",
    "Ines",
    "user12",
    "Q",
    "A",
)


class Texts:
    """Draws texts of a kind; ``requests`` are the utterances of each intent."""

    def __init__(
        self, sources: Sources, requests: Mapping[str, Sequence[str]], draw: random.Random
    ) -> None:
        self._texts = {kind: getattr(sources, kind) for kind in TEXTS}
        self._by_intent = requests
        self._requests = [line for line in requests["conversation"] if SLOT not in line]
        self._foreign = wordings("foreign")
        self._draw = draw

    def text(self, kind: str) -> str:
        """A text of a kind, sometimes with words in it that elsewhere would ask for something."""
        makers: dict[str, Callable[[], str]] = {
            "pair": self._pair,
            "blanks": self._blanks,
            "words": self._words,
            "request": lambda: self._draw.choice(self._requests),
            "foreign": lambda: self._draw.choice(self._foreign),
        }
        if kind in makers:
            text = makers[kind]()
        elif kind == "lines":
            text = self._listed()
        elif kind == "chat":
            text = self._chat()
        elif kind == "letter":
            text = self._letter()
        else:
            text = self.shortened(self._draw.choice(self._texts[kind]))
        if kind in UNTOUCHED or not self._chance(INJECTED):
            return text
        return self._with_a_request(text)

    def any_kind(self) -> str:
        """Return one of the kinds of text at random."""
        return self._draw.choice([*self._texts, "lines", "chat", "letter"])

    def _with_a_request(self, text: str) -> str:
        intent = self._draw.choice(sorted(self._by_intent.keys() - {MATERIAL}))
        line = self._draw.choice(self._by_intent[intent])
        words = " ".join(line.replace(SLOT, " ").split()).strip(" :\"'“”`")
        words = words if words.endswith(("?", "!", ".")) else f"{words}."
        if self._chance(0.15):
            words = f"{intent.replace('_', ' ').capitalize()}: {words}"
        spans = sentences(text)
        cut = 0 if self._chance(0.4) else self._draw.choice([0, *(end for _, end in spans)])
        return " ".join(part for part in (text[:cut].strip(), words, text[cut:].strip()) if part)

    def _letter(self) -> str:
        """A mail or letter: perhaps its head, what it says, and who signs it."""
        name = self._draw.choice(_NAMES)
        heads = [
            "",
            "",
            f"From: {name}\n",
            f"Subject: {self._subject()}\n",
            f"Re: {self._subject()}\n",
        ]
        head = self._draw.choice(heads)
        if head and self._chance(0.4):
            head = f"From: {name}\nTo: {self._draw.choice(_NAMES)}\n{head}"
        hail = self._draw.choice(
            ["", "Dear {},\n\n", "Hi {},\n", "To the editor:\n", "Dear Sir,\n"]
        )
        source = self._draw.choice(["passage", "story", "remark", "names"])
        body = self.shortened(self._draw.choice(self._texts[source]))
        end = self._draw.choice(
            ["", "", "\n\nRegards, {}", "\n{}", "\n\nYours,\n{}", "\nThanks, {}"]
        )
        letter = f"{head}{hail}{body}{end}".replace("{}", self._draw.choice(_NAMES))
        return letter.strip()

    def _subject(self) -> str:
        words = self._draw.choice(self._texts["remark"]).split()
        return " ".join(words[: self._draw.randint(2, 6)])

    def _listed(self) -> str:
        """Several short texts, one a line."""
        source = self._texts[self._draw.choice(["remark", "comment"])]
        short = [self._draw.choice(source)[:160].strip() for _ in range(self._draw.randint(2, 5))]
        style = self._draw.choice(["{}", "- {}", "* {}", "{n}. {}", "({n}) {}", "{n}) {}", "• {}"])
        joined = [
            style.replace("{n}", str(number)).replace("{}", " ".join(line.split()))
            for number, line in enumerate(short, 1)
        ]
        return "\n".join(joined)

    def _words(self) -> str:
        """One to five words of a remark."""
        words = self._draw.choice(self._texts["remark"]).split()
        start = self._draw.randrange(len(words))
        few = " ".join(words[start : start + self._draw.randint(1, 5)])
        return few.strip(".,;:!?\"'()- ") or words[start]

    def _pair(self) -> str:
        """Two short texts, in quotes or joined by a word or a break."""
        if self._chance(0.2):
            first, second = self._words(), self._words()
        else:
            source = self._texts[self._draw.choice(["remark", "comment"])]
            first, second = (
                " ".join(self._draw.choice(source)[:120].split()).replace('"', "") for _ in "ab"
            )
        return self._draw.choice(_PAIRS + _BARE_PAIRS).format(first, second)

    def _blanks(self) -> str:
        """A sentence with a word or two left out."""
        source = self._texts[self._draw.choice(["remark", "passage", "story"])]
        text = self._draw.choice(source)
        words = next(text[start:end] for start, end in sentences(text)).split()[:30]
        for _ in range(1 if self._chance(0.85) else 2):
            place = self._draw.randrange(len(words))
            sign = words[place][-1] if words[place][-1] in ".,!?" else ""
            words[place] = self._draw.choice(_BLANKS) + sign
        return " ".join(words)

    def _chat(self) -> str:
        """Lines of a conversation with the names of those who speak."""
        names = self._draw.sample(_NAMES, 2)
        source = self._texts[self._draw.choice(["remark", "comment", "names"])]
        said = [self._draw.choice(source)[:120] for _ in range(self._draw.randint(2, 5))]
        stamp = self._draw.choice(["", "", "", "[10:4{n}] "])
        return "\n".join(
            f"{stamp.replace('{n}', str(place % 10))}{names[place % 2]}: {' '.join(line.split())}"
            for place, line in enumerate(said)
        )

    def shortened(self, text: str) -> str:
        """Return whole sentences from the beginning, mostly few."""
        text = text.strip()
        limit = self._draw.choice([120, 250, 400, LONGEST])
        if len(text) <= limit:
            return text
        fitting = [end for _, end in sentences(text[: limit + 200]) if end <= limit]
        return text[: fitting[-1]].strip() if fitting else text[:limit].strip()

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share
