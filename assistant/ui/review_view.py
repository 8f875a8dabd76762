"""The review queue as HTML: one comment at a time, and what decides on it. No Gradio.

The buttons carry the keys by which ``review.js`` presses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.ui.comment_text import comment_html
from assistant.ui.comments_view import about_html, badge, decisions_html, scores_html
from assistant.ui.markup import escape

if TYPE_CHECKING:
    from assistant.moderation.comments import Comment
    from assistant.moderation.reviews import ReviewItem

LONGEST_NOTE = 500  # characters
KEYS = (
    ("a", "allow", "Allow"),
    ("b", "block", "Block"),
    ("s", "skip", "Skip"),
    ("u", "undo", "Undo"),
)
HELP = (
    '<details class="sb-keys"><summary>Keys</summary><dl>'
    "<dt>a</dt><dd>allow</dd><dt>b</dt><dd>block</dd><dt>s</dt><dd>skip: somebody else decides</dd>"
    "<dt>u</dt><dd>undo your last decision</dd><dt>n</dt><dd>write a note; Enter goes back</dd>"
    "<dt>?</dt><dd>show or hide this</dd></dl></details>"
)


def review_html(item: ReviewItem | None, left: int, moderator: str, answers: Comment | None) -> str:
    """Return the comment to decide on and how many are left; ``answers`` is what it replies to."""
    if item is None:
        return (
            '<div class="sb-queue" data-left="0"><p class="sb-quiet sb-empty" role="status">'
            "Nothing is left to review here.</p>"
            f'<p class="sb-keyed">{_button("u", "undo", "Undo")}</p></div>'
        )
    context = (
        f'<blockquote class="sb-context" dir="auto"><small>In answer to '
        f"<bdi>{escape(answers.author or 'this')}</bdi></small>"
        f"{comment_html(answers.text, (), 600)}</blockquote>"
        if answers
        else ""
    )
    buttons = "".join(_button(*key) for key in KEYS)
    return (
        f'<div class="sb-queue" data-id="{escape(str(item.id))}">'
        f'<p class="sb-count sb-quiet" role="status">{left:,} left to review</p>{context}'
        f'<p class="sb-text sb-said" dir="auto" data-comment>'
        f"{comment_html(item.comment.text, item.spans)}</p>"
        f'<p class="sb-about">{about_html(item)}</p>'
        f'<p class="sb-why-so">{badge(item.verdict)}<span>{escape(item.reason)}</span></p>'
        f"{decisions_html(item, moderator)}<p class='sb-keyed'>{buttons}</p>"
        '<label class="sb-note">Note <kbd>n</kbd><input type="text" data-note '
        f'maxlength="{LONGEST_NOTE}" autocomplete="off"></label>'
        f"{scores_html(item.scores, item.rule)}{HELP}</div>"
    )


def _button(key: str, action: str, words: str) -> str:
    return (
        f'<button type="button" class="sb-press sb-{action}" data-act="{action}" '
        f'data-key="{key}">{words} <kbd>{key}</kbd></button>'
    )
