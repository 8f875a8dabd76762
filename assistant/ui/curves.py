"""The course of a training as a drawing: loss and validation loss over the share done."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.training.options import Point

WIDTH, HEIGHT = 600, 160  # units of the drawing, which is stretched to the page


def curves_html(points: Sequence[Point]) -> str:
    """Return both curves with a legend, nothing while there are not two points of either."""
    lines = {
        "training": [(point.done, point.loss) for point in points if point.loss is not None],
        "validation": [
            (point.done, point.validation_loss)
            for point in points
            if point.validation_loss is not None
        ],
    }
    most = max((loss for line in lines.values() for _, loss in line), default=0.0)
    if most <= 0 or max(map(len, lines.values())) < 2:
        return ""
    drawn = "".join(_line(name, line, most) for name, line in lines.items())
    legend = "".join(
        f"<span><i class='sb-{name}'></i>{name} loss {line[-1][1]:.3f}</span>"
        for name, line in lines.items()
        if line
    )
    return (
        f'<figure class="sb-curves"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'preserveAspectRatio="none" aria-label="Loss over the training">{drawn}</svg>'
        f'<figcaption class="sb-quiet"><span>from {most:.2f} down to 0</span>{legend}'
        "</figcaption></figure>"
    )


def _line(name: str, line: Sequence[tuple[float, float]], most: float) -> str:
    places = " ".join(f"{done * WIDTH:.1f},{HEIGHT * (1 - loss / most):.1f}" for done, loss in line)
    return f'<polyline class="sb-{name}" points="{places}"/>'
