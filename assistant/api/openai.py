"""OpenAI's moderation API: ``/v1/moderations``, in its categories and its form of errors."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from assistant.api.bodies import read_object, whole
from assistant.api.judging import Moderators, Queue
from assistant.api.keys import Keys
from assistant.errors import (
    AccessError,
    AssistantError,
    BusyError,
    InputError,
    TooManyTriesError,
)
from assistant.moderation.comments import Judged
from assistant.moderation.policy import Policy
from assistant.server.forwarding import address_of

MODEL = "switchboard-moderation"
MOST_TEXTS = 1_000  # of one request
LONGEST_TEXT = 100_000  # characters
COVERED: dict[str, tuple[str, ...]] = {
    "harassment": ("toxicity", "severe_toxicity", "insult"),
    "harassment/threatening": ("threat",),
    "hate": ("identity_attack",),
    "hate/threatening": ("identity_attack", "threat"),
    "sexual": ("sexually_explicit",),
    "violence": ("threat",),
}
"""OpenAI's category → ours: the worst of them counts, for hate/threatening the least."""
BOTH = "hate/threatening"
NOT_COVERED = (
    "illicit", "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent",
    "sexual/minors", "violence/graphic",
)  # fmt: skip


class NotFoundError(InputError):
    """There is no such path or model."""


class FieldError(InputError):
    """A field of the request cannot be used; ``param`` is its name."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True, slots=True)
class OpenAI:
    """The methods of the API."""

    keys: Keys
    queue: Queue
    moderators: Moderators

    async def moderate(self, request: Request) -> dict[str, Any]:
        """Return a result for each text. Nothing of it is kept or logged."""
        self._check_key(request)
        body = await read_object(request)
        texts = _texts(body.get("input"))
        if (longest := max(map(len, texts))) > LONGEST_TEXT:
            raise FieldError(
                "input",
                f"A text has {longest:,} characters. The most is {LONGEST_TEXT:,}; send parts.",
            )
        if not isinstance(body.get("model", ""), str):
            raise FieldError("model", "The model must be a name; any name will do.")
        judged = await self.queue.judge(texts)
        policy = await asyncio.to_thread(self.moderators.policy)
        return {
            "id": f"modr-{secrets.token_hex(12)}",
            "model": MODEL,
            "results": [_result(item, policy) for item in judged],
        }

    async def models(self, request: Request) -> dict[str, Any]:
        """Return the one model that there is."""
        self._check_key(request)
        return {"object": "list", "data": [_model()]}

    async def model(self, request: Request) -> dict[str, Any]:
        """Return the model of a name."""
        self._check_key(request)
        if request.path_params["name"] != MODEL:
            raise NotFoundError(f"There is no such model. The one that there is, is {MODEL}.")
        return _model()

    async def missing(self, request: Request) -> dict[str, Any]:
        """Refuse a path that the API does not have."""
        raise NotFoundError("There is no such method. POST to /v1/moderations.")

    def _check_key(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        given = key.strip() if scheme.lower() == "bearer" else ""
        self.keys.name_of(given, address_of(request))


def answer(error: AssistantError) -> JSONResponse:
    """Return the response for an error in OpenAI's form."""
    status, kind, code = 500, "server_error", None
    if isinstance(error, (TooManyTriesError, BusyError)):
        status, kind, code = 429, "requests", "rate_limit_exceeded"
    elif isinstance(error, AccessError):
        status, kind, code = 401, "invalid_request_error", "invalid_api_key"
    elif isinstance(error, NotFoundError):
        status, kind, code = 404, "invalid_request_error", "not_found"
    elif isinstance(error, InputError):
        status, kind = 400, "invalid_request_error"
    param = error.param if isinstance(error, FieldError) else None
    body = {"message": str(error), "type": kind, "param": param, "code": code}
    seconds = error.seconds if isinstance(error, TooManyTriesError) else 1
    headers = {"Retry-After": str(seconds)} if status == 429 else {}
    return JSONResponse({"error": body}, status_code=status, headers=headers)


def _texts(given: object) -> list[str]:
    """Return the texts of ``input``; parts of one message (objects with a type) are one text."""
    if isinstance(given, str):
        return [whole(given)]
    if not isinstance(given, list) or not given:
        raise FieldError("input", "The input must be a text, or a list of texts that is not empty.")
    if len(given) > MOST_TEXTS:
        raise FieldError(
            "input", f"The input has {len(given):,} texts. Send {MOST_TEXTS:,} at a time."
        )
    if all(isinstance(text, str) for text in given):
        return [whole(text) for text in given]
    return [whole("\n".join(_part(part, place) for place, part in enumerate(given)))]


def _part(part: object, place: int) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    text = part.get("text") if isinstance(part, dict) else None
    if kind == "image_url":
        raise FieldError(f"input[{place}]", "Images cannot be judged here. Send text alone.")
    if kind != "text" or not isinstance(text, str):
        raise FieldError(
            f"input[{place}]", 'Each part of the input must be {"type": "text", "text": …}.'
        )
    return text


def _result(judged: Judged, policy: Policy) -> dict[str, Any]:
    """Return a text's result: it is flagged when the policy would block it."""
    flagged = judged.decision.verdict == "block"
    reached = _reached(judged.scores, policy)
    scores = dict.fromkeys((*COVERED, *NOT_COVERED), 0.0)
    categories = dict.fromkeys(scores, False)
    for name, ours in COVERED.items():
        worst = min if name == BOTH else max
        every = all if name == BOTH else any
        scores[name] = worst(judged.scores.get(category, 0.0) for category in ours)
        categories[name] = flagged and every(category in reached for category in ours)
    return {
        "flagged": flagged,
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": {
            name: ["text"] if name in COVERED else [] for name in scores
        },
    }


def _reached(scores: Mapping[str, float], policy: Policy) -> Sequence[str]:
    """Return the categories whose score the policy blocks."""
    limits = {name: pair.block for name, pair in policy.limits.items() if pair.block is not None}
    return [name for name, limit in limits.items() if scores.get(name, -1.0) >= limit]


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "switchboard"}
