"""The Perspective API: ``comments:analyze`` and ``comments:suggestscore``.

Knows what is scored and what comes back; the fields of requests and their rules are in
perspective_messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from assistant.api.bodies import read_object
from assistant.api.google_errors import GoogleError
from assistant.api.judging import Moderators, Queue
from assistant.api.keys import Keys
from assistant.api.perspective_messages import (
    AnalyzeRequest,
    Asked,
    AttributeParameters,
    SuggestRequest,
    read,
    unknown_attribute,
    unsupported_language,
)
from assistant.api.suggestions import Suggestion, Suggestions
from assistant.languages import language_of
from assistant.moderation.comments import Judged
from assistant.moderation.normalization import Normalized
from assistant.server.forwarding import address_of
from assistant.text import sentences

MOST_STRETCHES = 100  # parts of one comment that are scored on their own
BLOCKED = 0.5  # suggested score from which a moderator is taken to have removed the comment
NOT_HERE = frozenset(
    ("ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "FLIRTATION", "INCOHERENT", "INFLAMMATORY",
     "LIKELY_TO_REJECT", "OBSCENE", "TOXICITY_FAST", "UNSUBSTANTIAL")
)  # fmt: skip
"""Attributes of the Perspective API that have no counterpart among our categories."""

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Perspective:
    """The methods; ``languages`` are those that the moderation model was made for."""

    keys: Keys
    queue: Queue
    moderators: Moderators
    suggestions: Suggestions
    languages: tuple[str, ...]

    async def analyze(self, request: Request) -> dict[str, Any]:
        """Return the scores of a comment. Nothing of it is kept or logged."""
        self.keys.name_of(key_of(request), address_of(request))
        asked = read(AnalyzeRequest, await read_object(request))
        wanted, comment = asked.attributes(), asked.text()
        scored, detected = await asyncio.to_thread(self._look_at, comment.text)
        categories = _categories(scored, wanted, drop=asked.drop_unsupported_attributes)
        languages = asked.languages or [detected]
        if unsupported := self._unsupported(languages):
            if not asked.drop_unsupported_attributes:
                kind: Asked = "requested" if asked.languages else "detected"
                raise unsupported_language(next(iter(wanted)), unsupported, self.languages, kind)
            categories = {}
        scores = await self._scores(comment, categories, wanted, by_part=asked.span_annotations)
        answer = {
            "attributeScores": scores, "languages": languages, "detectedLanguages": [detected],
        }  # fmt: skip
        return answer | _token(asked.client_token)

    async def suggest(self, request: Request) -> dict[str, Any]:
        """Put what a client says of a comment among the review decisions."""
        name = self.keys.name_of(key_of(request), address_of(request))
        asked = read(SuggestRequest, await read_object(request))
        comment = asked.text()
        if not asked.attribute_scores:
            raise GoogleError(
                400,
                "INVALID_ARGUMENT",
                "Missing attribute_scores. Say how the comment should score, such as "
                '{"TOXICITY": {"summaryScore": {"value": 1}}}.',
            )
        scored, detected = await asyncio.to_thread(self._look_at, comment.text)
        _categories(scored, asked.attribute_scores, drop=False)
        (judged,) = await self.queue.judge([comment.text])
        worst = max(scores.worst() for scores in asked.attribute_scores.values())
        suggestion = Suggestion(
            "block" if worst >= BLOCKED else "allow", asked.community_id, asked.client_token
        )
        await asyncio.to_thread(self.suggestions.keep, name, judged, suggestion)
        answer = {"detectedLanguages": [detected]}
        if asked.languages:
            answer["requestedLanguages"] = asked.languages
        return answer | _token(asked.client_token)

    async def missing(self, request: Request) -> dict[str, Any]:
        """Refuse a path that the API does not have."""
        raise GoogleError(
            404,
            "NOT_FOUND",
            "There is no such method. POST to /v1alpha1/comments:analyze or "
            "/v1alpha1/comments:suggestscore.",
        )

    def _look_at(self, text: str) -> tuple[Sequence[str], str]:
        """Return what the model scores, and the language of ``text``.

        One too short to tell counts as written in the first of the model's languages.
        """
        return self.moderators.categories(), language_of(text) or self.languages[0]

    def _unsupported(self, languages: Iterable[str]) -> list[str]:
        return [code for code in languages if _primary(code) not in self.languages]

    async def _scores(
        self,
        comment: Normalized,
        categories: Mapping[str, str],
        wanted: Mapping[str, AttributeParameters],
        *,
        by_part: bool,
    ) -> dict[str, Any]:
        """Return the ``attributeScores``: of the whole text, and of its sentences if wanted."""
        if not categories:
            return {}
        text = comment.text
        stretches = _stretches(text) if by_part else []
        whole, *parts = await self.queue.judge([text, *(text[a:b] for a, b in stretches)])
        places = [comment.back(start, end) for start, end in stretches or [(0, len(text))]]
        found = {}
        for name, category in categories.items():
            threshold = wanted[name].score_threshold
            if threshold is None or whole.scores[category] >= threshold:
                found[name] = {
                    "spanScores": _span_scores(places, parts or [whole], category),
                    "summaryScore": _score(whole, category),
                }
        return found


def _categories(scored: Iterable[str], names: Iterable[str], *, drop: bool) -> dict[str, str]:
    """Return attribute → category; ``drop`` leaves those out that only Perspective has.

    Raises:
        GoogleError: an attribute is unknown.
    """
    known = {attribute_of(category): category for category in scored}
    found = {}
    for name in names:
        plain = name.partition("@")[0]
        plain = plain if plain in known else plain.removesuffix("_EXPERIMENTAL")
        if plain in known:
            found[name] = known[plain]
        elif not (drop and plain in NOT_HERE):
            raise unknown_attribute(name[:100], tuple(known))
    return found


def key_of(request: Request) -> str:
    """Return the key of a request, as Google's clients send it: in the address or a header."""
    return request.query_params.get("key") or request.headers.get("x-goog-api-key", "")


def attribute_of(category: str) -> str:
    """Return what the Perspective API calls a category: ``TOXICITY``."""
    return "".join(character if character.isalnum() else "_" for character in category).upper()


def _primary(code: str) -> str:
    """Return the language of a code such as en-US."""
    return code.replace("_", "-").partition("-")[0].lower()


def _token(client_token: str) -> dict[str, str]:
    return {"clientToken": client_token} if client_token else {}


def _stretches(text: str) -> list[Stretch]:
    """Return the sentences; of a text with very many, neighbours together."""
    found = sentences(text)
    size = -(-len(found) // MOST_STRETCHES)
    groups = [found[start : start + size] for start in range(0, len(found), size)]
    return [(group[0][0], group[-1][1]) for group in groups]


def _span_scores(
    places: Sequence[Stretch], parts: Sequence[Judged], category: str
) -> list[dict[str, Any]]:
    return [
        {"begin": begin, "end": end, "score": _score(part, category)}
        for (begin, end), part in zip(places, parts, strict=True)
    ]


def _score(judged: Judged, category: str) -> dict[str, Any]:
    return {"value": judged.scores[category], "type": "PROBABILITY"}
