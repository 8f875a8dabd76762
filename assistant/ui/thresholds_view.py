"""The threshold workbench as HTML: curves of each category, and what chosen thresholds do.

No Gradio.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.moderation.curves import Point
from assistant.moderation.workbench import Choice, Outcome
from assistant.ui.markup import escape, percent

WIDTH, HEIGHT = 240, 120  # units of a drawing, which is stretched to its place
LINES = ("precision", "recall", "wrong")
SAID = {
    "precision": "of what is blocked, harmful",
    "recall": "of the harmful, blocked",
    "wrong": "of the harmless, blocked",
}


def curves_html(
    points: Mapping[str, Sequence[Point]], chosen: Mapping[str, float] | None = None
) -> str:
    """Return for each category what a threshold from 0 to 1 would do; ``chosen`` ones are marked.

    A category of which no comment is harmful has no curve.
    """
    drawn = "".join(
        f"<figure>{_drawing(name, line, (chosen or {}).get(name))}"
        f"<figcaption>{_words(name)}</figcaption></figure>"
        for name, line in points.items()
        if line and line[0].harmful
    )
    legend = "".join(f'<span><i class="sb-{name}"></i>{SAID[name]}</span>' for name in LINES)
    return (
        f'<section class="sb-figures"><h4>What a threshold does, from 0 to 1</h4>'
        f'<div class="sb-histograms sb-thresholds">{drawn}</div>'
        f'<p class="sb-ends sb-quiet">{legend}</p></section>'
        if drawn
        else '<p class="sb-quiet">No comment here is labelled harmful, so there is no curve.</p>'
    )


def outcome_html(policy: str, outcome: Outcome, left_out: int) -> str:
    """Return what a whole policy makes of the labelled comments as it is now."""
    said = "; ".join(
        f"of {sum(counts.values()):,} {kind} comments it would block "
        f"{counts.get('block', 0):,} and review {counts.get('review', 0):,}"
        for kind, counts in (("harmless", outcome.harmless), ("harmful", outcome.harmful))
    )
    left = f" {left_out:,} rows have no text or no clear label." if left_out else ""
    return f"<p><strong>{escape(policy)}</strong> as it is: {said}.{left}</p>"


def choice_html(choice: Choice) -> str:
    """Return the thresholds that keep to a target, and what each does alone and all together."""
    rows = "".join(
        f'<tr><th scope="row">{_words(name)}</th><td class="sb-figure">{threshold:.4g}</td>'
        f"{_cells(choice.points[name])}</tr>"
        for name, threshold in choice.thresholds.items()
    )
    heads = "".join(
        f'<th scope="col" class="sb-figure">{words}</th>'
        for words in ("Block from", "Harmful blocked", "Harmless blocked", "Between", "Precision")
    )
    return (
        f"<p>On {choice.rows:,} labelled comments, <strong>{escape(str(choice.target))}</strong> "
        'is kept by these thresholds:</p><div class="sb-scroll"><table class="sb-table sb-plain">'
        f'<thead><tr><th scope="col">Category</th>{heads}</tr></thead><tbody>{rows}'
        f'<tr><th scope="row">together</th><td></td>{_cells(choice.together)}</tr></tbody></table>'
        "</div><p class='sb-quiet'>Between: the share of harmless comments that would be blocked "
        "lies there with a chance of 95 %.</p>"
    )


def _cells(point: Point) -> str:
    low, high = point.interval
    cells = (
        f"{point.caught:,} of {point.harmful:,}",
        f"{point.wrong:,} of {point.harmless:,}",
        f"{low:.2%} and {high:.2%}",
        percent(point.precision) if point.precision is not None else "–",
    )
    return "".join(f'<td class="sb-figure">{escape(cell)}</td>' for cell in cells)


def _drawing(name: str, points: Sequence[Point], chosen: float | None) -> str:
    shares: dict[str, list[tuple[float, float | None]]] = {
        "precision": [(point.threshold, point.precision) for point in points],
        "recall": [(point.threshold, point.recall) for point in points],
        "wrong": [(point.threshold, point.false_positive_rate) for point in points],
    }
    lines = "".join(
        f'<polyline class="sb-{kind}" points="{" ".join(_places(line))}"/>'
        for kind, line in shares.items()
    )
    mark = f'<line x1="{_x(chosen)}" x2="{_x(chosen)}" y1="0" y2="{HEIGHT}"/>' if chosen else ""
    middle = points[len(points) // 2]
    said = ", ".join(
        f"{percent(share)} {SAID[kind]}"
        for kind, share in (
            ("precision", middle.precision),
            ("recall", middle.recall),
            ("wrong", middle.false_positive_rate),
        )
        if share is not None
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{_words(name)} from {middle.threshold:g}: {escape(said)}">{lines}{mark}</svg>'
    )


def _places(line: Sequence[tuple[float, float | None]]) -> list[str]:
    return [f"{_x(at)},{HEIGHT * (1 - share):.1f}" for at, share in line if share is not None]


def _x(threshold: float) -> str:
    return f"{threshold * WIDTH:.1f}"


def _words(name: str) -> str:
    return escape(name.replace("_", " "))
