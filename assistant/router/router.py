"""Which tool answers a turn, and on which text.

A turn is read in every way that its writing suggests (``payload``), each reading's instruction is
classified (``intents``), and the reading wins whose instruction asks for a tool most clearly.
Slash commands and the user's own choice of a tool skip the guessing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import assistant.tools
from assistant.discovery import members
from assistant.router import references
from assistant.router.commands import command
from assistant.router.followups import FollowUps
from assistant.router.intents import Encodes, Intents
from assistant.router.questions import question_in
from assistant.router.readings import SET_OFF, Reading, Readings, Segments
from assistant.router.reasons import explain
from assistant.router.split import Split, clean
from assistant.router.utterances import ABOUT_TEXT, MATERIAL
from assistant.types import Route, Source, Turn

SURE = 0.5  # below this the route is a guess, and the reply offers the runner-up
FALLBACK = 0.35  # below this no tool is asked for at all
LIBRARY_MATCH = 0.45  # similarity from which the library has something to say
CLEARLY = 0.15  # by so much more the library must match a question than an earlier passage does
SAME_SUBJECT = 0.40  # similarity of a question and a passage from which they belong together
PASSAGE = 12  # words from which an earlier text may be asked about without "it" or "the text"
SHORT_TURN = 8  # words up to which a turn leans on what came before
ON_REQUESTS = {"sampling"}  # tools whose material is what the generator was asked to write
AFTER = {  # how much likelier a tool is after a text was worked on, or after an answer
    "text": {"reader": 3.0, "documents": 2.0, "conversation": 0.5},
    "question_answering": {"reader": 1.5, "documents": 4.0, "conversation": 0.5},
    "documents": {"reader": 0.5, "documents": 3.0},
    "conversation": {"conversation": 3.0, "documents": 0.7},
}
ELLIPTIC = 0.98  # below this "and of Finland?" goes on asking, whatever it reads like

_MASK = re.compile(r"\[MASK\]|<mask>", re.IGNORECASE)


class Router:
    """Routes turns; the same turn always gets the same route.

    ``library_match`` gives the best similarity of a text to the documents in some collections, or
    in all if none are named, 0 to 1: it settles where a turn goes that no tool is sure of.
    """

    def __init__(
        self,
        intents: Intents,
        encoder: Encodes,
        segmenter: Segments,
        library_match: Callable[[str, Collection[str]], float] = lambda text, collections: 0.0,
    ) -> None:
        self._intents = intents
        self._encoder = encoder
        self._library_match = library_match
        self._tools = members(assistant.tools)
        self._readings = Readings(intents, encoder, segmenter)
        titles = {name: tool.title for name, tool in self._tools.items()}
        self._followups = FollowUps(self.route, self._readings, titles)

    def route(self, turn: Turn) -> Route:
        """Return the route of ``turn``.

        Raises:
            InputError: the turn is a slash command of no tool.

        """
        asked = command(turn.text, self._tools)
        if asked is not None:
            return self._forced(replace(turn, text=asked[1]), asked[0], f"you wrote /{asked[0]}")
        if turn.tool is not None:
            return self._forced(turn, turn.tool, "you chose the tool")
        if not turn.text.strip() and turn.attachments:
            return Route(
                "summarization",
                _attached(turn),
                source="attachment",
                reason="you attached a file without saying what to do, so here is its summary",
                score=0.5,
            )
        return self._followups.again(turn) or self._decide(turn)

    def _decide(self, turn: Turn) -> Route:
        """Choose among the readings, then find the material if the turn itself has none."""
        best = self._in_context(self._readings.read(turn.text)[0], turn)
        intent, certainty = best.intent, best.certainty
        if not best.split.payload and references.own_answer(turn.text, turn.history):
            intent = max(self._readings.readers, key=lambda name: best.probabilities[name])
            certainty = best.probabilities[intent]
        bare = certainty < FALLBACK or intent == "conversation"
        bare = bare and references.is_bare_question(turn.text)
        if (bare or certainty < ELLIPTIC) and self._asks_on(turn):
            return self._question(turn, best)
        unsure = certainty < FALLBACK or not best.split.instruction
        alone = intent == "conversation" or (intent == "fill_mask" and not best.split.payload)
        if (unsure or alone) and _MASK.search(turn.text):
            return self._filled(turn, best)
        if unsure:
            return (
                self._followups.pointed(turn)
                or self._followups.one_more(turn)
                or self._abstain(turn, best)
            )
        if intent == "conversation":
            more = self._followups.one_more(turn) if turn.history else None
            return more or self._answer_whole(turn, best, "conversation")
        if intent == "documents":
            return self._question(turn, best)
        return self._work(turn, best, intent)

    def _work(self, turn: Turn, best: Reading, intent: str) -> Route:
        """A tool on a text: the turn's own, an attachment's, or one from earlier."""
        payload = best.split.payload if _is_own(best.split, turn) else ""
        source: Source = "turn"
        if not payload and intent == "summarization" and self._rewrites(turn):
            return self._answer_whole(turn, best, "conversation")
        if not payload and intent in ON_REQUESTS:
            payload, source = references.last_request(turn.history), "history"
        if not payload:
            payload, source = self._referred(turn, best.split.instruction)
        tools = self._readings.at_once(best) if intent == best.intent else (intent,)
        return Route(
            tool=tools[0],
            payload=payload,
            instruction=best.split.instruction,
            score=best.probabilities[intent],
            runner_up=_runner_up(best, tools),
            reason=explain(self._intents, best, tools[0], source if payload else "missing"),
            source=source,
            also=tools[1:],
            abstained=best.probabilities[intent] < SURE,
        )

    def _filled(self, turn: Turn, reading: Reading) -> Route:
        """A sentence with [MASK] in it, which says by itself what is wanted."""
        return Route(
            tool="fill_mask",
            payload=reading.split.payload or turn.text.strip(),
            instruction=reading.split.instruction if reading.split.payload else "",
            score=SURE,
            runner_up="conversation",
            reason="a word is masked in it; the whole message is meant",
        )

    def _in_context(self, reading: Reading, turn: Turn) -> Reading:
        """Weigh what a short turn without a text of its own asks for by what came before it."""
        if reading.split.payload or not turn.history or len(turn.text.split()) > SHORT_TURN:
            return reading
        past = self._followups.past(turn)
        if past is None or references.own_answer(turn.text, turn.history):
            return reading
        weights = AFTER["text" if past.turn and past.tool in self._readings.readers else past.tool]
        weighed = {
            name: value * weights.get("reader" if name in self._readings.readers else name, 1.0)
            for name, value in reading.probabilities.items()
        }
        total = sum(value for name, value in weighed.items() if name != ABOUT_TEXT)
        return replace(
            reading, probabilities={name: value / total for name, value in weighed.items()}
        )

    def _question(self, turn: Turn, reading: Reading) -> Route:
        """A question: about its own passage, an attachment, an earlier passage, or the library."""
        payload = reading.split.payload if _is_own(reading.split, turn) else ""
        source: Source = "turn"
        if not payload and turn.attachments:
            payload, source = _attached(turn), "attachment"
        if not payload and turn.history:
            payload, source = self._earlier_passage(turn, reading), "history"
        if not payload:
            return self._answer_whole(turn, reading, "documents")
        return Route(
            tool="question_answering",
            payload=payload,
            question=question_in(reading.split),
            instruction=reading.split.instruction,
            score=reading.certainty,
            runner_up=_runner_up(reading, ("documents",)),
            reason=explain(self._intents, reading, "question_answering", source),
            source=source,
        )

    def _asks_on(self, turn: Turn) -> bool:
        """Say whether a turn such as "and why?" goes on asking what the turn before asked."""
        if not (turn.history and references.is_elliptic(turn.text)):
            return False
        past = self._followups.past(turn)
        return past is not None and past.tool in {"question_answering", "documents"}

    def _rewrites(self, turn: Turn) -> bool:
        """Say whether a turn such as "shorter" asks to write the assistant's own text anew."""
        words = turn.text.split()
        if len(words) > references.ELLIPTIC_WORDS or references.own_answer(turn.text, turn.history):
            return False
        past = self._followups.past(turn)
        return past is not None and past.turn is None and past.tool == "conversation"

    def _earlier_passage(self, turn: Turn, reading: Reading) -> str:
        """Return the earlier material that a question is about, or nothing."""
        past = self._followups.past(turn)
        if past is None or past.tool == "documents":
            return ""
        near = float(self._encoder.encode([past.material[:1000]])[0] @ reading.embedding)
        if self._in_library(turn) > max(near + CLEARLY, LIBRARY_MATCH):
            return ""
        if references.is_anaphoric(turn.text) or reading.probabilities[ABOUT_TEXT] > 0.5:
            return past.material
        if references.names_something_in(turn.text, past.material):
            return past.material
        if len(past.material.split()) < PASSAGE:
            return ""
        return past.material if near >= SAME_SUBJECT else ""

    def _referred(self, turn: Turn, instruction: str) -> tuple[str, Source]:
        """Find the material of an instruction that came without any."""
        if turn.attachments:
            return _attached(turn), "attachment"
        answer = references.own_answer(instruction, turn.history)
        if answer:
            return answer, "history"
        past = self._followups.past(turn)
        if past is None:
            return "", "turn"
        return references.listed_item(instruction, past.material) or past.material, "history"

    def _forced(self, turn: Turn, tool: str, reason: str) -> Route:
        """Route to a tool that the user named, with the best reading for it."""
        text = turn.text.strip()
        route = Route(tool=tool, payload=text, instruction="", reason=reason)
        if tool == "help" or tool in {"documents", "conversation"}:
            return replace(route, payload="" if tool == "help" else text)
        best = self._readings.read(text)[0] if text else None
        if best and best.split.payload:
            split = best.split
            question = question_in(split) if tool == "question_answering" else None
            return replace(
                route, payload=split.payload, instruction=split.instruction, question=question
            )
        if tool == "question_answering":
            payload, source = self._referred(turn, text)
            return replace(route, payload=payload, source=source, question=text)
        refers = best is None or (best.intent in self._readings.readers and best.certainty >= SURE)
        if not refers and not references.asks_the_same(text):
            return replace(route, payload=clean(text))
        payload, source = self._referred(turn, turn.text)
        if not payload and not references.is_anaphoric(text):
            return replace(route, payload=clean(text))
        return replace(route, payload=payload, source=source, instruction=turn.text.strip())

    def _abstain(self, turn: Turn, whole: Reading) -> Route:
        """No tool is sure: the library decides between looking it up and chatting about it."""
        if turn.attachments:
            return self._question(turn, whole)
        found = self._in_library(turn) >= LIBRARY_MATCH
        tool = "documents" if found else "conversation"
        return replace(self._answer_whole(turn, whole, tool), abstained=True)

    def _in_library(self, turn: Turn) -> float:
        """Return how like the turn is to the documents that it may be answered from."""
        return self._library_match(turn.text[:1000], turn.options.collections)

    def _answer_whole(self, turn: Turn, reading: Reading, tool: str) -> Route:
        return Route(
            tool=tool,
            payload=turn.text.strip(),
            question=turn.text.strip() if tool == "documents" else None,
            instruction=turn.text.strip(),
            score=reading.probabilities[tool],
            runner_up=_runner_up(reading, (tool,)),
            reason=explain(self._intents, reading, tool, "whole"),
            abstained=reading.probabilities[tool] < SURE,
        )


def _runner_up(reading: Reading, chosen: Sequence[str]) -> str | None:
    others = {
        name: value
        for name, value in reading.probabilities.items()
        if name not in {*chosen, ABOUT_TEXT, MATERIAL}
    }
    return max(others, key=lambda name: others[name]) if others else None


def _is_own(split: Split, turn: Turn) -> bool:
    """Say whether a turn's words are its material; beside a file, only what is set off is."""
    return not turn.attachments or split.form in SET_OFF


def _attached(turn: Turn) -> str:
    return "\n\n".join(attachment.text for attachment in turn.attachments)
