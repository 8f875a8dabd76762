"""Where comments come from, on the page: a paste, a file, or a YouTube video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import AssistantError, InputError
from assistant.moderation.files import SUFFIXES, open_file
from assistant.moderation.lines import Lines
from assistant.moderation.sources import Source
from assistant.moderation.youtube import comments
from assistant.ui.comments import QUIET, Update
from assistant.ui.toasts import warn

KINDS = {"paste": "Paste", "file": "File", "video": "YouTube"}


class Intake:
    """Builds the ways in; ``source`` opens the one that is chosen.

    ``key`` is the operator's for YouTube; empty where visitors bring their own.
    """

    def __init__(self, longest: int, key: str) -> None:
        self._key = key
        self.kind = gr.State("paste")
        with gr.Tabs(elem_id="intake"):
            tabs = {}
            with gr.Tab(KINDS["paste"]) as tabs["paste"]:
                self.text = gr.Textbox(
                    label="Comments, one a line",
                    lines=6,
                    max_lines=8,
                    max_length=longest,
                    elem_id="paste-comments",
                )
            with gr.Tab(KINDS["file"]) as tabs["file"]:
                self.upload = gr.File(
                    label="A table of comments: CSV, Excel, JSON lines or Parquet",
                    file_types=list(SUFFIXES),
                    elem_id="comments-file",
                    height=132,
                )
                self.column = gr.Dropdown(
                    [], label="Column of the texts", visible=False, elem_id="comments-column"
                )
            with gr.Tab(KINDS["video"]) as tabs["video"]:
                self._build_video(bool(key))
        for kind, tab in tabs.items():
            tab.select(lambda kind=kind: kind, None, self.kind, **QUIET)
        self.upload.upload(self._look, self.upload, self.column, api_visibility="private")
        self.upload.clear(lambda: gr.Dropdown(visible=False), None, self.column, **QUIET)
        self.components: list[Any] = [
            self.kind, self.text, self.upload, self.column, self.video, self.key, self.page,
        ]  # fmt: skip

    def _build_video(self, has_key: bool) -> None:
        self.video = gr.Textbox(
            label="Video",
            placeholder="https://www.youtube.com/watch?v=…",
            info="Its channel's owner is never flagged. A file of comments that was exported "
            "needs no key: drop it under File.",
            max_length=500,
            elem_id="video",
        )
        with gr.Row():
            self.key = gr.Textbox(
                label="Key of the YouTube Data API",
                placeholder="the one of --youtube-key" if has_key else "",
                type="password",
                max_length=200,
                info="Is used for this reading and kept nowhere.",
                elem_id="video-key",
            )
            self.page = gr.Textbox(
                label="Go on from page",
                max_length=500,
                info="Only after a reading that broke off, which named it.",
                elem_id="video-page",
            )

    def source(self, *values: Any) -> Source:
        """Return where to read the comments that were chosen.

        Raises:
            AssistantError: nothing was given, or it cannot be read.
        """
        kind, text, upload, column, video, key, page = values
        if kind == "file":
            if not upload:
                raise InputError("There is no file yet. Drop one, or paste comments instead.")
            return open_file(Path(upload), Path(upload).name, column or None)
        if kind == "video":
            typed = str(key or "").strip()
            return comments(str(video or ""), typed or self._key, str(page or "").strip())
        return Lines(str(text or ""))

    @staticmethod
    def _look(upload: str) -> Update | dict[str, Any]:
        """Offer the file's columns, the one of the texts chosen."""
        try:
            source = open_file(Path(upload), Path(upload).name)
        except AssistantError as error:
            warn(error)
            return gr.update(visible=False)
        return gr.update(
            choices=list(source.columns), value=source.text_column, visible=len(source.columns) > 1
        )
