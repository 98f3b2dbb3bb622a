"""Plots as SVG, written by hand: a plotting library would be more to install than all of Bidroom, for two kinds of
plots, and its files are large and change with every run. These are a few KB, and git shows what changed in them.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

from benchmarks.compare import Spread

WIDTH = 760
OURS, THEIRS = "#1f6f5c", "#b0703c"
COLOURS = (OURS, THEIRS, "#4a5fa5", "#8a4a8f", "#7a7a3c", "#555555")


def bars(title: str, unit: str, values: Sequence[tuple[str, Spread, bool]]) -> str:
    """A bar for each (name, spread, whether it is ours), from zero, with a whisker from the least to the greatest."""
    left, right, row = 330, 80, 34
    greatest = max((spread.most for _, spread, _ in values), default=0) or 1
    scale = (WIDTH - left - right) / greatest
    shapes: list[str] = []
    for place, (name, spread, ours) in enumerate(values):
        middle = 52 + place * row + 10
        length = spread.median * scale
        shapes += [
            _text(left - 10, middle + 4, name, "end"),
            f'<rect x="{left}" y="{middle - 10}" width="{length:.1f}" height="20" fill="{OURS if ours else THEIRS}"/>',
            _line(left + spread.least * scale, middle, left + spread.most * scale, middle, "#222", 1.5),
            *(
                _line(left + x * scale, middle - 5, left + x * scale, middle + 5, "#222", 1.5)
                for x in (spread.least, spread.most)
            ),
            _text(left + spread.most * scale + 8, middle + 4, f"{spread.median:,.0f}"),
        ]
    return _svg(f"{title} ({unit})", 60 + len(values) * row, shapes)


def curves(title: str, across: str, up: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """A line for each name through its points; the vertical axis is logarithmic. Names ending in p50 are dashed."""
    left, right, top, height = 70, 230, 50, 280
    points = [point for line in lines.values() for point in line if point[1] > 0]
    if not points:
        return _svg(title, 80, [_text(20, 60, "nothing was measured")])
    most_x = max(x for x, _ in points)
    low = math.floor(math.log10(min(y for _, y in points)))
    high = max(math.ceil(math.log10(max(y for _, y in points))), low + 1)

    def at(x: float, y: float) -> tuple[float, float]:
        share = (math.log10(y) - low) / (high - low)
        return left + x / most_x * (WIDTH - left - right), top + height - share * height

    shapes: list[str] = []
    for power in range(low, high + 1):
        _, y = at(0, 10**power)
        shapes += [_line(left, y, WIDTH - right, y, "#ddd", 1), _text(left - 8, y + 4, f"{10**power:g}", "end")]
    for x in sorted({x for x, _ in points}):
        shapes.append(_text(at(x, 10**low)[0], top + height + 18, f"{x:g}", "middle"))
    for place, (name, line) in enumerate(lines.items()):
        colour, dash = COLOURS[place // 2 % len(COLOURS)], ' stroke-dasharray="5 4"' if name.endswith("p50") else ""
        path = " ".join("{:.1f},{:.1f}".format(*at(x, y)) for x, y in line if y > 0)
        shapes.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        y = top + 12 + place * 20
        shapes.append(f'<path d="M{WIDTH - right + 14} {y - 4}h22" stroke="{colour}" stroke-width="2"{dash}/>')
        shapes.append(_text(WIDTH - right + 42, y, name))
    shapes.append(_text(left, top + height + 38, across))
    return _svg(f"{title} ({up})", top + height + 50, shapes)


def _svg(title: str, height: float, shapes: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="13" fill="#222">'
    )
    background = f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>'
    heading = f'<text x="20" y="28" font-size="16" font-weight="bold">{escape(title)}</text>'
    return "\n".join([head, background, heading, *shapes, "</svg>", ""])


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'
