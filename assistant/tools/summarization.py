"""Summarizes a text by its most central sentences; never invents one."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import ClassVar, Literal

from assistant.errors import GeneratorError
from assistant.events import Event, Progress, Resulted, TextDelta
from assistant.generation.citations import supporting
from assistant.languages import english_only
from assistant.prompts import render
from assistant.summaries import Summary, summarize
from assistant.text import sentences
from assistant.tools.tool import Services
from assistant.types import Message, Route, Text, Turn

_NUMBERS = {
    word: number
    for number, words in enumerate(
        ("", "one a single 1", "two 2", "three 3", "four 4", "five 5", "six 6", "seven 7"), start=0
    )
    for word in words.split()
}
_COUNT = re.compile(
    rf"\b({'|'.join(_NUMBERS)}|[89]|[1-4]\d)\s+(?:\w+\s+)?(?:sentences?|lines?|points?|bullets?)\b",
    re.IGNORECASE,
)
_SHORTER = re.compile(
    r"\b(?:short(?:er)?|briefer|very brief|less|one-?liner|gist)\b", re.IGNORECASE
)
_LONGER = re.compile(
    r"\b(?:long(?:er)?|more detail(?:s|ed)?|detailed|more|expand)\b", re.IGNORECASE
)
_POINTS = re.compile(r"\b(?:points?|bullets?|takeaways?|list)\b", re.IGNORECASE)
LONGEST = 40  # sentences
READ = 30  # sentences of a long text that a summarizer of the hub is given
WORDS = 22  # of a sentence, about


class Summarization:
    """The sentences that say most of a text, and how much shorter that is.

    With a summarizer of the hub, its own words instead, as far as the text bears them out.
    """

    name: ClassVar[str] = "summarization"
    title: ClassVar[str] = "Summary"
    description: ClassVar[str] = "What does a long text say in short?"
    examples: ClassVar[tuple[str, ...]] = (
        "tl;dr of the attached file, in three sentences",
        "/summarization (a long paste)",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ("summarizer",)
    ask: ClassVar[str] = "Which text should I summarize? Paste it, or attach a file."

    def __init__(self, services: Services) -> None:
        self._models = services.models
        self._generators = services.generators

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Summarize the payload, as long as the instruction and the chat so far ask for."""
        text = route.payload
        yield Progress(0, 0, "reading the text")
        count = _wanted(route.instruction, turn.history)
        summary = summarize(text, count)
        extract = [" ".join(text[start:end].split()) for start, end in summary.spans]
        caption = _caption(summary)
        shown = extract
        if self._models.offers("summarizer"):
            yield Progress(0, 0, "writing the summary")
            written, caption_of = self._abstract(text, len(extract))
            if written:
                shown, caption = written, caption_of
        elif turn.options.rephrase:
            rephrased = yield from self._rephrase(extract, turn)
            if rephrased:
                shown, caption = rephrased, f"{caption}, reworded by the generator and checked"
        points = bool(_POINTS.search(route.instruction))
        joined = "\n".join(f"- {line}" for line in shown) if points else " ".join(shown)
        yield TextDelta(joined)
        yield Resulted(Text(joined, caption + english_only(text)))

    def _abstract(self, text: str, count: int) -> tuple[list[str], str]:
        """Return a summary in the summarizer's words, without what the text does not bear out.

        Of a text that the model cannot read at once, it is given the sentences that say most.
        """
        summarizer = self._models.summarizer
        read = text
        if not summarizer.fits(text):
            spans = summarize(text, READ).spans
            read = " ".join(" ".join(text[start:end].split()) for start, end in spans)
        written = summarizer.summarize(read, (count * WORDS // 2, count * WORDS))
        claims = [written[start:end] for start, end in sentences(written)]
        support = supporting(claims, [read], self._models.encoder)
        kept = [claim for claim, found in zip(claims, support, strict=True) if found]
        caption = f"written by {summarizer.name}"
        if len(kept) < len(claims):
            caption += f"; {len(claims) - len(kept)} sentences that the text does not say left out"
        return kept, caption

    def _rephrase(self, extract: Sequence[str], turn: Turn) -> Generator[Event, None, list[str]]:
        """Reword the extract; return its sentences, or none if one fails the check."""
        prompt = render("rephrase_summary", summary=" ".join(extract))
        pieces: list[str] = []
        try:
            name, sampling = turn.options.generator, turn.options.sampling
            for piece in self._generators.stream(name, [Message("user", prompt)], sampling):
                pieces.append(piece)
                yield Progress(len(pieces), 0, "rewording the summary")
        except GeneratorError:
            return []
        text = "".join(pieces).strip()
        claims = [text[start:end] for start, end in sentences(text)]
        support = supporting(claims, [" ".join(extract)], self._models.encoder)
        return claims if claims and all(support) else []


def _wanted(instruction: str, history: Sequence[Message]) -> int | None:
    """Return how many sentences the user asked for, in numbers or against the summary before."""
    match = _COUNT.search(instruction)
    if match:
        word = match.group(1).lower()
        return min(LONGEST, _NUMBERS.get(word) or int(word))
    previous = next(
        (m for m in reversed(history) if m.role == "assistant" and m.tool == "summarization"), None
    )
    before = len(sentences(previous.text)) if previous else None
    if _SHORTER.search(instruction):
        return max(1, before // 2) if before else 1
    if _LONGER.search(instruction):
        return min(LONGEST, before * 2) if before else 8
    return None


def _caption(summary: Summary) -> str:
    share = summary.words / max(1, summary.text_words)
    return (
        f"{len(summary.spans)} of {summary.total} sentences, {summary.words:,} of "
        f"{summary.text_words:,} words ({share:.0%})"
    )
