"""The course of a training as a drawing: loss and validation loss over the share done."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.training.options import Point

WIDTH, HEIGHT, MARGIN = 600, 160, 12  # units of the drawing, which is stretched to the page


def curves_html(points: Sequence[Point], until: float = 1.0) -> str:
    """Return both curves with a legend, nothing while there are not two points of either.

    The drawing ends at ``until``, a share of the training.
    """
    lines = {
        "training": [(point.done, point.loss) for point in points if point.loss is not None],
        "validation": [
            (point.done, point.validation_loss)
            for point in points
            if point.validation_loss is not None
        ],
    }
    most = max((loss for line in lines.values() for _, loss in line), default=0.0)
    if most <= 0 or until <= 0 or max(map(len, lines.values())) < 2:
        return ""
    drawn = "".join(
        _line(name, [(done / until, loss / most) for done, loss in line])
        for name, line in lines.items()
    )
    legend = "".join(
        f"<span><i class='sb-{name}'></i>{name} loss {line[-1][1]:.3f}</span>"
        for name, line in lines.items()
        if line
    )
    return (
        f'<figure class="sb-curves"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'preserveAspectRatio="none" aria-label="Loss over the training">{drawn}</svg>'
        f'<figcaption class="sb-quiet">{legend}<span>highest {most:.3f}</span>'
        "</figcaption></figure>"
    )


def _line(name: str, shares: Sequence[tuple[float, float]]) -> str:
    """Return the line through the points, each also a dot: one alone has no line."""
    places = [
        f"{MARGIN + x * (WIDTH - 2 * MARGIN):.1f},{HEIGHT - MARGIN - y * (HEIGHT - 2 * MARGIN):.1f}"
        for x, y in shares
    ]
    dots = "".join(f"M{place}h0" for place in places)
    return (
        f'<polyline class="sb-{name}" points="{" ".join(places)}"/>'
        f'<path class="sb-{name}" d="{dots}"/>'
    )
