"""From what was said to the messages that the chat shows: pure functions, without Gradio.

A message's content is a list of blocks: Markdown for words, HTML for everything of our own making.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.events import Event, Progress, Resulted, TextDelta, fold
from assistant.markdown import outside_code
from assistant.serialization import reply_from_json
from assistant.storage import StoredMessage
from assistant.types import Attachment, Message, Reply, Route
from assistant.ui.markup import bar, escape, excerpt, markdown, percent
from assistant.ui.results import LONGEST, citations_html, passages_html, result_html

MessageDict = dict[str, Any]
Titles = Mapping[str, str]  # tool name → title

KEEP = "keep"  # the value of the button that adds a file to the library
TOOL = "tool:"  # begins the value of a button that sends the turn to another tool

# What the buttons below the last answer offer; a card offers every tool.
COMMON = (
    "documents",
    "sentiment",
    "summarization",
    "moderation",
    "entities",
    "question_answering",
    "conversation",
)

_REFERENCE = re.compile(r"\[(\d{1,3})\](?![(\[:])")


def conversation(
    stored: Sequence[StoredMessage], titles: Titles, conversation_id: str
) -> list[MessageDict]:
    """Return a stored conversation, one message dict for each message, in the same order."""
    return [
        answer(reply_from_json(item.reply), titles, where=(conversation_id, item.id))
        if item.reply is not None
        else question(item.message)
        for item in stored
    ]


def question(message: Message) -> MessageDict:
    """Return what the user said, with the names of attached files above it."""
    content = [_markdown(shown(message.text))] if message.text.strip() else []
    if message.attachments:
        chips = "".join(
            f'<span class="sb-file">{escape(excerpt(item.name, 60))}'
            f"<small>{len(item.text):,} characters</small></span>"
            for item in message.attachments
        )
        content.append(_html(f'<div class="sb-files" aria-label="Attached files">{chips}</div>'))
    return {"role": "user", "content": content or [_markdown("…")]}


def shown(text: str) -> str:
    """Return the text as far as the chat shows it."""
    left = len(text) - LONGEST
    return text if left <= 0 else f"{text[:LONGEST]}\n\n… and {left:,} more characters"


def answer(
    reply: Reply, titles: Titles, *, where: tuple[str, str] | None = None, progress: str = ""
) -> MessageDict:
    """Return an answer: its card, its words, its results, and what supports them.

    ``where`` are the ids of conversation and message once the answer is stored; ``progress`` is
    HTML that stands below an answer still being made.
    """
    anchor = f"source-{where[1]}" if where else "source"
    download = f"/conversations/{where[0]}/messages/{where[1]}/table.csv" if where else None
    content = [_html(card(reply, titles, where[1] if where else None))] if reply.tool else []
    if reply.text.strip():
        content.append(_markdown(_linked(reply, anchor)))
    below = [result_html(result, download) for result in reply.results]
    below.append(citations_html(reply.citations, anchor))
    below.append(passages_html(reply.passages))
    if reply.failed:
        below.append(notice(reply.failed))
    if reply.stopped:
        below.append('<p class="sb-stopped">Stopped here.</p>')
    if where and (reply.text or reply.results):
        below.append('<button type="button" class="sb-copy">Copy</button>')
    joined = "".join(below) + progress
    if joined:
        content.append(_html(joined))
    return {"role": "assistant", "content": content or [_html(waiting())]}


def choices(
    reply: Reply, titles: Titles, attachments: Sequence[Attachment] = ()
) -> list[dict[str, str]]:
    """Return the buttons below the last answer: keep its files, or ask another tool instead."""
    offered = [
        {"value": KEEP, "label": f"Add {excerpt(item.name, 40)} to the library"}
        for item in attachments[:1]
    ]
    likely = [name for name in reply.suggestions if name in titles]
    others = [name for name in COMMON if name in titles and name not in {*likely, reply.tool}]
    offered += [{"value": TOOL + name, "label": f"Did you mean {titles[name]}?"} for name in likely]
    return offered + [{"value": TOOL + name, "label": titles[name]} for name in others]


def live(events: Sequence[Event], titles: Titles) -> MessageDict:
    """Return the answer so far of a turn that is still running."""
    return answer(fold(events), titles, progress=_progress(events))


def card(reply: Reply, titles: Titles, answer_id: str | None = None) -> str:
    """Return the card above an answer: which tool, on which text, how sure, how long, why.

    With the id of a stored answer it offers the other tools. Gradio has buttons below the newest
    answer only; these are in the card of each.
    """
    route = reply.route
    names = " + ".join(titles.get(name, name) for name in (route.tool, *route.also))
    text = f'<q dir="auto">{escape(excerpt(reply.payload))}</q>' if reply.payload.strip() else ""
    sure = (
        f'<span class="sb-sure" title="How sure the router is">{bar(route.score)}'
        f"{escape(percent(route.score))}</span>"
    )
    time = (
        f'<span class="sb-time">{_duration(reply.milliseconds)}</span>'
        if reply.milliseconds
        else ""
    )
    others = _other_tools(reply, titles, answer_id) if answer_id else ""
    return (
        f'<details class="sb-card"><summary><span class="sb-tool sb-tool-{escape(route.tool)}">'
        f'{escape(names)}</span>{text}<span class="sb-facts">{sure}{time}</span></summary>'
        f'<div class="sb-why">{_why(route, titles)}{others}</div></details>'
    )


def notice(sentence: str) -> str:
    """Return a sentence about something that went wrong."""
    return f'<p class="sb-notice" role="alert">{escape(sentence)}</p>'


def trouble(sentence: str) -> MessageDict:
    """Return a message of its own about something that went wrong."""
    return {"role": "assistant", "content": [_html(notice(sentence))]}


def waiting(note: str = "") -> str:
    """Return the moving dots of an answer that has no words yet."""
    label = f"<span>{escape(note)}</span>" if note else ""
    return (
        f'<p class="sb-waiting" role="status" aria-label="Working"><i></i><i></i><i></i>{label}</p>'
    )


def _why(route: Route, titles: Titles) -> str:
    runner_up = titles.get(route.runner_up or "", route.runner_up)
    lines = {
        "Why": route.reason[:1].upper() + route.reason[1:],
        "Asked": route.question or "",
        "Text from": {
            "turn": "",
            "attachment": "the attached file",
            "history": "earlier in this chat",
        }[route.source],
        "Next likely": runner_up or "",
    }
    rows = "".join(
        f'<dt>{name}</dt><dd dir="auto">{escape(excerpt(value, 400))}</dd>'
        for name, value in lines.items()
        if value
    )
    return f"<dl>{rows}</dl>"


def _other_tools(reply: Reply, titles: Titles, answer_id: str) -> str:
    buttons = "".join(
        f'<button type="button" data-tool="{escape(name)}">{escape(title)}</button>'
        for name, title in titles.items()
        if name not in {reply.tool, "help"}
    )
    return f'<p class="sb-others" data-answer="{escape(answer_id)}">Wrong tool? {buttons}</p>'


def _linked(reply: Reply, anchor: str) -> str:
    numbers = {str(citation.number) for citation in reply.citations}

    def link(match: re.Match[str]) -> str:
        number = match[1]
        return f"[\\[{number}\\]](#{anchor}-{number})" if number in numbers else match[0]

    if not numbers:
        return reply.text
    return outside_code(reply.text, lambda words: _REFERENCE.sub(link, words))


def _progress(events: Sequence[Event]) -> str:
    for event in reversed(events):
        if isinstance(event, Progress):
            if not event.total:
                return waiting(event.note)
            share = event.done / event.total
            return (
                f'<p class="sb-progress" role="status">{bar(share)}<span>{escape(event.note)} '
                f"{event.done:,} of {event.total:,}</span></p>"
            )
        if isinstance(event, TextDelta | Resulted):
            return ""
    return waiting()


def _duration(milliseconds: float) -> str:
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.1f} s"


def _markdown(text: str) -> MessageDict:
    return {"type": "text", "text": markdown(text)}


def _html(value: str) -> MessageDict:
    return {
        "type": "component",
        "component": "html",
        "value": value,
        "constructor_args": {},
        "props": {"apply_default_css": False},
    }
