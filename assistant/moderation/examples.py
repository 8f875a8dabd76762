"""Comments of which people have said whether they are harmful, to measure thresholds on.

Labels are 0 or 1, ok or toxic, allow or block and the like, or the name of a category; or there is
a column for each category, as in the Jigsaw data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InputError
from assistant.models.hub import CATEGORIES as OTHER_NAMES
from assistant.models.label_moderator import is_harmless
from assistant.moderation.comments import Comment
from assistant.moderation.files import open_file
from assistant.moderation.output import MARKED
from assistant.moderation.reviews import PastDecision

ANY = "any"  # the harm of a comment that is called harmful and no more
LABELS = ("label", "labels", "class", "decision", "action", "target", "harmful")
HARMFUL = frozenset(
    ("1", "yes", "true", "toxic", "harmful", "harm", "block", "blocked", "bad", "reject",
     "rejected", "remove", "removed", "offensive", "abusive", "abuse", "hate", "hateful", "unsafe")
)  # fmt: skip
UNDECIDED = frozenset(("", "review", "skip", "unsure", "?", "-1"))


@dataclass(frozen=True, slots=True)
class Example:
    """A comment and what is harmful in it: categories, or ANY; nothing where it is harmless."""

    comment: Comment
    harms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples of one ``source``; ``left_out`` counts its rows without a text or a clear label."""

    source: str
    examples: tuple[Example, ...]
    left_out: int


def read(
    path: Path,
    categories: Collection[str],
    name: str | None = None,
    text: str | None = None,
    label: str | None = None,
) -> Examples:
    """Read a table of labelled comments.

    Args:
        path: a CSV, Excel, JSON lines or Parquet file.
        categories: what the moderation model scores.
        name: what messages call the file.
        text: the column of texts; found if None.
        label: the column of labels; if None, a column for each category, or one found by its name.

    Raises:
        DocumentError: the file cannot be read.
        InputError: a column is missing, or a label says neither harmless nor harmful.
    """
    source = open_file(path, name, text)
    rest = [column for column in source.columns if column not in source.roles]
    if label is not None and label not in rest:
        raise InputError(
            f"{source.name} has no column of labels {label!r}; its columns are "
            f"{', '.join(source.columns[:20])}."
        )
    columns = [label] if label else _label_columns(source.name, rest, categories)
    return labelled(source.name, source.comments(), columns, categories)


def from_decisions(decisions: Iterable[PastDecision], source: str = "past decisions") -> Examples:
    """Return each comment that moderators allowed or blocked once.

    Only standing decisions count; comments on which they contradict each other are left out.
    """
    comments: dict[str, Comment] = {}
    actions: dict[str, set[str]] = {}
    for decision in decisions:
        if decision.standing and decision.action in ("allow", "block"):
            comments.setdefault(decision.text, Comment(decision.text, author=decision.author))
            actions.setdefault(decision.text, set()).add(decision.action)
    harms = {"allow": frozenset[str](), "block": frozenset((ANY,))}
    clear = {text: found.pop() for text, found in actions.items() if len(found) == 1}
    return Examples(
        source,
        tuple(Example(comments[text], harms[action]) for text, action in clear.items()),
        len(actions) - len(clear),
    )


def labelled(
    source: str,
    comments: Iterable[Comment],
    columns: Sequence[str],
    categories: Collection[str],
) -> Examples:
    """Return the examples of comments whose ``fields`` hold their labels, in these columns.

    Raises:
        InputError: a label says neither harmless nor harmful; names it and its row.
    """
    names = _category_columns(columns, categories)
    one_each = bool(names) and len(names) == len(columns)
    found, left_out = [], 0
    for number, comment in enumerate(comments, start=1):
        if comment.problem or not comment.text.strip():
            left_out += 1
            continue
        cells = {column: comment.fields.get(column, "").strip() for column in columns}
        try:
            if one_each:
                harms = _by_category({names[column]: cell for column, cell in cells.items()})
            else:
                harms = _by_label(cells[columns[0]], categories)
        except ValueError as error:
            raise InputError(
                f"Row {number:,} of {source} is labelled “{str(error)[:60]}”. Labels are 0 or 1, "
                "ok or toxic, allow or block, or the name of a category: "
                f"{', '.join(categories)}."
            ) from None
        if harms is None:
            left_out += 1
        else:
            found.append(Example(comment, harms))
    return Examples(source, tuple(found), left_out)


def _by_category(cells: Mapping[str, str]) -> frozenset[str] | None:
    """Return the categories that are marked, or None if no cell says anything."""
    if not any(cells.values()):
        return None
    return frozenset(name for name, cell in cells.items() if cell and _is_marked(cell))


def _is_marked(cell: str) -> bool:
    """Say what a cell means: words, or a share of raters of whom half or more say so."""
    if cell.casefold() in HARMFUL or is_harmless(cell):
        return cell.casefold() in HARMFUL
    try:
        return float(cell) >= 0.5
    except ValueError:
        raise ValueError(cell) from None


def _by_label(cell: str, categories: Collection[str]) -> frozenset[str] | None:
    plain = _plain(cell)
    category = OTHER_NAMES.get(plain, plain)
    if plain in UNDECIDED:
        return None
    if is_harmless(cell):
        return frozenset()
    if category in categories and plain not in HARMFUL:
        return frozenset((category,))
    return frozenset((ANY,)) if _is_marked(cell) else frozenset()


def _category_columns(columns: Iterable[str], categories: Collection[str]) -> dict[str, str]:
    """Return column → category of those that are named like one."""
    found = {column: OTHER_NAMES.get(_plain(column), _plain(column)) for column in columns}
    return {column: name for column, name in found.items() if name in categories}


def _label_columns(
    source: str, columns: Sequence[str], categories: Collection[str]
) -> Sequence[str]:
    """Return the column of labels, else those of the categories."""
    for wanted in LABELS:
        for column in columns:
            if _plain(column) == wanted:
                return [column]
    found = [*_category_columns(columns, categories)]
    if found and MARKED in columns:
        raise InputError(
            f"{source} holds scores and verdicts of this program, not of people. Add a column "
            "“label” with 0 or 1, or name yours with --label-column."
        )
    if not found:
        raise InputError(
            f"{source} has no column of labels that I know; its columns are "
            f"{', '.join(columns[:20])}. Call it “label”, or name it with --label-column."
        )
    return found


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_")
