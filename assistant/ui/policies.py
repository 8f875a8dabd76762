"""The policy on the page: which one judges, what it says, and the form that makes a new version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.moderation.policies import Policies
from assistant.moderation.policy import STANDARD, Policy
from assistant.ui.comments import QUIET, Update
from assistant.ui.feedback import OwnerOf
from assistant.ui.policy_view import changed, form_html, summary_html
from assistant.ui.toasts import confirm, warn

FORM = (Path(__file__).parent / "policy.js").read_text(encoding="utf-8")


class PolicyChoice:
    """Builds the choice and, where visitors may change policies, the form.

    ``policies`` are asked for when they are needed: the standard one comes with a model.
    """

    def __init__(
        self, policies: Callable[[], Policies], owner_of: OwnerOf, may_change: bool
    ) -> None:
        self._policies = policies
        self._owner_of = owner_of
        self._may_change = may_change
        self.name = gr.Dropdown([STANDARD], value=STANDARD, label="Policy", elem_id="policy")
        self.summary = gr.HTML("", elem_id="policy-summary", apply_default_css=False)
        with gr.Accordion(
            "Edit the policy", open=False, elem_id="policy-editor", visible=may_change
        ) as self.editor:
            self.form = gr.HTML("", js_on_load=FORM, elem_id="policy-form", apply_default_css=False)
        self.parts = [self.name, self.summary, self.form]
        self.name.input(self._choose, self.name, self.parts, **QUIET)
        if may_change:
            self.form.edit(self._save, self.name, self.parts, **QUIET)

    def follow(self, saved: gr.events.Dependency) -> None:
        """Show the policy anew after something else has saved it."""
        saved.then(self._choose, self.name, self.parts, **QUIET)

    def shown(self, label: str) -> Update:
        """Return the policies to choose from, and the one called ``label``."""
        try:
            policies = self._policies()
            policy = policies.get(label or STANDARD)
            known = policies.get(f"{STANDARD}@0").limits
            choices = [choice for name in policies.names() for choice in _choices(policies, name)]
        except AssistantError as error:
            warn(error)
            return {self.form: gr.skip()}
        form = form_html(policy, tuple(known)) if self._may_change else ""
        return {
            self.name: gr.Dropdown(choices, value=label or STANDARD),
            self.summary: summary_html(policy),
            self.form: form,
        }

    def get(self, label: str | None) -> Policy:
        """Return the policy that was chosen.

        Raises:
            AssistantError: there is none of this name, or its file is damaged.
        """
        return self._policies().get(label or STANDARD)

    def _choose(self, label: str) -> Update:
        return self.shown(label)

    def _save(self, label: str, clicked: gr.EventData, request: gr.Request) -> Update:
        form: dict[str, Any] = clicked.form if isinstance(clicked.form, dict) else {}
        try:
            policies, by = self._policies(), self._owner_of(request)
            policy = changed(policies.get(label or STANDARD), form)
            saved = policies.save(policy, note=str(form.get("note", ""))[:1000], by=by)
        except AssistantError as error:
            warn(error)
            return {self.form: gr.skip()}
        confirm(f"{saved.label} is saved. Versions before it are kept.")
        return self.shown(saved.name)


def _choices(policies: Policies, name: str) -> list[str]:
    """Return a policy's name, which is its newest version, and its older versions."""
    versions = policies.versions(name)
    return [name, *(f"{name}@{version}" for version in reversed(versions[:-1]))]
