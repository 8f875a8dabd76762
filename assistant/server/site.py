"""One whole site: assistant, storage and application, assembled from the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.environment import import_gradio, on_spaces, prepare
from assistant.owners import owner_of
from assistant.server.accounts import Accounts
from assistant.server.application import Policy, create
from assistant.server.hosts import LOCAL, Hosts
from assistant.server.logins import Logins
from assistant.server.warmup import WarmUp
from assistant.settings import Settings
from assistant.storage import Storage

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.chat import Assistant
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
    passphrase: str | None

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
    import_gradio()
    storage = Storage.from_settings(settings)
    policy, passphrase = _policy(settings, storage)

    from assistant.chat import Assistant
    from assistant.moderation.desk import Desk
    from assistant.training.workshop import Workshop
    from assistant.ui import page

    assistant = assistant or Assistant.from_settings(settings)
    warm_up = WarmUp(assistant.warm)
    workshop = Workshop(settings.data_dir, lambda: assistant.models.encoder)
    desk = Desk()
    trainer = workshop if may_train(settings) else None
    blocks = page.build(assistant, storage, owner_of, trainer, desk)
    app = create(blocks, storage, settings, policy, warm_up, page.look())
    return Site(settings, app, assistant, storage, policy, warm_up, workshop, desk, passphrase)


def may_train(settings: Settings) -> bool:
    """Say whether visitors may train: on this computer always, else only if that is allowed."""
    elsewhere = settings.host not in LOCAL or bool(settings.allowed_hosts) or on_spaces()
    shared = settings.share or settings.auth is not None or elsewhere
    return settings.allow_training or not shared


def _policy(settings: Settings, storage: Storage) -> tuple[Policy, str | None]:
    names = settings.allowed_hosts.split(",")
    if on_spaces():
        names.append(os.environ.get("SPACE_HOST", ""))
    hosts = Hosts(settings.host, names)
    if settings.auth:
        known = {login.name: login.seal for login in storage.logins.read()}
        accounts = Accounts.read(settings.auth, known)
        return Policy(hosts, accounts, Logins(storage.logins, accounts.seals)), None
    if settings.share and not on_spaces():
        accounts, passphrase = Accounts.with_passphrase()
        return Policy(hosts, accounts), passphrase
    return Policy(hosts), None
