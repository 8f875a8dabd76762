"""Learning from decisions on the page: start, watch, read the report, put in use, roll back."""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr

from assistant.chat import Assistant
from assistant.errors import AssistantError
from assistant.models.versions import Versions
from assistant.moderation.classroom import Classroom
from assistant.moderation.learning import learn, put_in_use
from assistant.moderation.learning_report import FILE
from assistant.storage.reviews import Reviews
from assistant.ui import learning_view as view
from assistant.ui.comments import QUIET, Update
from assistant.ui.feedback import OwnerOf
from assistant.ui.history import ACTIONS
from assistant.ui.toasts import confirm, warn

ROLE = "moderation"
TICK = 1.0  # seconds between two looks
REHEARSED = 2000  # open comments that are offered for rehearsing


class Learn:
    """Builds the components and wires them to the classroom."""

    def __init__(
        self, assistant: Assistant, reviews: Reviews, owner_of: OwnerOf, classroom: Classroom
    ) -> None:
        self._assistant = assistant
        self._reviews = reviews
        self._owner_of = owner_of
        self._classroom = classroom
        gr.HTML(view.HEADING, apply_default_css=False)
        self.minutes = gr.Slider(1, 60, 10, step=1, label="At most so many minutes of learning")
        self.start = gr.Button("Learn from decisions", elem_id="learn")
        self.stop = gr.Button("Stop", visible=False, elem_id="stop-learning")
        self.report = gr.HTML("", elem_id="learned", apply_default_css=False)
        self.live = gr.HTML("", js_on_load=ACTIONS, elem_id="live", apply_default_css=False)
        self.timer = gr.Timer(TICK, active=False)
        self.parts = [self.start, self.stop, self.report, self.live, self.timer]
        self.start.click(self._start, self.minutes, self.parts, **QUIET)
        self.stop.click(self._stop, None, self.parts, **QUIET)
        self.timer.tick(self._tick, None, self.parts, **QUIET)
        self.live.edit(self._act, None, self.parts, **QUIET)

    def shown(self, request: gr.Request) -> Update:
        """Return everything there is to see."""
        last = self._classroom.last(self._owner_of(request))
        running = last is not None and last.running
        runs = [
            run
            for run in Versions(self._assistant.settings.data_dir).runs()
            if run.role == ROLE and run.ready
        ]
        learned = {run.name: run.in_use for run in runs if (run.folder / FILE).is_file()}
        going_back = any(run.in_use for run in runs)
        return {
            self.start: gr.Button(visible=not running),
            self.stop: gr.Button(visible=running),
            self.report: view.learning_html(last),
            self.live: view.live_html(self._assistant.models.label(ROLE), learned, going_back),
            self.timer: gr.Timer(active=running),
        }

    def _tick(self, request: gr.Request) -> Update:
        last = self._classroom.last(self._owner_of(request))
        if last is None or not last.running:
            return self.shown(request)
        return {self.report: view.learning_html(last)}

    def _start(self, minutes: float, request: gr.Request) -> Update:
        owner, models = self._owner_of(request), self._assistant.models
        course = partial(
            learn,
            undecided=self._reviews.undecided(owner, limit=REHEARSED),
            minutes=float(minutes),
        )
        try:
            self._classroom.start(
                owner,
                lambda tell, stop: course(
                    self._reviews.decisions(owner),
                    models,
                    self._assistant.settings.data_dir,
                    progress=tell,
                    stop=stop,
                ),
            )
        except AssistantError as error:
            warn(error)
        return self.shown(request)

    def _stop(self, request: gr.Request) -> Update:
        self._classroom.stop()
        return self.shown(request)

    def _act(self, clicked: gr.EventData, request: gr.Request) -> Update:
        """Put a version in use, or go back to the one before."""
        models, data_dir = self._assistant.models, self._assistant.settings.data_dir
        try:
            if clicked.action == "use":
                run: Any = put_in_use(models, data_dir, str(clicked.id))
                confirm(f"{run.name} judges from now on.")
            elif clicked.action == "rollback":
                before = models.rollback(ROLE)
                confirm(f"In use for moderation: {before or 'the shipped model'}.")
        except AssistantError as error:
            warn(error)
        return self.shown(request)
