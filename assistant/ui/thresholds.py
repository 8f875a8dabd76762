"""The threshold workbench on the page: labelled comments in, measured thresholds out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import tables
from assistant.chat import Assistant
from assistant.errors import AssistantError, InputError
from assistant.moderation.curves import Point, curves, labels_of
from assistant.moderation.examples import Examples, from_decisions, read
from assistant.moderation.policies import Policies
from assistant.moderation.policy import STANDARD
from assistant.moderation.scoring import Scorer
from assistant.moderation.workbench import Choice, choose, read_target, with_evidence
from assistant.storage.reviews import Reviews
from assistant.ui.comments import Update, warn
from assistant.ui.feedback import OwnerOf
from assistant.ui.thresholds_view import choice_html, curves_html
from assistant.ui.training_view import refusal_html

HEAVY = "heavy"  # what takes a whole core runs one at a time
FILE, PAST = "A labelled file", "Past decisions"
AMONG = {"harmless": "harmless comments blocked", "blocked": "blocked comments harmless"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Labelled comments with their scores, and the thresholds chosen on them, if any could be."""

    source: str
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
        self.measured = gr.State(Measured(""))
        self.measure.click(
            self._measure,
            [self.origin, self.upload, self.target, self.among],
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
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Update:
        try:
            wanted = read_target(target, "blocked" if among == "blocked" else "harmless")
            scorer = Scorer(self._assistant.models.moderation)
            found = self._examples(self._owner_of(request), origin, upload, scorer.categories)
            texts = [example.comment.text for example in found.examples]
            scored = scorer.score(
                texts, lambda done, total: progress((done, total), desc="scoring")
            )
        except AssistantError as error:
            return self._refused(refusal_html(str(error)))
        harms = [example.harms for example in found.examples]
        named = [name for name in scorer.categories if name not in scorer.experimental]
        scores = {name: [one.scores[name] for one in scored] for name in named}
        points = {name: curves(labels_of(harms, name), line) for name, line in scores.items()}
        try:
            choice = choose(harms, _harmed(scores, points), wanted)
        except InputError as error:
            return self._refused(refusal_html(str(error)) + curves_html(points))
        note = f"<p class='sb-quiet'>{found.left_out:,} rows have no clear label.</p>"
        return {
            self.shown: choice_html(choice)
            + (note if found.left_out else "")
            + curves_html(points, choice.thresholds),
            self.set: gr.Button(visible=True),
            self.measured: Measured(found.source, choice),
        }

    def _refused(self, said: str) -> Update:
        return {
            self.shown: said, self.set: gr.Button(visible=False), self.measured: Measured(""),
        }  # fmt: skip

    def _examples(
        self, owner: str, origin: str, upload: str | None, categories: Sequence[str]
    ) -> Examples:
        if origin == PAST:
            return from_decisions(self._reviews.decisions(owner))
        if not upload:
            raise InputError("There is no labelled file yet. Drop one, or take past decisions.")
        return read(Path(upload), categories, Path(upload).name)

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
                self._assistant.models.label("moderation"),
            )
            note = f"thresholds measured on {measured.source}"[:1000]
            saved = policies.save(policy, note=note, by=self._owner_of(request))
        except AssistantError as error:
            warn(error)
            return label
        gr.Success(f"{saved.label} is saved, with the evidence for its thresholds.")
        return saved.name


def _harmed(
    scores: dict[str, list[float]], points: dict[str, tuple[Point, ...]]
) -> dict[str, list[float]]:
    """Return the scores of the categories that the labels know of; all if they name none."""
    known = {name: line for name, line in scores.items() if points[name][0].harmful}
    return known or scores
