"""Charts of a moderation as HTML and SVG: verdicts, scores, sentiment, time. No Gradio.

Each says in words what it draws, for those who cannot see it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.ui.markup import bar, escape

VERDICTS = ("allow", "review", "block")
SENTIMENTS = ("positive", "neutral", "negative")
WIDTH, HEIGHT = 240, 72  # units of a small drawing, which is stretched to its place
COLUMNS = 62  # of a drawing over time, at most
DATES = (10, 7, 4)  # characters of a day, a month, a year in ISO 8601
RADIUS, STROKE = 40, 18  # of the ring


@dataclass(frozen=True, slots=True)
class Marks:
    """From which scores a policy reviews and blocks in one category; None is never."""

    review: float | None = None
    block: float | None = None


def verdicts_html(counts: Mapping[str, int]) -> str:
    """Return how many comments have each verdict, as bars."""
    whole = sum(counts.values())
    return _chart("Verdicts", _bars({name: counts.get(name, 0) for name in VERDICTS}, whole))


def sentiment_html(counts: Mapping[str, int], note: str) -> str:
    """Return how many comments are positive, neutral and negative, as a ring and bars."""
    whole = sum(counts.values())
    ordered = {name: counts.get(name, 0) for name in SENTIMENTS}
    drawing = f'<div class="sb-ringed">{_ring(ordered, whole)}{_bars(ordered, whole)}</div>'
    return _chart("Sentiment", drawing, note) if whole else ""


def scores_html(bins: Mapping[str, Sequence[int]], marks: Mapping[str, Marks]) -> str:
    """Return a histogram for each category: comments by score, from 0 at the left to 1.

    ``bins`` are equally wide. Columns are drawn by the logarithm of their counts: nearly every
    comment scores near 0, and the few that do not are what one looks for.
    """
    drawn = "".join(
        f"<figure>{_histogram(name, counts, marks.get(name, Marks()))}"
        f"<figcaption>{escape(_words(name))}</figcaption></figure>"
        for name, counts in bins.items()
    )
    note = "The columns grow with the logarithm of their counts; lines are the policy's thresholds."
    return _chart("Scores", f'<div class="sb-histograms">{drawn}</div>', note) if drawn else ""


def timeline_html(days: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    """Return the verdicts over time, by day, month or year, whatever gives not too many columns.

    ``days`` are dates in ISO 8601 in their order; of fewer than two there is nothing to draw.
    """
    if len(days) < 2:
        return ""
    days = _fewer(days)
    most = max(sum(counts.values()) for _, counts in days) or 1
    step = WIDTH * 2 / len(days)
    columns = "".join(
        _stack(place * step, step, counts, most) for place, (_, counts) in enumerate(days)
    )
    said = "; ".join(
        f"{day}: {sum(counts.values()):,}, of them {counts.get('block', 0):,} block"
        for day, counts in days
    )
    legend = "".join(f'<span><i class="sb-{name}"></i>{name}</span>' for name in VERDICTS)
    return _chart(
        "Over time",
        f'<svg class="sb-time-line" viewBox="0 0 {WIDTH * 2} {HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="Comments over time. {escape(said)}">{columns}</svg>'
        f'<p class="sb-ends sb-quiet"><span>{escape(days[0][0])}</span>{legend}'
        f"<span>{escape(days[-1][0])}</span></p>",
    )


def _fewer(days: Sequence[tuple[str, Mapping[str, int]]]) -> list[tuple[str, Mapping[str, int]]]:
    """Return the counts by the longest part of the dates that does not give too many."""
    summed: dict[str, Counter[str]] = {}
    for length in DATES:
        summed = {}
        for day, counts in days:
            summed.setdefault(day[:length], Counter()).update(counts)
        if len(summed) <= COLUMNS:
            break
    return list(summed.items())


def _chart(title: str, drawing: str, note: str = "") -> str:
    remark = f'<p class="sb-quiet">{escape(note)}</p>' if note else ""
    return f'<section class="sb-figures"><h4>{title}</h4>{drawing}{remark}</section>'


def _bars(counts: Mapping[str, int], whole: int) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{bar(count / (whole or 1), f"sb-{name}")}</td>'
        f"<td>{count:,}</td></tr>"
        for name, count in counts.items()
    )
    return f'<table class="sb-bars sb-counts"><tbody>{rows}</tbody></table>'


def _ring(counts: Mapping[str, int], whole: int) -> str:
    """Return a pie with a hole, each part as long as its share of the circle."""
    around, turned, parts = 2 * math.pi * RADIUS, 0.0, []
    for name, count in counts.items():
        length = around * count / (whole or 1)
        parts.append(
            f'<circle class="sb-{name}" cx="50" cy="50" r="{RADIUS}" stroke-width="{STROKE}" '
            f'stroke-dasharray="{length:.2f} {around:.2f}" stroke-dashoffset="{-turned:.2f}"/>'
        )
        turned += length
    said = ", ".join(f"{name} {count / (whole or 1):.0%}" for name, count in counts.items())
    return (
        f'<svg class="sb-ring" viewBox="0 0 100 100" role="img" aria-label="Sentiment: {said}">'
        f"{''.join(parts)}</svg>"
    )


def _histogram(name: str, counts: Sequence[int], marks: Marks) -> str:
    most = math.log1p(max(counts, default=0)) or 1.0
    step = WIDTH / (len(counts) or 1)
    columns = "".join(
        _box(place * step, HEIGHT * (1 - math.log1p(count) / most), step - 1, HEIGHT, "sb-column")
        for place, count in enumerate(counts)
        if count
    )
    lines = "".join(
        f'<line class="sb-{kind}" x1="{at * WIDTH:.1f}" x2="{at * WIDTH:.1f}" y1="0" '
        f'y2="{HEIGHT}"/>'
        for kind, at in (("review", marks.review), ("block", marks.block))
        if at is not None
    )
    half = len(counts) // 2
    said = (
        f"{_words(name)}: {sum(counts[:half]):,} comments score below 0.5, "
        f"{sum(counts[half:]):,} from there on"
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(said)}">{columns}{lines}</svg>'
    )


def _stack(left: float, step: float, counts: Mapping[str, int], most: int) -> str:
    bottom, boxes = float(HEIGHT), []
    for name in VERDICTS:
        height = HEIGHT * counts.get(name, 0) / most
        if height:
            boxes.append(_box(left, bottom - height, max(step - 1, 0.5), bottom, f"sb-{name}"))
        bottom -= height
    return "".join(boxes)


def _box(left: float, top: float, width: float, bottom: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{bottom - top:.1f}"/>'
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
