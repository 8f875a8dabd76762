"""The values that travel through Switchboard: frozen, compared by content, without behaviour.

Character offsets count Python characters of the text they belong to; ``end`` is exclusive.
Scores lie between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Role = Literal["user", "assistant", "system"]
Strategy = Literal["greedy", "top_k", "top_p"]
Source = Literal["turn", "attachment", "history"]
VerdictName = Literal["allow", "review", "block"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the generator chooses each token.

    ``greedy`` takes the most probable token and ignores every number but ``max_tokens``;
    ``top_k`` draws from the ``top_k`` most probable tokens; ``top_p`` draws from the smallest set
    of tokens whose probabilities add up to ``top_p``. ``temperature`` (> 0) divides the logits
    before drawing; the same ``seed`` gives the same text, ``None`` a new one each time.
    """

    strategy: Strategy = "top_p"
    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.9
    max_tokens: int = 400
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What one conversation changed from the defaults; ``None`` keeps the setting's value."""

    generator: str | None = None  # its name, see assistant.generation.loaded
    sampling: Sampling = field(default_factory=Sampling)
    system_prompt: str | None = None
    passages: int | None = None  # how many passages may ground an answer
    rephrase: bool = False  # let the generator reword extractive answers and summaries
    collections: tuple[str, ...] = ()  # limit answers to these documents; all if empty
    anyway: bool = False  # where the documents hold no answer, give the model's, so labelled


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a turn: its display name, its extracted text, and where it lies."""

    name: str
    text: str
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One earlier message. ``tool`` and ``payload`` say which tool worked, and on which text."""

    role: Role
    text: str
    tool: str | None = None
    payload: str | None = None
    question: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What the user just said. ``tool`` forces a tool, as the "wrong tool?" buttons do;
    ``unanswered`` says that the documents were asked the same before and hold no answer.
    """

    text: str
    history: tuple[Message, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    tool: str | None = None
    options: Options = field(default_factory=Options)
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Which tool answers a turn, on which text, how sure the router is, and why.

    ``payload`` is the material, without the instruction around it; empty when the user gave none.
    ``question`` is what is asked about the payload, for the tools that take one.
    ``instruction`` is the rest of the turn: the words that asked for the tool.
    ``source`` says where the payload was found.
    ``also`` names further tools asked for in the same turn; they get the same payload.
    ``abstained`` says that no tool was sure enough and the route is the safe fallback.
    """

    tool: str
    payload: str
    question: str | None = None
    score: float = 1.0
    runner_up: str | None = None
    reason: str = ""
    instruction: str = ""
    source: Source = "turn"
    also: tuple[str, ...] = ()
    abstained: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document in the library; ``start`` and ``end`` lie in the document's text."""

    id: str
    document_id: str
    document: str  # the document's display name
    heading: str  # heading path, "Sampling › Top-k"; empty without headings
    page: int | None  # 1-based, for documents that have pages
    text: str
    start: int
    end: int
    score: float = 0.0  # relevance to the query that found it


@dataclass(frozen=True, slots=True)
class Document:
    """A document in the library. Its id is made of its content: the same text, the same id."""

    id: str
    name: str
    source: str | None  # the file it was read from; None for pasted and uploaded text
    kind: str  # the file's suffix without the dot
    size: int  # bytes of the file, or of the pasted text in UTF-8
    pages: int  # 0 for formats without pages
    passages: int
    added: str  # ISO 8601, UTC
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of a text."""

    start: int
    end: int
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A token: its id, its entry in the vocabulary, and the character where it begins.

    ``start`` is -1 for a special token that stands for no characters.
    """

    id: int
    entry: str
    start: int


@dataclass(frozen=True, slots=True)
class Tokenized:
    """A text as a tokenizer of a ``kind`` (WordPiece, BPE, …) with so many entries splits it."""

    kind: str
    vocabulary: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered reference: ``passage.text[start:end] == quote`` supports the answer."""

    number: int
    passage: Passage
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Labels:
    """One label out of several, with the score of each."""

    label: str
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Spans:
    """Labelled stretches of ``text``."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer found in ``context`` (``context[start:end] == answer``), or none."""

    answered: bool
    answer: str
    score: float
    start: int
    end: int
    context: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A moderation decision on ``text``, its scores per category, and the words behind it."""

    verdict: VerdictName
    scores: Mapping[str, float]
    spans: tuple[Span, ...]
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, with an optional line about it (a summary's compression, say)."""

    text: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; ``counts`` are the figures worth a chart (label → number of rows).

    With ``heat``, cells that are floats lie between 0 and 1 and are shaded by it: a heat map.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float, ...], ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    heat: bool = False


Result = Labels | Spans | Answer | Verdict | Text | Table


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything that one turn gave: what ``fold`` makes of its events."""

    tool: str
    payload: str
    text: str
    results: tuple[Result, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]  # the nearest ones, shown when the library holds no answer
    route: Route
    milliseconds: float
    failed: str | None = None  # the user-facing sentence of the error that ended the turn
    suggestions: tuple[str, ...] = ()  # tools offered when the router was not sure
    stopped: bool = False  # the user stopped it, so the text is only a part

    def to_json(self) -> dict[str, Any]:
        """Return the reply as plain JSON values, see ``assistant.serialization``."""
        from assistant.serialization import reply_to_json

        return reply_to_json(self)
