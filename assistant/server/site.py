"""One whole site: assistant, storage and application, assembled from the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from assistant.api.keys import Keys
from assistant.environment import import_gradio, on_spaces, prepare
from assistant.owners import owner_of
from assistant.private_files import restrict
from assistant.server.accounts import Accounts
from assistant.server.application import Policy, create
from assistant.server.hosts import LOCAL, Hosts
from assistant.server.logins import Logins
from assistant.server.warmup import Progress, WarmUp
from assistant.settings import Settings
from assistant.storage import Storage
from assistant.uploads import Uploads

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.chat import Assistant
    from assistant.moderation.classroom import Classroom
    from assistant.moderation.desk import Desk
    from assistant.training.workshop import Workshop

GOODBYE = 2  # seconds that background work gets to end


@dataclass(frozen=True)
class Site:
    """What is served; ``passphrase`` is set when the site made one for its visitors."""

    settings: Settings
    app: FastAPI
    assistant: Assistant
    storage: Storage
    policy: Policy
    warm_up: WarmUp
    workshop: Workshop
    desk: Desk
    classroom: Classroom
    passphrase: str | None

    @property
    def busy(self) -> bool:
        """Whether a thread may be inside a native library just now."""
        return self.warm_up.running or self.workshop.running or self.classroom.running

    def close(self) -> None:
        """Free the models and close the database."""
        self.warm_up.join(GOODBYE)
        self.desk.close(GOODBYE)
        self.assistant.close()
        self.storage.close()


def assemble(settings: Settings, assistant: Assistant | None = None) -> Site:
    """Return the site of these settings, with no model loaded yet.

    Raises:
        AssistantError: a setting or the database cannot be used.

    """
    prepare(settings)
    restrict(settings.data_dir)
    import_gradio()
    storage = Storage.from_settings(settings)
    policy, passphrase = _policy(settings, storage)
    keys = Keys.read(settings.api_keys, shared=is_shared(settings))

    from assistant.api.routes import api_routes
    from assistant.chat import Assistant
    from assistant.moderation.classroom import Classroom
    from assistant.moderation.desk import Desk
    from assistant.training.workshop import Workshop
    from assistant.ui import page

    assistant = assistant or Assistant.from_settings(settings)
    warm_up = WarmUp(partial(_warm, assistant, apis=settings.api_keys is not None))
    workshop = Workshop(settings.data_dir, lambda: assistant.models.encoder)
    desk, classroom = Desk(), Classroom()
    uploads = Uploads(settings.data_dir / "uploads", settings.upload_quota_mb * 1_000_000)
    trainer = workshop if may_train(settings) else None
    blocks = page.build(assistant, storage, uploads, owner_of, trainer, desk, classroom)
    apis = api_routes(lambda: assistant.models, storage, settings, keys)
    app = create(blocks, storage, settings, policy, warm_up, uploads, page.look(), apis)
    return Site(
        settings, app, assistant, storage, policy, warm_up, workshop, desk, classroom, passphrase
    )


def may_train(settings: Settings) -> bool:
    """Say whether visitors may train: on this computer always, else only if that is allowed."""
    return settings.allow_training or not is_shared(settings)


def is_shared(settings: Settings) -> bool:
    """Say whether others than the users of this computer are meant to reach the server."""
    elsewhere = settings.host not in LOCAL or bool(settings.allowed_hosts) or on_spaces()
    return settings.share or settings.auth is not None or elsewhere


def _warm(assistant: Assistant, progress: Progress, *, apis: bool) -> None:
    assistant.warm(progress)
    if apis:  # whose clients give up on a first request that waits for its model
        progress("loading the moderation model")
        assistant.models.moderation.score(["warm"])


def _policy(settings: Settings, storage: Storage) -> tuple[Policy, str | None]:
    hosts = Hosts(settings.host, settings.allowed_hosts.split(","))
    if on_spaces():
        hosts.allow_public(f"https://{os.environ.get('SPACE_HOST', '')}")
    if settings.auth:
        known = {login.name: login.seal for login in storage.logins.read()}
        accounts = Accounts.read(settings.auth, known)
        return Policy(hosts, accounts, Logins(storage.logins, accounts.seals)), None
    if settings.share and not on_spaces():
        accounts, passphrase = Accounts.with_passphrase()
        return Policy(hosts, accounts), passphrase
    return Policy(hosts), None
