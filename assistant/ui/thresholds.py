"""The threshold workbench on the page: labelled comments in, measured thresholds out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import tables
from assistant.chat import Assistant
from assistant.errors import AssistantError, InputError
from assistant.moderation.examples import Examples, from_decisions, read
from assistant.moderation.judging import Judge
from assistant.moderation.policies import Policies
from assistant.moderation.policy import STANDARD
from assistant.moderation.workbench import Bench, Choice, read_target, with_evidence
from assistant.storage.reviews import Reviews
from assistant.ui.comments import Update
from assistant.ui.feedback import OwnerOf
from assistant.ui.thresholds_view import choice_html, curves_html, outcome_html
from assistant.ui.toasts import confirm, warn
from assistant.ui.training_view import refusal_html

HEAVY = "heavy"  # what takes a whole core runs one at a time
FILE, PAST = "A labelled file", "Past decisions"
AMONG = {"harmless": "harmless comments blocked", "blocked": "blocked comments harmless"}


@dataclass(frozen=True, slots=True)
class Measured:
    """The thresholds chosen on a source's comments, scored by a model; None if none could be."""

    source: str = ""
    model: str = ""
    choice: Choice | None = None


class Thresholds:
    """Builds the workbench; what it sets becomes a new version of the policy that is chosen."""

    def __init__(
        self,
        assistant: Assistant,
        reviews: Reviews,
        policies: Callable[[], Policies],
        owner_of: OwnerOf,
        policy: gr.Dropdown,
    ) -> None:
        self._assistant = assistant
        self._reviews = reviews
        self._policies = policies
        self._owner_of = owner_of
        self.origin = gr.Radio([FILE, PAST], value=FILE, label="Measured on")
        self.upload = gr.File(
            label="A table of comments with labels: 0 or 1, ok or toxic, or a column a category",
            file_types=[*tables.READERS, ".gz"],
            elem_id="labelled-comments",
            height=120,
        )
        with gr.Row():
            self.target = gr.Textbox("1/200", label="At most so many wrong", max_length=20)
            self.among = gr.Dropdown(
                [(words, name) for name, words in AMONG.items()], value="harmless", label="of all"
            )
        self.measure = gr.Button("Measure", elem_id="measure-thresholds")
        self.shown = gr.HTML("", elem_id="thresholds", apply_default_css=False)
        self.set = gr.Button("Set these thresholds", visible=False, elem_id="set-thresholds")
        self.measured = gr.State(Measured())
        self.measure.click(
            self._measure,
            [self.origin, self.upload, self.target, self.among, policy],
            [self.shown, self.set, self.measured],
            api_visibility="private",
            concurrency_limit=1,
            concurrency_id=HEAVY,
        )
        self.saved = self.set.click(
            self._set, [self.measured, policy], policy, api_visibility="private"
        )

    def _measure(
        self,
        request: gr.Request,
        origin: str,
        upload: str | None,
        target: str,
        among: str,
        label: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Update:
        models = self._assistant.models
        try:
            wanted = read_target(target, "blocked" if among == "blocked" else "harmless")
            policy = self._policies().get(label or STANDARD)
            found = self._examples(self._owner_of(request), origin, upload)
            bench = Bench(
                found,
                Judge(models.moderation, policy),
                models.label("moderation"),
                lambda done, total: progress((done, total), desc="scoring"),
            )
        except AssistantError as error:
            return self._refused(refusal_html(str(error)))
        names = [name for name, limits in policy.limits.items() if limits.block is not None]
        points = {name: bench.curve(name) for name in names}
        said = outcome_html(policy.label, bench.outcome(policy), bench.left_out)
        try:
            choice = bench.choose(names, wanted)
        except InputError as error:
            return self._refused(said + refusal_html(str(error)) + curves_html(points))
        return {
            self.shown: said + choice_html(choice) + curves_html(points, choice.thresholds),
            self.set: gr.Button(visible=True),
            self.measured: Measured(bench.source, bench.model, choice),
        }

    def _refused(self, said: str) -> Update:
        return {
            self.shown: said, self.set: gr.Button(visible=False), self.measured: Measured(),
        }  # fmt: skip

    def _examples(self, owner: str, origin: str, upload: str | None) -> Examples:
        if origin == PAST:
            return from_decisions(self._reviews.decisions(owner))
        if not upload:
            raise InputError("There is no labelled file yet. Drop one, or take past decisions.")
        return read(Path(upload), self._assistant.models.moderation.categories, Path(upload).name)

    def _set(self, measured: Measured, label: str, request: gr.Request) -> Any:
        """Save the chosen thresholds, with what they rest on, as a new version of the policy."""
        if measured.choice is None:
            return label
        try:
            policies = self._policies()
            policy = with_evidence(
                policies.get(label or STANDARD),
                measured.choice,
                measured.source,
                measured.model,
            )
            note = f"thresholds measured on {measured.source}"[:1000]
            saved = policies.save(policy, note=note, by=self._owner_of(request))
        except AssistantError as error:
            warn(error)
            return label
        confirm(f"{saved.label} is saved, with the evidence for its thresholds.")
        return saved.name
