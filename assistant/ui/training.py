"""The Train tab: choose data, train a classifier on it, watch, read the report, put it in use."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from huggingface_hub import constants

from assistant import tables
from assistant.chat import Assistant
from assistant.errors import AssistantError, InputError
from assistant.models.versions import Versions
from assistant.training import classifiers
from assistant.training.bases import EMBEDDED
from assistant.training.classifiers import Request
from assistant.training.labelled import Labelled
from assistant.training.preparation import prepare
from assistant.training.workshop import Workshop
from assistant.ui import training_view as view
from assistant.ui.history import ACTIONS
from assistant.ui.toasts import confirm, warn
from assistant.ui.training_form import Advanced

TICK = 1.0  # seconds between two looks at a training
HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(:[\w.-]+)?")

Update = dict[Any, Any]  # component → what it shows


class Training:
    """Builds the components and wires them to the workshop."""

    def __init__(self, assistant: Assistant, workshop: Workshop) -> None:
        self._assistant = assistant
        self._workshop = workshop
        self._versions = Versions(assistant.settings.data_dir)
        with gr.Column(elem_id="train"):
            gr.HTML(view.HEADING, apply_default_css=False)
            self._build_data()
            self.name = gr.Textbox(
                label="Name",
                placeholder="such as patents",
                info="Becomes a command: /patents. The names sentiment and moderation replace the "
                "model that ships.",
                elem_id="train-name",
                max_length=41,
            )
            self.advanced = Advanced()
            with gr.Row(elem_id="train-buttons"):
                self.start = gr.Button("Start", variant="primary", elem_id="start-training")
                self.stop = gr.Button("Stop", visible=False, elem_id="stop-training")
            self.progress = gr.HTML("", elem_id="training", apply_default_css=False)
            self.runs = gr.HTML("", js_on_load=ACTIONS, elem_id="runs", apply_default_css=False)
            self.report = gr.Markdown("", elem_id="report", latex_delimiters=[], visible=False)
        self.suggestion = gr.State("")  # the name that the page itself wrote
        self.timer = gr.Timer(TICK, active=False)
        self._wire()

    def _build_data(self) -> None:
        self.upload = gr.File(
            label="Table of texts and labels",
            file_types=[*tables.READERS, ".gz"],
            elem_id="train-data",
            height=132,
        )
        self.hub = gr.Textbox(
            label="Or a data set of the Hugging Face hub",
            placeholder="OWNER/NAME, then Enter",
            info="Out of reach until Switchboard is started with --profile hub."
            if constants.HF_HUB_OFFLINE
            else "Is downloaded, and then works offline.",
            elem_id="train-hub",
            max_length=200,
        )
        with gr.Row(visible=False, elem_id="train-columns") as self.columns:
            self.texts = gr.Dropdown([], label="Texts", elem_id="train-texts")
            self.labels = gr.Dropdown([], label="Labels", elem_id="train-labels")
        self.data = gr.HTML("", elem_id="train-look", apply_default_css=False)

    def _wire(self) -> None:
        quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        chosen: list[Any] = [self.upload, self.hub]
        columns: list[Any] = [self.texts, self.labels]
        looked: list[Any] = [self.columns, *columns, self.data, self.name, self.suggestion]
        gr.on(
            [self.upload.upload, self.upload.clear, self.hub.submit],
            self._choose,
            [*chosen, self.name, self.suggestion],
            looked,
            api_visibility="private",
        )
        gr.on([self.texts.input, self.labels.input], self._look, [*chosen, *columns], self.data,
              **quick)  # fmt: skip
        self.watched = [self.start, self.stop, self.progress, self.runs, self.report, self.timer]
        self.start.click(
            self._start,
            [*chosen, *columns, self.name, *self.advanced.components],
            self.watched,
            **quick,
        )
        self.stop.click(self._stop, None, self.watched, **quick)
        self.timer.tick(self._tick, None, self.watched, **quick)
        self.runs.edit(self._act, None, self.watched, **quick)

    def follow(self, tab: gr.Tab) -> None:
        """Show the state of things when the tab is opened."""
        tab.select(self.shown, None, self.watched, show_progress="hidden", api_visibility="private")

    def shown(self) -> Update:
        """Return everything there is to see of trainings."""
        training = self._workshop.last
        running = training is not None and training.running
        stopping = training is not None and training.state == "stopping"
        seen: Update = {
            self.start: gr.Button(visible=not running),
            self.stop: gr.Button(visible=running, interactive=not stopping),
            self.progress: view.progress_html(training),
            self.runs: view.runs_html(self._versions, training),
            self.timer: gr.Timer(active=running),
        }
        if training is not None and training.run:
            seen[self.report] = self._report(training.run)
        return seen

    def _tick(self) -> Update:
        """Return what may have changed since the last look; everything when the training ends."""
        training = self._workshop.last
        if training is None or not training.running:
            return self.shown()
        return {
            self.progress: view.progress_html(training),
            self.runs: view.runs_html(self._versions, training),
        }

    def _choose(self, upload: str | None, hub: str, name: str, suggestion: str) -> Update:
        """Guess the columns of new data and show what it holds."""
        if not upload and not hub.strip():
            return {self.columns: gr.Row(visible=False), self.data: ""}
        try:
            read = self._request(upload, hub, None, None).read()
        except AssistantError as error:
            return {self.columns: gr.Row(visible=False), self.data: _refusal(error)}
        suggested = suggested_name(read.source)
        return {
            self.columns: gr.Row(visible=True),
            self.texts: gr.Dropdown(list(read.columns), value=read.text_column),
            self.labels: gr.Dropdown(list(read.columns), value=read.label_column),
            self.data: _look_html(read),
            self.name: suggested if name in {"", suggestion} else name,
            self.suggestion: suggested,
        }

    def _look(self, upload: str | None, hub: str, texts: str | None, labels: str | None) -> str:
        try:
            return _look_html(self._request(upload, hub, texts, labels).read())
        except AssistantError as error:
            return _refusal(error)

    def _start(
        self,
        upload: str | None,
        hub: str,
        texts: str | None,
        labels: str | None,
        name: str,
        *advanced: Any,
    ) -> Update:
        try:
            options = self.advanced.options(advanced)
            self._check_base(options.base)
            request = replace(
                self._request(upload, hub, texts, labels), name=name.strip(), options=options
            )
            classifiers.check_name(request.name, self._assistant.tools.reserved())
            self._workshop.start(request, request.look())
        except AssistantError as error:
            warn(error)
            return self.shown()
        return {**self.shown(), self.report: gr.Markdown(visible=False)}

    def _stop(self) -> Update:
        self._workshop.stop()
        return self.shown()

    def _act(self, clicked: gr.EventData) -> Update:
        """Do what a button of a run says: its report, use, resume, roll back."""
        extra: Update = {}
        try:
            run = self._versions.find(str(clicked.id))
            if clicked.action == "report":
                extra = {self.report: self._report(run.name)}
            elif clicked.action == "use":
                self._assistant.models.use(run.name)
                confirm(f"{run.name} is in use: type /{run.role} in the chat.")
            elif clicked.action == "rollback":
                before = self._assistant.models.rollback(run.role)
                confirm(f"In use for {run.role}: {before or view.nothing(run.role)}.")
            elif clicked.action == "resume":
                self._workshop.resume(run)
        except AssistantError as error:
            warn(error)
        return {**self.shown(), **extra}

    def _report(self, run: str) -> gr.Markdown:
        try:
            text = view.report_markdown(self._versions.find(run))
        except AssistantError as error:
            text = f"{error}"
        return gr.Markdown(text, visible=True)

    def _check_base(self, base: str) -> None:
        shared = self._assistant.settings.allow_training  # visitors name no folders of ours
        if base != EMBEDDED and (shared or not Path(base).is_dir()):
            check_hub(base)

    def _request(
        self, upload: str | None, hub: str, texts: str | None, labels: str | None
    ) -> Request:
        """Return the request for the uploaded file, else for the data set on the hub."""
        name = hub.strip()
        if upload:
            return Request("", upload, texts, labels, title=Path(upload).name)
        if not name:
            raise InputError("There is nothing to learn from yet. Choose a table first.")
        check_hub(name)
        return Request("", name, texts, labels)


def check_hub(name: str) -> None:
    """Refuse what is no name on the hub, and any name while the hub is out of reach.

    Raises:
        InputError: says what to do instead.
    """
    if not HUB_NAME.fullmatch(name) or Path(name).exists():
        raise InputError(f"{name!r} is no name on the Hugging Face hub, which is OWNER/NAME.")
    if constants.HF_HUB_OFFLINE:
        raise InputError(
            f"{name} is on the Hugging Face hub, and this Switchboard was started to work offline. "
            "Start it with --profile hub, or train on the command line: "
            "python -m assistant train --help. A table of your own works as it is."
        )


def suggested_name(source: str) -> str:
    """Return a name for a tool that is trained on ``source``, a file or OWNER/NAME."""
    stem = source.rpartition("/")[2].partition(".")[0].partition(":")[0]
    return re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_0123456789")[:41]


def _look_html(read: Labelled) -> str:
    try:
        return view.data_html(prepare(read))
    except AssistantError as error:
        return _refusal(error)


def _refusal(error: AssistantError) -> str:
    return view.refusal_html(str(error))
