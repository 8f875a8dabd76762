"""Composes turns to learn from: what is asked, put together with a text that it is asked about.

The wordings are the router's example utterances and the files in ``prompts/turns``; the texts
come from data sets. Of every turn it is known which characters are the material and which tools
are asked for, which no corpus of real turns says.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from assistant.models.segmenter import ASKED
from assistant.router.intents import misspell
from assistant.router.utterances import MATERIAL, SLOT, read
from assistant.training.datasets import Text
from assistant.training.turn_sources import Sources, wordings
from assistant.training.turn_texts import Texts

KINDS = {  # how often each kind of turn is composed
    "sentiment": 13,
    "entities": 13,
    "summarization": 13,
    "moderation": 13,
    "question_answering": 22,
    "several": 18,
    "documents": 12,
    "conversation": 12,
    "material": 3,
    "translation": 8,
    "zero_shot": 8,
    "similarity": 7,
    "tokens": 6,
    "fill_mask": 6,
    "sampling": 5,
}
MOSTLY = ("sentiment", "entities", "summarization", "moderation")  # asked together with another
USUAL = {  # the kinds of text that each tool is asked about, most often
    "sentiment": ("remark", "remark", "comment", "lines"),
    "entities": ("names", "names", "passage", "chat"),
    "summarization": ("passage", "passage", "story", "letter", "lines"),
    "moderation": ("comment", "comment", "remark", "lines"),
    "question_answering": ("passage", "names", "story", "letter", "chat"),
    "conversation": ("remark", "letter", "comment", "story"),
    "translation": ("words", "remark", "foreign", "letter"),
    "zero_shot": ("remark", "comment", "letter", "lines"),
    "similarity": ("pair", "pair", "lines", "lines"),
    "tokens": ("words", "words", "remark", "names"),
    "fill_mask": ("blanks",),
    "sampling": ("request",),
}
ONLY_USUAL = ("similarity", "fill_mask", "sampling")
_QUOTES = ('"{}"', '"{}"', "'{}'", "“{}”", "‘{}’", "«{}»", "`{}`", "„{}“")
MARKS = "\"'“‘«„`"
_FENCES = ("```\n{}\n```", "```{}```", '"""{}"""', "[{}]", "({})", "---\n{}\n---", "***\n{}\n***")
_LABELS = ("Text:", "text:", "Review:", "Comment:", "Passage:", "Context:", "Article:", "Message:")
_ASK_LABELS = ("Question:", "Q:", "My question:", "Task:", "Request:")
_JOINTS = ("\n\n", "\n\n", "\n", " ", ": ", ":\n", ":\n\n", " - ", "\n---\n")
_GREETINGS = ("hi", "Hi there!", "Hello.", "hey,", "Good evening.", "please,", "ok", "ok so")
_THANKS = (
    "thanks",
    "Thanks!",
    "thank you",
    "pls",
    "please",
    "ty",
    "Thank you in advance.",
    "cheers",
)


def compose(count: int, sources: Sources, seed: int) -> list[Text]:
    """Return ``count`` turns whose marks are the material and whose scores say what is asked.

    The same sources and seed give the same turns.
    """
    composer = Composer(sources, random.Random(seed))
    return [composer.turn() for _ in range(count)]


class Composer:
    """Puts turns together; every random choice comes from one generator."""

    def __init__(self, sources: Sources, draw: random.Random) -> None:
        self._draw = draw
        self._questions = sources.questions
        self._leads, self._patterns = wordings("leads"), wordings("together")
        self._asides = wordings("asides")
        self._by_intent: dict[str, list[str]] = {}
        for example in read():
            line = example.line.replace("\\n", "\n")
            self._by_intent.setdefault(example.intent, []).append(line)
        talk = [line for line in self._by_intent["conversation"] if SLOT in line]
        self._about_text = {**self._by_intent, "conversation": talk}
        self._texts = Texts(sources, self._by_intent, draw)
        self._phrases: dict[tuple[str, str], list[str]] = {}
        for line in wordings("asks"):
            tool, form, words = line.split("\t")
            self._phrases.setdefault((tool, form), []).append(words)

    def turn(self) -> Text:
        """Return the next turn."""
        kind = self._draw.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == MATERIAL:
            text = self._texts.text(
                self._draw.choice(["passage", "names", "story", "chat", "letter", "lines"])
            )
            return self._placed("", text, "", ())
        if kind == "several":
            return self._several()
        if kind in {"documents", "conversation"}:
            return self._placed(
                self._lead(0.1), "", self._draw.choice(self._by_intent[kind]), (kind,)
            )
        return self._one(kind)

    def _one(self, tool: str) -> Text:
        """One tool, mostly on a text that comes with it."""
        line = self._draw.choice(self._about_text[tool])
        if tool == "question_answering" and self._draw.random() < 0.7:
            question, passage = self._draw.choice(self._questions)
            return self._around(self._asked(question), self._texts.shortened(passage), (tool,))
        text = self._texts.text(
            self._draw.choice(USUAL[tool])
            if self._chance(0.75) or tool in ONLY_USUAL
            else self._texts.any_kind()
        )
        if SLOT not in line:
            if self._chance(0.4):
                return self._placed(self._lead(0.2), "", line, (tool,))
            return self._around(line, text, (tool,))
        if self._chance(0.5):
            before, _, after = line.partition(SLOT)
            lead = self._lead(0.2)
            joint = self._draw.choice([" ", " ", "\n"])
            return self._placed(f"{lead}{joint}{before}" if lead else before, text, after, (tool,))
        before, _, after = line.partition(SLOT)
        parts = [part.strip(" \n:\"“”'`([-–—") for part in (before, after)]
        return self._around(" ".join(part for part in parts if part), text, (tool,))

    def _several(self) -> Text:
        """Two or three tools at once."""
        pattern = self._draw.choice(self._patterns).replace("\\n", "\n")
        tools = self._draw.sample(MOSTLY, 3)
        if self._chance(0.3):
            tools[1] = self._draw.choice(["question_answering", "translation", "tokens"])
        asked = []
        for letter, tool in zip("abc", tools, strict=True):
            for form in "vn":
                slot = f"{{{letter}{form}}}"
                if slot in pattern:
                    pattern = pattern.replace(slot, self._draw.choice(self._phrases[tool, form]))
                    asked.append(tool)
        if self._chance(0.5):
            pattern = pattern[0].upper() + pattern[1:] if not pattern.startswith("{") else pattern
        if SLOT not in pattern:
            return self._placed("", "", pattern, tuple(asked))
        before, _, after = pattern.partition(SLOT)
        text = self._texts.text(self._texts.any_kind())
        if self._chance(0.4):
            return self._around(f"{before} {after}".strip(" \n:-"), text, tuple(asked))
        lead = self._lead(0.2)
        before = f"{lead} {before}" if lead else before
        return self._placed(before, text, after, tuple(asked))

    def _asked(self, question: str) -> str:
        """A question as people write it beside a passage."""
        if self._chance(0.15):
            question = f"{self._draw.choice(_ASK_LABELS)} {question}"
        if self._chance(0.2):
            question = question.lower().rstrip("?") + self._draw.choice(["", "?", "??"])
        if self._chance(0.12):
            question = self._draw.choice(
                [
                    f"according to the text, {question}",
                    f"Answer from the text: {question}",
                    f"I can't find it: {question}",
                    f"So, {question}",
                    f"Tell me, {question}",
                    f"I'd like to know: {question}",
                    f"{question} Use only the text.",
                    f"read this and answer. {question}",
                ]
            )
        return question

    def _around(self, request: str, text: str, tools: Sequence[str]) -> Text:
        """Set a request before, after or around a text, as writing allows."""
        lead = self._lead(0.35)
        request = request.strip()
        joint = self._draw.choice(
            ["\n\n", "\n\n", "\n", " ", ": ", ":\n", ":\n\n", " - ", "\n---\n"]
        )
        where = self._draw.random()
        if where < 0.45:
            if self._chance(0.15):
                request = f"{request if request[-1] in '.?!' else f'{request}.'} {self._aside()}"
            before = f"{lead} {request}".strip()
            before = before.rstrip(".:") if joint.startswith(":") else before
            after = self._draw.choice(["", "", "", "", " " + self._draw.choice(_THANKS)])
            if after and not self._chance(0.5):
                after = "\n" + after.strip()
            return self._placed(before + joint, text, after, tools)
        joint = self._draw.choice(["\n\n", "\n\n", "\n", " ", " ", " - ", "\n---\n", " — "])
        opening = lead
        if lead:
            opening = lead.rstrip(".") + self._draw.choice([". ", ": ", "\n", "\n\n", " ", ": "])
        return self._placed(opening, text, joint + request, tools)

    def _placed(self, before: str, text: str, after: str, tools: Sequence[str]) -> Text:
        """Write the turn out and mark the text in it."""
        before, after = self._typed(before), self._typed(after)
        shell = "{}"
        if text and before.strip() + after.strip() and text[0] not in MARKS:
            if self._chance(0.25):
                shell = self._draw.choice(_QUOTES)
            elif self._chance(0.1):
                shell = self._draw.choice(_FENCES)
            elif self._chance(0.08):
                shell = self._draw.choice(_LABELS) + " {}"
        if before and not before[-1].isspace() and text and before[-1] not in "\"'“«„`([":
            before += " "
        opening, _, closing = shell.partition("{}")
        written = f"{before}{opening}{text}{closing}{after}"
        start = len(before) + len(opening)
        lost = len(written) - len(written.lstrip())
        marks = ((start - lost, start - lost + len(text)),) if text else ()
        scores = {name: float(name in tools) for name in ASKED}
        return Text(written.strip(), scores, marks)

    def _typed(self, words: str) -> str:
        """Write words as hurried people do, now and then."""
        chance = self._draw.random()
        if chance < 0.12 and words.strip():
            return misspell(words, self._draw)
        if chance < 0.24:
            return words.lower()
        return words

    def _lead(self, share: float) -> str:
        """What some people say first: where the text is from, or good morning."""
        chance = self._draw.random()
        if chance > share:
            return ""
        if chance < share * 0.15:
            return self._draw.choice(_GREETINGS)
        lead = self._draw.choice(self._leads)
        return f"{lead} {self._draw.choice(self._leads)}" if self._chance(0.12) else lead

    def _aside(self) -> str:
        """What some people add to their request: why they ask, or where the text is from."""
        aside = self._draw.choice(self._asides if self._chance(0.7) else self._leads)
        return aside.rstrip(".") + self._draw.choice([".", ".", "", "!"])

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share
