"""The button "Test my documents": asks the library questions about itself and shows the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant.chat import Assistant
from assistant.errors import AssistantError
from assistant.evaluation.own_documents import MOST, QUESTIONS, Report, examine
from assistant.ui.documents_view import progress_html
from assistant.ui.own_test_view import report_html
from assistant.ui.toasts import warn
from assistant.ui.work import Stops

Update = dict[Any, Any]  # component → what it shows


class OwnTest:
    """Builds the buttons, and where it is called for the report."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._stops = Stops()
        self.start = gr.Button("Test my documents", size="md", elem_id="test-documents")
        self.stop = gr.Button("Stop the test", visible=False, size="md", elem_id="stop-test")
        self.count = gr.Number(
            QUESTIONS,
            label="questions",
            minimum=5,
            maximum=MOST,
            precision=0,
            elem_id="test-questions",
        )

    def build_report(self, collections: gr.Dropdown) -> None:
        """Show the report here; tested are the ``collections`` that the chat is limited to."""
        self.report = gr.HTML("", elem_id="own-test", apply_default_css=False)
        still: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        shown = [self.start, self.stop, self.report]
        self.start.click(self._test, [self.count, collections], shown, **still)
        self.stop.click(self._stop, None, self.stop, **still)

    def _stop(self, request: gr.Request) -> gr.Button:
        self._stops.stop(request.session_hash)
        return gr.Button("Stopping …", interactive=False)

    def _test(
        self, count: float | None, collections: list[str] | None, request: gr.Request
    ) -> Iterator[Update]:
        """Ask and show the report so far, again and again; what was measured stays at a stop."""
        stop = self._stops.begin(request.session_hash)
        yield {
            self.start: gr.Button(visible=False),
            self.stop: gr.Button("Stop the test", visible=True, interactive=True),
            self.report: progress_html(0, 0, "making questions of your documents"),
        }
        report: Report | None = None
        try:
            for report in examine(
                self._assistant.library,
                self._assistant.models,
                int(count or QUESTIONS),
                collections=collections or (),
            ):
                if stop.is_set():
                    break
                yield {self.report: report_html(report, "Testing …")}
        except AssistantError as error:
            warn(error)
        ended: Update = {self.start: gr.Button(visible=True), self.stop: gr.Button(visible=False)}
        if report is None:
            yield {**ended, self.report: ""}
            return
        whole = len(report.outcomes) == report.planned
        yield {**ended, self.report: report_html(report, "Tested." if whole else "Stopped.")}
