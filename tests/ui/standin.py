"""An honest small assistant for the page's own tests: it answers by script, streams and stops.

It has the parts of ``Assistant`` that the page uses, and no models.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

from assistant.errors import DocumentError
from assistant.events import (
    Cited,
    Done,
    Event,
    Failed,
    Nearest,
    Progress,
    Resulted,
    Routed,
    Suggested,
    TextDelta,
    ToolFinished,
    ToolStarted,
)
from assistant.settings import Settings
from assistant.types import (
    Answer,
    Attachment,
    Citation,
    Document,
    Labels,
    Passage,
    Route,
    Span,
    Spans,
    Table,
    Text,
    Turn,
    Verdict,
)

PASSAGE = Passage(
    "p1",
    "d1",
    "sampling-strategies.md",
    "Sampling › Top-k",
    3,
    "Top-k keeps the k most probable tokens and draws among them. Top-p keeps the smallest set "
    "whose probabilities add up to p, so the set grows when the model is unsure.",
    0,
    160,
    0.71,
)
TABLE = Table(
    ("comment", "verdict", "insult"),
    (
        ("You are all fools", "block", 0.93),
        ("=HYPERLINK(1)", "allow", 0.02),
        ("Hm.", "review", 0.4),
    ),
    {"allow": 1, "review": 1, "block": 1},
)
PERSON = "Ada Lovelace met Charles Babbage in London."


@dataclass(frozen=True)
class ScriptedTool:
    """A tool's face: what the page shows of it."""

    name: str
    title: str
    description: str
    examples: tuple[str, ...]


TOOLS = (
    ScriptedTool("conversation", "Conversation", "Chat.", ("Write a haiku about tokenizers",)),
    ScriptedTool("documents", "Documents", "Ask.", ("How do I choose between top-k and top-p?",)),
    ScriptedTool("entities", "Entities", "Names.", (f"Who is mentioned in: {PERSON}",)),
    ScriptedTool("moderation", "Moderation", "Ok?", ("Is this comment ok to publish? You fool",)),
    ScriptedTool("question_answering", "Question answering", "Find.", ("Where? It is in Rome.",)),
    ScriptedTool("sentiment", "Sentiment", "Mood.", ("What's the sentiment of: 'I love it'",)),
    ScriptedTool("summarization", "Summary", "Short.", ("tl;dr of a long text",)),
)
_WORDS = {
    "sentiment": ("sentiment", "mood"),
    "entities": ("who", "entities"),
    "moderation": ("publish", "moderate"),
    "documents": ("top-k", "moon"),
    "question_answering": ("where",),
    "summarization": ("tl;dr", "summar"),
}


class ScriptedLibrary:
    """A library of one document, which can be added to and removed from."""

    def __init__(self) -> None:
        self._documents = [
            Document("d1", "sampling-strategies.md", None, "md", 4000, 0, 7, "2026-11-20T10:00:00")
        ]

    def documents(self) -> tuple[Document, ...]:
        return tuple(self._documents)

    def document(self, document_id: str) -> Document:
        return next(item for item in self._documents if item.id == document_id)

    def text(self, document_id: str) -> str:
        return f"The text of {document_id}."

    def collections(self) -> dict[str, int]:
        names = [name for item in self._documents for name in item.collections]
        return {name: names.count(name) for name in names}

    def states(self) -> dict[str, str]:
        return {item.id: "none" for item in self._documents}

    def read_again(self, document_id: str, progress: object = None) -> Document:
        return self.document(document_id)

    def collect(self, document_id: str, collection: str) -> Document:
        found = self.document(document_id)
        held = replace(found, collections=(*found.collections, collection))
        self._documents[self._documents.index(found)] = held
        return held

    def search(self, text: str, k: int = 5) -> tuple[Passage, ...]:
        return (PASSAGE,)[:k]

    def add(
        self,
        path: Path,
        name: str | None = None,
        progress: object = None,
        collections: object = (),
    ) -> Document:
        return self.add_text(name or path.name, path.read_text(encoding="utf-8"))

    def add_text(self, name: str, text: str) -> Document:
        kind = name.rpartition(".")[2]
        document = Document(name, name, None, kind, len(text), 0, 1, "2026-11-21T10:00:00")
        self._documents.append(document)
        return document

    def remove(self, document_id: str) -> Document:
        found = next(item for item in self._documents if item.id == document_id)
        self._documents.remove(found)
        return found


