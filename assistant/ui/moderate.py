"""The Moderate tab: comments in, judged by a policy, reviewed, charted and downloaded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from assistant.chat import Assistant
from assistant.errors import AssistantError
from assistant.moderation.classroom import Classroom
from assistant.moderation.desk import Desk, Work
from assistant.moderation.judging import Judge
from assistant.moderation.policies import Policies
from assistant.moderation.policy import Policy, standard
from assistant.moderation.reviews import ReviewJob
from assistant.moderation.sources import Source
from assistant.moderation.youtube import VideoSource
from assistant.moderation.youtube_api import DAILY_UNITS
from assistant.storage import Storage
from assistant.ui import moderate_view as words
from assistant.ui.charts import Charts
from assistant.ui.comments import ALL, QUIET, Comments, Filters, Update, View
from assistant.ui.comments_view import PAGE
from assistant.ui.feedback import OwnerOf
from assistant.ui.learning import Learn
from assistant.ui.moderate_intake import Intake
from assistant.ui.policies import PolicyChoice
from assistant.ui.review import Review
from assistant.ui.thresholds import Thresholds
from assistant.ui.toasts import warn

TICK = 1.0  # seconds between two looks at a job
JOBS = 100  # past jobs to choose from


class Moderate:
    """Builds the components and wires them to the desk and the reviews.

    Without a ``classroom`` visitors change neither policies nor models.
    """

    def __init__(
        self,
        assistant: Assistant,
        storage: Storage,
        owner_of: OwnerOf,
        desk: Desk,
        classroom: Classroom | None,
    ) -> None:
        may_change = classroom is not None
        self._assistant = assistant
        self._reviews = storage.reviews
        self._owner_of = owner_of
        self._desk = desk
        view = self.view = gr.State(View())
        with gr.Column(elem_id="moderate"):
            gr.HTML(words.HEADING, apply_default_css=False)
            key = assistant.settings.youtube_key or ""
            self.intake = Intake(assistant.settings.max_text, key if may_change else "")
            self.policy = PolicyChoice(self._policies, owner_of, may_change)
            if may_change:
                with gr.Accordion("Measure thresholds", open=False, elem_id="workbench"):
                    bench = Thresholds(
                        assistant, self._reviews, self._policies, owner_of, self.policy.name
                    )
                self.policy.follow(bench.saved)
            else:
                gr.HTML(words.CLOSED, apply_default_css=False)
            with gr.Row():
                self.start = gr.Button("Moderate", variant="primary", elem_id="start-moderation")
                self.stop = gr.Button("Stop", visible=False, elem_id="stop-moderation")
            self.progress = gr.HTML("", elem_id="moderation", apply_default_css=False)
            with gr.Column(visible=False, elem_id="judged") as self.results:
                self.job = gr.Dropdown([], label="Comments of", elem_id="job")
                self.filters = Filters()
                self.part = gr.State("comments")
                with gr.Tabs(elem_id="judged-parts"):
                    with gr.Tab("Comments") as comments_tab:
                        self.comments = Comments(self._reviews, owner_of, view)
                    with gr.Tab("Review") as review_tab:
                        self.review = Review(self._reviews, owner_of, view)
                    with gr.Tab("Charts") as charts_tab:
                        self.charts = Charts(self._reviews, owner_of, view)
                    if classroom is not None:
                        with gr.Tab("Learn") as learn_tab:
                            learn = Learn(assistant, self._reviews, owner_of, classroom)
                        learn_tab.select(learn.shown, None, learn.parts, **QUIET)
        self.timer = gr.Timer(TICK, active=False)
        self._wire({"comments": comments_tab, "review": review_tab, "charts": charts_tab})

    def _wire(self, tabs: dict[str, gr.Tab]) -> None:
        self.parts = [
            self.part, *self.comments.shown_parts, self.review.card, self.charts.page,
        ]  # fmt: skip
        self.watched = [
            self.start, self.stop, self.progress, self.results, self.job, self.timer, *self.parts,
        ]  # fmt: skip
        self.all = [*self.watched, *self.policy.parts, self.filters.category]
        seen = [self.part, self.view, self.review.second]
        inputs = [*self.intake.components, self.policy.name]
        self.start.click(self._start, [*inputs, *seen], self.watched, **QUIET)
        self.stop.click(self._stop, None, [self.stop, self.progress], **QUIET)
        self.timer.tick(self._tick, seen, self.watched, **QUIET)
        # What was done to all may have emptied the job.
        self.comments.acted.then(self._tick, seen, self.watched, **QUIET)
        narrowing = [self.job.input, *self.filters.changed]
        chosen = [self.job, *self.filters.components]
        gr.on(narrowing, self._narrow, [*chosen, *seen], self.parts, **QUIET)
        for part, tab in tabs.items():
            waiting = {"show_progress": "minimal", "show_progress_on": self.charts.page}
            slow = QUIET | waiting if part == "charts" else QUIET
            tab.select(self._opener(part), seen[1:], self.parts, **slow)

    def follow(self, tab: gr.Tab) -> None:
        """Show the state of things when the tab is opened."""
        inputs = [self.part, self.view, self.review.second, self.policy.name]
        tab.select(self.shown, inputs, self.all, **QUIET)

    def shown(self, part: str, view: View, second: bool, label: str, request: gr.Request) -> Update:
        """Return all there is to see."""
        policies = self.policy.shown(label)
        known = self._policies().get(label).limits
        category = gr.Dropdown([ALL, *known])
        return {
            **policies, self.filters.category: category,
            **self._watched(part, view, second, request),
        }  # fmt: skip

    def _policies(self) -> Policies:
        model = self._assistant.models.moderation
        usual = standard(model.thresholds, model.experimental)
        return Policies(self._assistant.settings.data_dir, usual)

    def _watched(self, part: str, view: View, second: bool, request: gr.Request) -> Update:
        """Return the job at work and the jobs there are, and what is shown of one."""
        owner = self._owner_of(request)
        work = self._desk.last(owner)
        running = work is not None and work.running
        stopping = work is not None and work.state == "stopping"
        jobs = self._reviews.jobs(owner)[:JOBS]
        known = {job.id for job in jobs}
        if view.job not in known:
            view = View(work.job if work and work.job in known else jobs[0].id if jobs else "")
        return {
            self.start: gr.Button(visible=not running),
            self.stop: gr.Button(visible=running, interactive=not stopping),
            self.progress: words.work_html(work),
            self.results: gr.Column(visible=bool(jobs)),
            self.job: gr.Dropdown([(_title(job), job.id) for job in jobs], value=view.job or None),
            self.timer: gr.Timer(active=running),
            **self._part(part, view, second, request),
        }

    def _part(self, part: str, view: View, second: bool, request: gr.Request) -> Update:
        """Return the part that is open: the table, the queue or the charts."""
        owner = self._owner_of(request)
        if part == "review":
            return {self.view: view, self.review.card: self.review.shown(view, second, request)}
        if part == "charts":
            job = next((job for job in self._reviews.jobs(owner) if job.id == view.job), None)
            policy = self.policy.get(job.policy if job else None)
            return {self.view: view, self.charts.page: self.charts.shown(view, policy, request)}
        return self.comments.shown(owner, view)

    def _opener(self, part: str) -> Callable[..., Update]:
        def opened(view: View, second: bool, request: gr.Request) -> Update:
            return {self.part: part, **self._part(part, view, second, request)}

        return opened

    def _narrow(self, request: gr.Request, job: str | None, *values: Any) -> Update:
        *chosen, part, _, second = values
        return self._part(part, Filters.view(job, *chosen), second, request)

    def _start(self, request: gr.Request, *values: Any) -> Update:
        """Begin to judge what was given."""
        *given, label, part, view, second = values
        owner = self._owner_of(request)
        try:
            self._desk.check(owner)
            source = self.intake.source(*given)
            policy = _trusting(self.policy.get(label), source)
            models = self._assistant.models
            judge = Judge(models.moderation, policy)
            job = self._reviews.begin(owner, source.name, policy.label, models.label("moderation"))
            work = Work(job, source.name)
            keep = partial(self._reviews.add, owner, job)
            self._desk.start(owner, work, source, judge, keep, partial(_quota, source))
        except AssistantError as error:
            warn(error)
            return self._watched(part, view, second, request)
        return self._watched(part, View(job), second, request)

    def _stop(self, request: gr.Request) -> Update:
        owner = self._owner_of(request)
        self._desk.stop(owner)
        return {
            self.stop: gr.Button(interactive=False),
            self.progress: words.work_html(self._desk.last(owner)),
        }

    def _tick(self, part: str, view: View, second: bool, request: gr.Request) -> Update:
        """Return what may have changed since the last look; everything when the job ends."""
        owner = self._owner_of(request)
        work = self._desk.last(owner)
        if work is None or not work.running:
            return self._watched(part, view, second, request)
        seen: Update = {self.progress: words.work_html(work)}
        if part == "comments" and view.job == work.job and view.rows < min(work.done, PAGE):
            seen |= self.comments.shown(owner, view)
        return seen


def _trusting(policy: Policy, source: Source) -> Policy:
    """Return the policy; to the owner of a video's channel it is never applied."""
    if not isinstance(source, VideoSource) or not source.owner:
        return policy
    return policy.model_copy(update={"trusted_authors": (*policy.trusted_authors, source.owner)})


def _quota(source: Source) -> str:
    """Return what reading a video has cost."""
    if not isinstance(source, VideoSource):
        return ""
    return f"Of the key's quota, usually {DAILY_UNITS:,} units a day, {source.units:,} were used."


def _title(job: ReviewJob) -> str:
    when = job.created.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{job.title} · {job.items:,} comments · {job.policy} · {when}"
