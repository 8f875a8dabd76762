"""The routes of all APIs. Every path below their prefixes is theirs, so that none is Gradio's."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from assistant.api import discovery, google_errors, openai
from assistant.api.judging import Moderators, Queue
from assistant.api.keys import Keys
from assistant.api.openai import OpenAI
from assistant.api.perspective import Perspective
from assistant.api.routing import Explain, Handler, answering
from assistant.api.suggestions import Suggestions
from assistant.errors import SettingsError
from assistant.languages import NAMES
from assistant.models.catalogue import Models
from assistant.settings import Settings
from assistant.storage import Storage

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def api_routes(
    models: Callable[[], Models], storage: Storage, settings: Settings, keys: Keys
) -> tuple[APIRouter, ...]:
    """Return a router for each API, with its prefix; ``models`` is asked once a request comes.

    Raises:
        SettingsError: no language is named.
    """
    moderators = Moderators(models, settings)
    queue = Queue(moderators.judge, settings.queue_size)
    suggestions = Suggestions(storage.reviews, moderators.labels)
    perspective = Perspective(keys, queue, moderators, suggestions, languages(settings))
    open_ai = OpenAI(keys, queue, moderators)
    return (
        _router(
            "/v1alpha1",
            google_errors.answer,
            {
                ("POST", "/comments:analyze"): perspective.analyze,
                ("POST", "/comments:suggestscore"): perspective.suggest,
            },
            perspective.missing,
        ),
        _router(
            "/$discovery",
            google_errors.answer,
            {("GET", "/rest"): discovery.document},
            perspective.missing,
        ),
        _router(
            "/v1",
            openai.answer,
            {
                ("POST", "/moderations"): open_ai.moderate,
                ("GET", "/models"): open_ai.models,
                ("GET", "/models/{name}"): open_ai.model,
            },
            open_ai.missing,
        ),
    )


def _router(
    prefix: str, explain: Explain, handlers: dict[tuple[str, str], Handler], missing: Handler
) -> APIRouter:
    router = APIRouter(prefix=prefix)
    for (method, path), handler in handlers.items():
        router.add_api_route(path, answering(handler, explain), methods=[method])
    router.add_api_route("/{rest:path}", answering(missing, explain), methods=METHODS)
    return router


def languages(settings: Settings) -> tuple[str, ...]:
    """Return the languages of ``--api-languages``.

    Raises:
        SettingsError: none is named, or something that is no code.
    """
    codes = tuple(code.strip().lower() for code in settings.api_languages.split(","))
    if unknown := [code for code in codes if code not in NAMES]:
        raise SettingsError(
            f"The setting ASSISTANT_API_LANGUAGES (--api-languages) names {unknown[0]!r}, which is "
            f"none of the codes {', '.join(NAMES)}. Write such as en,de."
        )
    return codes