class ScriptedAssistant:
    """Streams scripted answers; ``tokens`` counts how many words it has said."""

    def __init__(self, settings: Settings, pause: float = 0.03) -> None:
        self.settings = settings
        self.tools = {tool.name: tool for tool in TOOLS}
        self.library = ScriptedLibrary()
        self.generators = SimpleNamespace(choices={"A storyteller": "llama_cpp:/secret/path.gguf"})
        self.turns: list[Turn] = []
        self.tokens = 0
        self._pause = pause

    def warm(self, progress: object = None) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to free."""

    def attach(self, path: Path, name: str | None = None) -> Attachment:
        if path.suffix == ".pdf":
            raise DocumentError(f"“{name}” is not a PDF, whatever its name says. Save it again.")
        return Attachment(name or path.name, path.read_text(encoding="utf-8"), path)

    def stream(self, turn: Turn, stop: threading.Event | None = None) -> Iterator[Event]:
        self.turns.append(turn)
        for event in self._events(turn):
            yield event
            if stop is not None and stop.is_set():
                break
        yield Done(12.0)

    def _events(self, turn: Turn) -> Iterator[Event]:
        text = turn.text.lower()
        if "fail" in text:
            yield Failed("The model file is missing. Run doctor.")
            return
        named = (tool for tool, words in _WORDS.items() if any(word in text for word in words))
        tool = turn.tool or next(named, "conversation")
        payload = turn.text.partition(":")[2].strip(" '") or turn.text
        yield Routed(Route(tool, payload, None, 0.97, "conversation", "the words “sentiment of”"))
        yield ToolStarted(tool)
        yield from getattr(self, f"_{tool}")(payload)
        yield ToolFinished(tool, 11.0)
        if "unsure" in text:
            yield Suggested(("entities",))

    def _conversation(self, payload: str) -> Iterator[Event]:
        yield Progress(0, 0, "reading the conversation")
        endless = "endless" in payload  # slowly, lest the page has to draw very much
        for number in range(10_000 if endless else 400 if "long" in payload else 12):
            self.tokens += 1
            time.sleep(0.2 if endless else self._pause)
            yield TextDelta(f"word{number} ")

    def _sentiment(self, payload: str) -> Iterator[Event]:
        yield TextDelta("The text reads as **positive** (98%).")
        yield Resulted(Labels("positive", {"negative": 0.005, "neutral": 0.015, "positive": 0.98}))

    def _entities(self, payload: str) -> Iterator[Event]:
        spans = (Span(0, 12, "PER", 0.99), Span(17, 32, "PER", 0.98), Span(36, 42, "LOC", 0.97))
        yield TextDelta("I found 3 names.")
        yield Resulted(Spans(PERSON, spans))

    def _question_answering(self, payload: str) -> Iterator[Event]:
        context = "It is in Rome, by the river."
        yield TextDelta("**Rome**")
        yield Resulted(Answer(True, "Rome", 0.9, 9, 13, context))

    def _summarization(self, payload: str) -> Iterator[Event]:
        yield Resulted(Text("A short text.", "Compressed to 12% of 2,400 words."))

    def _moderation(self, payload: str) -> Iterator[Event]:
        if "these" in payload or "these" in self.turns[-1].text:
            for number in range(3):
                time.sleep(self._pause)
                yield Progress(number + 1, 3, "judging comments")
            yield TextDelta("1 of 3 comments should not be published.")
            yield Resulted(TABLE)
            return
        scores = {"toxicity": 0.91, "insult": 0.88, "threat": 0.02}
        words = (Span(4, 8, "insult", 0.9),)
        yield Resulted(Verdict("block", scores, words, "insult 0.88 is above 0.80", "You fool"))

    def _documents(self, payload: str) -> Iterator[Event]:
        if "moon" in payload:
            yield TextDelta("I can't find that in your documents.")
            yield Nearest((PASSAGE,))
            return
        quote = "Top-k keeps the k most probable tokens"
        yield TextDelta("Top-k keeps a fixed number of tokens [1].")
        yield Cited(Citation(1, PASSAGE, 0, len(quote), quote))
