"""Charts as inline SVG: no script, no network, the numbers written next to the marks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval.estimates import Estimate

WIDTH, HEIGHT, MARGIN = 420, 260, 36


def bar(found: Estimate, *, good: bool) -> str:
    """Return a bar from 0 to 1 with its interval as a line. `good` is False where lower is better."""
    if found.value is None:
        return '<span class="none">not measured</span>'
    interval = ""
    if found.low is not None and found.high is not None:
        interval = (
            f'<line x1="{200 * found.low:.1f}" x2="{200 * found.high:.1f}" y1="8" y2="8" class="interval"/>'
            f'<line x1="{200 * found.low:.1f}" x2="{200 * found.low:.1f}" y1="4" y2="12" class="interval"/>'
            f'<line x1="{200 * found.high:.1f}" x2="{200 * found.high:.1f}" y1="4" y2="12" class="interval"/>'
        )
    return (
        f'<svg class="bar" viewBox="-1 0 202 16" width="202" height="16" role="img" aria-label="{found.value:.3f}">'
        f'<rect width="200" height="16" class="track"/>'
        f'<rect width="{200 * min(1.0, max(0.0, found.value)):.1f}" height="16" class="{"good" if good else "bad"}"/>'
        f"{interval}</svg>"
    )


def curve(points: Sequence[tuple[float, float]], *, across: str, up: str, label: str) -> str:
    """Return a stepwise curve over [0, 1] x [0, 1]: risk against coverage."""
    if not points:
        return '<p class="none">nothing to draw: no answer could be judged right or wrong</p>'
    path = " ".join(f"{'L' if n else 'M'}{_x(x):.1f},{_y(y):.1f}" for n, (x, y) in enumerate(points))
    dots = "".join(
        f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="2.5"><title>{x:.2f}, {y:.3f}</title></circle>' for x, y in points
    )
    return _framed(f'<path d="{path}" class="curve"/>{dots}', across, up, label)


def calibration(bins: Sequence[tuple[float, float, int]], *, label: str) -> str:
    """Return the reliability diagram of (mean confidence, share right, answers) for each bin, and the diagonal."""
    if not bins:
        return '<p class="none">nothing to draw: the system reports no confidence</p>'
    most = max(count for _, _, count in bins)
    dots = "".join(
        f'<circle cx="{_x(sure):.1f}" cy="{_y(right):.1f}" r="{3 + 9 * (count / most) ** 0.5:.1f}" class="bubble">'
        f"<title>confidence {sure:.2f}: {right:.2f} right of {count}</title></circle>"
        for sure, right, count in bins
    )
    diagonal = f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" class="guide"/>'
    return _framed(diagonal + dots, "confidence", "share right", label)


def _framed(inside: str, across: str, up: str, label: str) -> str:
    ticks = "".join(
        f'<text x="{_x(t):.1f}" y="{HEIGHT - MARGIN + 16}" text-anchor="middle">{t:g}</text>'
        f'<text x="{MARGIN - 6}" y="{_y(t) + 4:.1f}" text-anchor="end">{t:g}</text>'
        f'<line x1="{_x(0)}" x2="{_x(1)}" y1="{_y(t):.1f}" y2="{_y(t):.1f}" class="grid"/>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{ticks}{inside}'
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 4}" text-anchor="middle">{escape(across)}</text>'
        f'<text x="{MARGIN}" y="14">{escape(up)}</text></svg>'
    )


def _x(value: float) -> float:
    return MARGIN + value * (WIDTH - 2 * MARGIN)


def _y(value: float) -> float:
    return HEIGHT - MARGIN - value * (HEIGHT - 2 * MARGIN)
