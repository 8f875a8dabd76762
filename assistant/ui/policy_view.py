"""A moderation policy as HTML: what it says, and the form that changes it. No Gradio.

``policy.js`` reads the form; ``changed`` makes a policy of what it read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from assistant.errors import InputError
from assistant.moderation.policy import Limits, Policy
from assistant.ui.markup import escape

LONGEST = 100_000  # characters of one list
WORD_LISTS = {
    "blocked_words": "Blocked words",
    "reviewed_words": "Words to review",
    "allowed_words": "Allowed words",
}
AUTHOR_LISTS = {
    "trusted_authors": "Trusted authors, never flagged",
    "blocked_authors": "Blocked authors",
}
RULES = {
    "links": "Comments with a link",
    "only_links": "Comments of links alone",
    "only_emoji": "Comments of emoji alone",
}


def summary_html(policy: Policy) -> str:
    """Return a policy in a few words: its description, and what its rules add to the scores."""
    said = [
        f"{len(getattr(policy, name))} {title.lower()}"
        for name, title in {**WORD_LISTS, **AUTHOR_LISTS}.items()
        if getattr(policy, name)
    ]
    said += [
        f"{title.lower()}: {getattr(policy, name)}"
        for name, title in RULES.items()
        if getattr(policy, name) != "allow"
    ]
    rules = f" <span>{escape('; '.join(said))}.</span>" if said else ""
    return (
        f'<p class="sb-quiet"><strong>{escape(policy.label)}</strong> '
        f"{escape(policy.description)}{rules}</p>"
    )


def form_html(policy: Policy, categories: Sequence[str]) -> str:
    """Return the form of a policy; ``categories`` are all that the model scores."""
    rows = "".join(
        _limits(name, policy.limits.get(name, Limits()))
        for name in dict.fromkeys((*categories, *policy.limits))
    )
    lists = "".join(
        _list(name, title, getattr(policy, name))
        for name, title in {**WORD_LISTS, **AUTHOR_LISTS}.items()
    )
    rules = "".join(_rule(name, title, getattr(policy, name)) for name, title in RULES.items())
    return (
        f'<form class="sb-policy"><div class="sb-fields">{_line("name", "Name", policy.name)}'
        f"{_line('description', 'What it is for', policy.description)}</div>"
        "<fieldset><legend>Scores from which a comment is reviewed or blocked</legend><table class="
        '"sb-limits"><thead><tr><th scope="col">Category</th><th scope="col">Review from</th>'
        f'<th scope="col">Block from</th></tr></thead><tbody>{rows}</tbody></table>'
        '<p class="sb-quiet">From 0 to 1; empty is never.</p></fieldset>'
        f'<fieldset><legend>Lists, one entry a line</legend><div class="sb-fields">{lists}</div>'
        '<p class="sb-quiet">A * at the end of a word stands for any ending.</p></fieldset>'
        f'<fieldset><legend>Links and emoji</legend><div class="sb-fields">{rules}'
        f"{_share(policy.emoji_share)}</div></fieldset>"
        f'<div class="sb-fields">{_line("note", "Why this change", "")}</div>'
        '<button type="submit" class="sb-press sb-save">Save as a new version</button></form>'
    )


def changed(policy: Policy, form: Mapping[str, Any]) -> Policy:
    """Return ``policy`` with what stands in the form.

    Raises:
        InputError: a value does not fit; says which and why.
    """
    limits = {name: _read(policy, name, form) for name in _named(form)}
    values = {
        **policy.model_dump(exclude={"evidence"}),
        **{name: str(form[name]).strip() for name in ("name", "description") if name in form},
        **{name: _entries(form.get(name)) for name in (*WORD_LISTS, *AUTHOR_LISTS)},
        **{name: str(form.get(name, "allow")) for name in RULES},
        "emoji_share": _number(form.get("emoji_share")),
        "limits": limits,
        "evidence": {
            name: evidence
            for name, evidence in policy.evidence.items()
            if limits.get(name) == dict(policy.limits.get(name, Limits()))
        },
    }
    try:
        return Policy.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ", ".join(str(part).replace("_", " ") for part in first["loc"])
        raise InputError(
            f"The policy cannot be saved: at {place}, {str(first['msg'])[:1].lower()}"
            f"{str(first['msg'])[1:]}. Change it and save again."
        ) from error


def _named(form: Mapping[str, Any]) -> list[str]:
    """Return the categories that the form holds."""
    return [name.removeprefix("review:") for name in form if name.startswith("review:")]


def _read(policy: Policy, name: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a category's thresholds; one that reads as it was written stays as exact as it was."""
    before = dict(policy.limits.get(name, Limits()))
    return {
        kind: before[kind]
        if str(form.get(f"{kind}:{name}", "")) == _shown(before[kind])
        else _number(form.get(f"{kind}:{name}"))
        for kind in ("review", "block")
    }


def _shown(score: float | None) -> str:
    return "" if score is None else f"{score:.4g}"


def _number(value: Any) -> Any:
    """Return a number, None for nothing; what is neither stays, for the policy to refuse."""
    text = str(value if value is not None else "").strip().replace(",", ".")
    try:
        return float(text) if text else None
    except ValueError:
        return text


def _entries(value: Any) -> tuple[str, ...]:
    lines = str(value or "")[:LONGEST].splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _line(name: str, title: str, value: str) -> str:
    return (
        f'<label>{title}<input type="text" name="{name}" value="{escape(value)}" '
        'maxlength="300" autocomplete="off"></label>'
    )


def _list(name: str, title: str, entries: Sequence[str]) -> str:
    return (
        f'<label>{title}<textarea name="{name}" rows="3" dir="auto" spellcheck="false">'
        f"{escape(chr(10).join(entries))}</textarea></label>"
    )


def _rule(name: str, title: str, chosen: str) -> str:
    options = "".join(
        f"<option{' selected' if choice == chosen else ''}>{choice}</option>"
        for choice in ("allow", "review", "block")
    )
    return f'<label>{title}<select name="{name}">{options}</select></label>'


def _share(share: float) -> str:
    return (
        '<label>Emoji alone: share of text below<input type="number" name="emoji_share" min="0.5" '
        f'max="0.99" step="0.01" value="{share:g}" required></label>'
    )


def _limits(name: str, limits: Limits) -> str:
    words = name.replace("_", " ")
    cells = "".join(
        f'<td><input type="number" name="{kind}:{escape(name)}" min="0" max="1" step="0.0001" '
        f'value="{_shown(value)}" placeholder="never" '
        f'aria-label="{escape(words)}: {kind} from"></td>'
        for kind, value in (("review", limits.review), ("block", limits.block))
    )
    return f'<tr><th scope="row">{escape(words)}</th>{cells}</tr>'
